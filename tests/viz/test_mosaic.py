"""The mosaic's bytes: every tile where the script looks for it, within the budget."""

import numpy as np
import pytest

from viz.mosaic import hovers, payload, tile_size
from viz.mosaic_drawing import drawing, hatched, palette
from viz.payload import pack, unpack


def hover(layers, heads):
    return [[f"layer {layer} head {head}" for head in range(heads)] for layer in range(layers)]


def test_a_tile_lies_at_layer_times_heads_plus_head():
    tiles = np.random.default_rng(3).integers(0, 256, (2, 3, 5, 5), dtype=np.uint8)
    meta, (raw,) = unpack(payload(tiles))
    start = (1 * 3 + 2) * 25
    np.testing.assert_array_equal(raw[start : start + 25].reshape(5, 5), tiles[1, 2])
    assert (meta["layers"], meta["heads"], meta["size"]) == (2, 3, 5)
    assert meta["labels"] == ["1", "2"]


def test_tiles_cut_from_a_larger_array_keep_their_order():
    whole = np.random.default_rng(5).integers(0, 256, (3, 7, 5, 5), dtype=np.uint8)
    _, (raw,) = unpack(payload(whole[:, ::2]))
    np.testing.assert_array_equal(raw.reshape(3, 4, 5, 5), whole[:, [0, 2, 4, 6]])


def test_twelve_by_twelve_at_full_size_stays_below_a_megabyte():
    assert tile_size(12, 12) == 64
    tiles = np.zeros((12, 12, 64, 64), dtype=np.uint8)
    assert len(payload(tiles)) < 1_000_000


@pytest.mark.parametrize(("layers", "heads"), [(1, 1), (24, 16), (36, 32), (48, 40)])
def test_the_tile_size_keeps_any_model_within_the_budget(layers, heads):
    size = tile_size(layers, heads)
    assert 8 <= size <= 64
    assert layers * heads * size**2 <= 900_000
    assert size == 64 or layers * heads * (size + 1) ** 2 > 900_000


@pytest.mark.parametrize(
    ("tiles", "settings", "message"),
    [
        (np.zeros((2, 3, 5, 5)), {}, r"wanted tiles uint8 \[L, H, s, s\]; got float64 \(2, 3, 5, 5\)"),
        (np.zeros((2, 3, 5, 7), np.uint8), {}, r"got uint8 \(2, 3, 5, 7\)"),
        (np.zeros((2, 3, 5, 5), np.uint8), {"labels": ["0"]}, "wanted 2 labels; got 1"),
        (
            np.zeros((2, 3, 5, 5), np.uint8),
            {"reach": np.zeros((3, 5, 5), np.uint8)},
            r"wanted reach uint8 \(2, 5, 5\); got uint8 \(3, 5, 5\)",
        ),
        (np.zeros((2, 3, 5, 5), np.uint8), {"missing": [(3, "x")]}, "from 0 to 2; got 3"),
    ],
)
def test_bad_input_is_refused_with_wanted_and_got(tiles, settings, message):
    with pytest.raises(ValueError, match=message):
        payload(tiles, **settings)


def test_a_text_a_tile_no_more_and_no_less():
    assert hovers(hover(2, 3), 2, 3)[1][2] == "layer 1 head 2"
    with pytest.raises(ValueError, match=r"2 rows of 3 hover texts; got rows of \[2, 2, 2\]"):
        hovers(hover(3, 2), 2, 3)


def test_what_the_mask_forbids_travels_beside_the_tiles_once_a_layer():
    reach = np.stack([np.tri(5, dtype=np.uint8), np.ones((5, 5), np.uint8)])
    meta, (_, sent) = unpack(payload(np.zeros((2, 3, 5, 5), np.uint8), reach=reach))
    np.testing.assert_array_equal(sent.reshape(2, 5, 5), reach)
    assert len(meta["parts"]) == 2


def test_what_the_mask_forbids_is_hatched_in_the_drawing_and_never_the_colour_of_zero():
    zero = palette()[np.zeros((8, 8), np.uint8)]
    pixels = hatched(zero, np.tri(8) == 0)
    below = np.tri(8, dtype=bool)
    np.testing.assert_array_equal(pixels[below], zero[below])
    assert {tuple(pixel) for pixel in pixels[~below].tolist()} == {(128, 128, 128), (255, 255, 255)}
    tiles, names = np.zeros((1, 1, 8, 8), np.uint8), [["layer 1 head 1"]]
    assert drawing(tiles, names, ["1"], reach=np.tri(8, dtype=np.uint8)[None]) != drawing(tiles, names, ["1"])


def test_packing_gives_back_values_texts_and_numbers():
    words = ["<b>", "é", "\ud83d", "🙂"]
    arrays = np.array([1, 65535], np.uint16), np.array([0.5, -2], np.float32), np.array([[7]], np.uint8)
    meta, found = unpack(pack({"words": words}, *arrays))
    assert meta["words"] == words
    for given, back in zip(arrays, found, strict=True):
        np.testing.assert_array_equal(back, given.ravel())


def test_packing_refuses_a_type_that_the_script_does_not_know():
    with pytest.raises(ValueError, match="wanted arrays of uint8, uint16, float32; got float64"):
        pack({}, np.zeros(3))
