"""The head view's links against hand-made rows: which lines, how strong, and what they leave out."""

import numpy as np
import pytest

from viz.head_view import LEVELS, payload, strongest, strongest_list
from viz.head_view_drawing import drawing
from viz.payload import unpack

ROWS = np.array([[0.5, 0.2, 0.3, 0.0, 0.0], [0.1, 0.1, 0.1, 0.1, 0.6], [0.25, 0.0, 0.0, 0.25, 0.0]], dtype=np.float32)


def test_the_greatest_weights_of_each_query_come_first_and_ties_in_the_keys_order():
    links = strongest(ROWS, 2)
    np.testing.assert_array_equal(links.keys, [[0, 2], [4, 0], [0, 3]])
    np.testing.assert_allclose(links.weights, [[0.5, 0.3], [0.6, 0.1], [0.25, 0.25]])


def test_hidden_mass_is_what_is_not_drawn_and_missing_mass_what_the_row_lacks():
    links = strongest(ROWS, 2)
    np.testing.assert_allclose(links.hidden, [0.2, 0.3, 0.0], atol=1e-7)
    np.testing.assert_allclose(links.missing, [0.0, 0.0, 0.5], atol=1e-7)


def test_drawn_hidden_and_missing_mass_make_one():
    random = np.random.default_rng(3).random((11, 17)).astype(np.float32)
    random /= random.sum(axis=1, keepdims=True) * 1.25
    links = strongest(random, 5)
    np.testing.assert_allclose(links.weights.sum(axis=1) + links.hidden + links.missing, 1, atol=1e-6)
    np.testing.assert_allclose(links.missing, 0.2, atol=1e-6)
    np.testing.assert_allclose(np.sort(random, axis=1)[:, ::-1][:, :5], links.weights)


def test_undefined_weights_are_no_links():
    links = strongest(np.array([[np.nan, 0.75, np.nan]]), 3)
    assert links.keys[0, 0] == 1
    np.testing.assert_allclose(links.weights, [[0.75, 0, 0]])
    assert links.missing[0] == pytest.approx(0.25)


def test_more_lines_than_keys_draw_every_key():
    assert strongest(ROWS, 99).keys.shape == (3, 5)
    np.testing.assert_allclose(strongest(ROWS, 99).hidden, 0, atol=1e-7)


def test_the_bytes_hold_each_heads_links_in_order():
    maps = {"head 2": ROWS, "head 7": ROWS[:, ::-1]}
    meta, arrays = unpack(payload(list("abc"), list("vwxyz"), maps, top=2))
    assert meta["heads"] == ["head 2", "head 7"] and len(arrays) == 8
    np.testing.assert_array_equal(arrays[4].reshape(3, 2), [[4, 2], [0, 1], [1, 4]])
    np.testing.assert_allclose(arrays[5].reshape(3, 2)[0] / LEVELS, [0.5, 0.3], atol=1 / LEVELS)
    np.testing.assert_allclose(arrays[6] / LEVELS, [0.2, 0.3, 0], atol=1 / LEVELS)
    np.testing.assert_allclose(arrays[7] / LEVELS, [0, 0, 0.5], atol=1 / LEVELS)


def test_tokens_travel_as_they_are_and_invisible_ones_are_named():
    meta, _ = unpack(payload(["<b>", "\u200b", "", " a"], ["x"], {"h": np.ones((4, 1))}))
    assert meta["queries"] == ["<b>", "U+200B", "(empty)", "␣a"]


def test_the_list_names_the_strongest_links_of_all_heads():
    links = {"one": strongest(ROWS, 2), "two": strongest(ROWS[:, ::-1] * 0.9, 2)}
    found = strongest_list(list("abc"), list("vwxyz"), links, count=3)
    assert [row[:5] for row in found] == [
        ("one", 1, "b", 4, "z"),
        ("two", 1, "b", 0, "v"),
        ("one", 0, "a", 0, "v"),
    ]
    np.testing.assert_allclose([row[5] for row in found], [0.6, 0.54, 0.5], rtol=1e-6)


def test_twelve_heads_of_512_tokens_weigh_less_than_300_kilobytes():
    words = [f"w{at % 13}" for at in range(512)]
    flat = np.full((512, 512), 1 / 512, dtype=np.float32)
    assert len(payload(words, words, {f"head {at}": flat for at in range(12)})) < 300_000


@pytest.mark.parametrize(
    ("maps", "settings", "message"),
    [
        ({"a": ROWS.T}, {}, r"a: wanted weights of shape \(3, 5\); got \(5, 3\)"),
        ({}, {}, "at least one map; got 3, 5 and 0 maps"),
        ({"a": ROWS}, {"marked": 3}, "marked query must be from 0 to 2; got 3"),
        ({"a": ROWS}, {"top": 0}, "at least one line a query; got 0"),
    ],
)
def test_bad_input_is_refused_with_wanted_and_got(maps, settings, message):
    with pytest.raises(ValueError, match=message):
        payload(list("abc"), list("vwxyz"), maps, **settings)


def test_columns_may_be_called_target_and_source():
    maps = {"head 1": np.full((2, 3), 1 / 3, np.float32)}
    tokens = ("a", "b"), ("c", "d", "e")
    assert unpack(payload(*tokens, maps))[0]["names"] == ["query", "key"]
    assert unpack(payload(*tokens, maps, names=("target", "source")))[0]["names"] == ["target", "source"]


def test_raw_pieces_travel_where_they_differ_from_the_text_and_a_sink_has_none():
    maps = {"head 1": np.full((3, 4), 1 / 4, np.float32)}
    tokens, pieces = ("the", "go", "ing"), ("the", "go", "##ing")
    meta, _ = unpack(payload(tokens, (*tokens, "[sink]"), maps, pieces=(pieces, pieces)))
    assert meta["pieces"] == [["", "", "##ing"], ["", "", "##ing", ""]]
    assert unpack(payload(tokens, (*tokens, "[sink]"), maps))[0]["pieces"] == [[""] * 3, [""] * 4]


def test_the_drawings_tooltips_say_the_raw_pieces():
    maps = {"head 1": np.full((1, 2), 1 / 2, np.float32)}
    titles = drawing(["ing"], ["ing", "[sink]"], maps, pieces=(["<ing"], ["##ing"]))
    assert "<title>ing · piece &lt;ing</title>" in titles
    assert "<title>ing · piece ##ing</title>" in titles
    assert "<title>[sink]</title>" in titles
