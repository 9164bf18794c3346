"""Long maps in blocks: no peak and no change is lost, and mass that no key has is never mixed with a key."""

import numpy as np
import pytest

from viz.heatmap import heatmap
from viz.pooled import pooling, view


def words(count):
    return [f"w{at % 13}" for at in range(count)]


def with_sink(length, sink=0.9375):
    """Even weights beside a last column that holds `sink` of every row."""
    even = np.full((length, length), (1 - sink) / length, np.float32)
    return np.column_stack([even, np.full(length, sink, np.float32)])


def test_512_keys_beside_a_sink_are_still_drawn_singly():
    seen = view(with_sink(512), words(512), [*words(512), "[sink]"], apart=1)
    assert seen.blocks == (1, 1)
    np.testing.assert_array_equal(seen.values, with_sink(512))


@pytest.mark.parametrize("length", [600, 4096])
def test_a_sink_shares_no_block_with_a_key(length):
    seen = view(with_sink(length), words(length), [*words(length), "[sink]"], apart=1)
    assert seen.columns[-1] == "[sink]"
    np.testing.assert_array_equal(seen.values[:, -1], np.float32(0.9375))
    assert seen.values[:, :-1].max() == np.float32(0.0625 / length)


def test_a_sink_stands_in_every_window():
    seen = view(with_sink(600), words(600), [*words(600), "[sink]"], window=((7, 18), (3, 14)), apart=1)
    assert seen.values.shape == (11, 12)
    assert seen.columns[-1] == "[sink]"


def test_a_sink_has_no_position_and_keeps_its_tick():
    labels = [*words(600), "[sink]"]
    figure = heatmap(with_sink(600), words(600), labels, limits=(0, 1), log=False, apart=1)
    assert figure.layout.xaxis.labelalias["200"] == "[sink]"
    assert figure.layout.xaxis.ticktext[-1] == "[sink]"
    single = heatmap(with_sink(7), words(7), [*words(7), "[sink]"], limits=(0, 1), log=False, apart=1)
    assert single.layout.xaxis.labelalias["6"] == "7 w6"
    assert single.layout.xaxis.labelalias["7"] == "[sink]"


def test_a_block_of_differences_shows_the_one_furthest_from_zero():
    change = np.zeros((1031, 1031), np.float32)
    change[10, 20], change[11, 21] = 0.25, -0.5  # of one block of 5 x 5
    change[500, 3] = 0.125
    seen = view(change, words(1031), words(1031))
    assert seen.blocks == (5, 5)
    assert seen.values[2, 4] == -0.5
    assert seen.values[100, 0] == 0.125
    assert np.count_nonzero(seen.values) == 2


def test_a_difference_of_2048_tokens_weighs_less_than_a_megabyte():
    change = np.random.default_rng(3).normal(size=(2048, 2048)).astype(np.float32)
    figure = heatmap(change, words(2048), words(2048), limits=(-1, 1), log=False, signed=True)
    figure.layout.template = None
    assert len(figure.to_json()) < 1_000_000
    assert figure.layout.coloraxis.cmin == -1


def test_pooling_is_said_where_no_window_opens_too():
    assert pooling(600, 512, "the largest change", opens=False) == (
        "Each cell shows the largest change of 3 × 1 weights (600 queries, 512 keys)."
    )
    assert pooling(512, 512, opens=False) == ""
