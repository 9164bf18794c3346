"""The heat map: exact up to 512 tokens, no peak lost beyond, nothing forbidden drawn as zero."""

import numpy as np
import pytest

from viz.heatmap import block, heatmap, opened, pooling, removed, view


def random(rows, columns, seed=3):
    return np.random.default_rng(seed).random((rows, columns)).astype(np.float32)


def words(count):
    return [f"w{at % 13}" for at in range(count)]


def test_up_to_512_tokens_every_weight_is_drawn():
    weights = random(512, 511)
    seen = view(weights, words(512), words(511))
    np.testing.assert_array_equal(seen.values, weights)
    assert seen.blocks == (1, 1) and pooling(512, 511) == ""


def test_beyond_a_block_shows_its_greatest_weight_and_the_last_block_may_be_shorter():
    weights = random(521, 7)
    seen = view(weights, words(521), words(7))
    assert seen.blocks == (3, 1) and seen.values.shape == (174, 7)
    np.testing.assert_array_equal(seen.values[3], weights[9:12].max(axis=0))
    np.testing.assert_array_equal(seen.values[173], weights[519:].max(axis=0))
    assert seen.rows[3] == "10–12 w9 … w11" and seen.rows[173] == "520–521 w12 … w0"


@pytest.mark.parametrize("length", [513, 769, 1031, 4096])
def test_a_single_peak_survives_the_pooling(length):
    weights = np.zeros((length, length), dtype=np.float32)
    weights[length - 2, 17] = 0.875
    seen = view(weights, words(length), words(length))
    size = block(length)
    assert max(seen.values.shape) <= 256
    assert np.argwhere(seen.values == 0.875).tolist() == [[(length - 2) // size, 17 // size]]


def test_the_pooling_is_said_with_its_numbers():
    assert pooling(4096, 600).startswith("Each cell shows the greatest of 16 × 3 weights (4,096 queries, 600 keys).")


def test_a_window_is_opened_at_full_resolution():
    weights = random(1031, 1031)
    seen = view(weights, words(1031), words(1031), window=((1000, 1031), (5, 505)))
    np.testing.assert_array_equal(seen.values, weights[1000:1031, 5:505])
    assert seen.blocks == (1, 1) and seen.rows[0] == words(1031)[1000]


def test_what_is_not_allowed_is_undefined_and_hatched():
    weights = np.tril(random(7, 7))
    figure = heatmap(weights, words(7), words(7), limits=(0, 1), log=False, allowed=np.tri(7, dtype=bool))
    hatched, cells = figure.data
    assert hatched.fillpattern.shape == "/"
    np.testing.assert_array_equal(np.isnan(cells.z), ~np.tri(7, dtype=bool))


def test_a_block_is_undefined_only_where_all_of_it_is():
    allowed = np.tri(520, dtype=bool)
    seen = view(np.where(allowed, 0.5, 0), words(520), words(520), allowed=allowed)
    assert seen.values[0, 0] == 0.5 and np.isnan(seen.values[0, 1]) and not np.isnan(seen.values[1, 1])


def test_special_tokens_are_left_out_and_their_mass_is_stated():
    weights = np.array([[1, 0, 0], [0.6, 0.3, 0.1], [0.2, 0.2, 0.6]])
    flags = ([True, False, False], [True, False, False])
    seen = view(weights, list("[ab"), list("[ab"), special=flags)
    np.testing.assert_allclose(seen.values, [[0.3, 0.1], [0.2, 0.6]])
    assert seen.rows == ("a", "b")
    assert removed(weights, flags) == pytest.approx(0.4)


def test_the_hover_says_a_tokens_own_position_in_a_window():
    figure = heatmap(random(7, 7), words(7), words(7), limits=(0, 1), log=False, window=((3, 7), (2, 5)))
    assert figure.layout.yaxis.labelalias["0"] == "4 w3"
    assert figure.layout.xaxis.labelalias["2"] == "5 w4"
    assert all(value % 1 for value in figure.layout.xaxis.tickvals)  # beside the index: the hover takes the names


def test_blocks_have_their_positions_as_ticks_and_their_tokens_in_the_hover():
    figure = heatmap(random(521, 7), words(521), words(7), limits=(0, 1), log=False)
    assert figure.layout.yaxis.ticktext[0] == "1–3" and figure.layout.yaxis.labelalias["0"] == "1–3 w0 … w2"
    assert figure.layout.xaxis.ticktext[0] == "w0"


@pytest.mark.parametrize("log", [False, True])
def test_4096_tokens_weigh_less_than_a_megabyte(log):
    weights = np.exp(8 * random(4096, 4096))
    weights /= weights.sum(axis=1, keepdims=True)
    figure = heatmap(weights, words(4096), words(4096), limits=(1e-4, 1), log=log)
    figure.layout.template = None
    assert len(figure.to_json()) < 1_000_000


def test_the_input_is_not_changed():
    weights = random(521, 521)
    before = weights.copy()
    heatmap(weights, words(521), words(521), limits=(1e-4, 1), log=True, allowed=np.tri(521, dtype=bool))
    np.testing.assert_array_equal(weights, before)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"window": ((0, 8), (0, 7))}, "within 0 and 7; got 0 to 8"),
        ({"window": ((3, 3), (0, 7))}, "within 0 and 7; got 3 to 3"),
        ({"special": ([False] * 5, [False] * 7)}, "wanted 7 flags of special tokens; got 5"),
        ({"special": ([True] * 7, [False] * 7)}, "all tokens of this window are special"),
    ],
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        heatmap(random(7, 7), words(7), words(7), limits=(0, 1), log=False, **settings)


def test_a_wrong_shape_says_wanted_and_got():
    with pytest.raises(ValueError, match=r"wanted weights of shape \(5, 7\); got \(7, 5\)"):
        heatmap(random(7, 5), words(5), words(7), limits=(0, 1), log=False)


def test_a_box_opens_the_tokens_that_it_covers():
    assert opened(((2.6, 4.4), (9.7, 11.2)), (4096, 4096), None) == ((48, 80), (160, 192))  # blocks of 16 tokens


def test_a_box_within_a_window_counts_from_the_window():
    window = ((100, 300), (1024, 4096))
    assert opened(((10.4, 2.6), (0.5, 1.4)), (4096, 4096), window) == ((103, 111), (1036, 1048))


def test_a_box_beyond_the_map_ends_with_it_and_a_thin_one_opens_a_block():
    assert opened(((-9, 900), (254.0, 254.1)), (600, 2000), None) == ((0, 600), (1992, 2000))
    low, high = opened(((250, 250), (256, 300)), (600, 2000), None)[1]
    assert 0 <= low < high <= 2000


def test_the_hover_says_the_raw_piece_where_it_is_not_the_text():
    tokens, pieces = ["go", "ing", "<s>"], ["Ġgo", "ing", "&lt;"]
    figure = heatmap(
        random(3, 3), tokens, tokens, limits=(0, 1), log=False, pieces=(pieces, pieces), window=((1, 3), (0, 3))
    )
    assert figure.layout.xaxis.labelalias["0"] == "1 go · piece Ġgo"
    assert figure.layout.yaxis.labelalias["0"] == "2 ing"
    assert figure.layout.yaxis.labelalias["1"] == "3 &lt;s&gt; · piece &amp;lt;"
