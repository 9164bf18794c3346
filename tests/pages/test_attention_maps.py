"""How a map is shown: what is pooled, hatched, apart from the keys; each said in words."""

from dataclasses import replace

import numpy as np
import pytest

from models.trace import Axis
from pages.heads import choice, compare, heat, rolled


def axis(count: int) -> Axis:
    return Axis(tuple(f"w{at % 13}" for at in range(count)))


def map_of(length: int, sink: float = 0.0) -> choice.Shown:
    """Even weights; a learned sink takes `sink` of every row."""
    weights = np.full((length, length), (1 - sink) / length, np.float32)
    return choice.shown(weights, axis(length), axis(length), "on")


def test_512_tokens_beside_a_sink_are_exact_and_nothing_is_said_to_be_pooled() -> None:
    show = map_of(512, sink=0.75)
    assert show.columns[-1] == "[sink]"
    assert show.tokens == (512, 512)
    assert heat.pooled(show) == ""
    cells = heat.figure(show, "linear", 700).data[-1].z
    assert np.shape(cells) == (512, 513)


def test_the_sentence_counts_keys_and_no_sink() -> None:
    assert "(600 queries, 600 keys)" in heat.pooled(map_of(600, sink=0.75))


def test_a_window_that_is_still_pooled_says_so() -> None:
    show = map_of(2000)
    assert heat.pooled(show, ((0, 1400), (0, 1400))).startswith("Each cell shows the greatest of 6 × 6 weights (1,400")
    assert heat.pooled(show, ((0, 512), (100, 612))) == ""


def test_compared_maps_say_what_they_pool_and_offer_no_window() -> None:
    assert compare.pooled(map_of(600)) == "Each cell shows the greatest of 3 × 3 weights (600 queries, 600 keys)."


def test_a_map_with_a_sink_is_compared_with_one_without() -> None:
    first, second = map_of(3, sink=0.25), map_of(3)
    left, right = compare.aligned(first, second), compare.aligned(second, first)
    assert left.columns == right.columns == ("w0", "w1", "w2", "[sink]")
    np.testing.assert_allclose((right.weights - left.weights)[:, 3], -0.25, atol=1e-6)
    np.testing.assert_allclose((right.weights - left.weights).sum(axis=1), 0, atol=1e-6)


def test_rollout_of_1024_tokens_is_pooled_and_keeps_its_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolled.room, "whole", lambda: 1000)
    share = np.zeros((1024, 1024), np.float32)
    share[1001, 17] = 0.5
    found = rolled.Rolled({"weights": share, "values": None}, {"values": "none"}, None)
    seen = {"weights": rolled.view(share, axis(1024).tokens, axis(1024).tokens)}
    figure = rolled._figure(found, seen, 0.5)
    assert len(figure.to_json()) < 1_000_000
    cells = next(trace for trace in figure.data if trace.type == "heatmap").z
    assert np.argwhere(cells == 0.5).tolist() == [[1001 // 4, 17 // 4]]
    assert figure.layout.coloraxis.colorbar.title.text == "greatest share"


def test_hatching_is_explained_where_it_is_drawn() -> None:
    show = map_of(3)
    assert heat.hatched(show) == ""
    masked = replace(show, allowed=np.tri(3, dtype=bool))
    assert heat.hatched(masked).startswith("Hatched: ")


def test_raw_pieces_follow_the_tokens_that_stay_and_patches_have_none() -> None:
    words = Axis(("[CLS]", "go", "ing"), ("[CLS]", "go", "##ing"), (True, False, False))
    weights = np.full((3, 3), 1 / 3, np.float32)
    assert choice.shown(weights, words, words, "on").pieces == (words.pieces, words.pieces)
    assert choice.shown(weights, words, words, "off").pieces == (("go", "##ing"), ("go", "##ing"))
    names = ("[CLS]", "row 1, column 1", "row 1, column 2")
    patches = Axis(names, names, (True, False, False), grid=(1, 2))
    assert choice.shown(weights, patches, patches, "on").pieces == ((), ())
    hover = heat.figure(choice.shown(weights, words, words, "on"), "linear", 700).layout.yaxis.labelalias
    assert hover["2"] == "3 ing · piece ##ing"
