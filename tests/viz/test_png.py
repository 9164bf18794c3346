"""Our PNG files, read back by another decoder."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from viz.png import as_bytes, data_uri, png


def read(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def test_another_decoder_reads_the_same_pixels() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (7, 11, 3), dtype=np.uint8)
    np.testing.assert_array_equal(read(png(pixels)), pixels)


def test_a_palette_gives_each_cell_its_colour() -> None:
    draw = np.random.default_rng(1)
    cells, palette = draw.integers(0, 256, (5, 13), dtype=np.uint8), draw.integers(0, 256, (256, 3), dtype=np.uint8)
    np.testing.assert_array_equal(read(png(cells, palette)), palette[cells])


def test_the_address_holds_the_file() -> None:
    content = png(np.zeros((2, 3, 3), dtype=np.uint8))
    assert base64.b64decode(data_uri(content).removeprefix("data:image/png;base64,")) == content


def test_floats_become_the_nearest_byte_and_bytes_stay() -> None:
    assert as_bytes(np.array([-1.0, 0.0, 0.5, 1.0, 2.0])).tolist() == [0, 0, 128, 255, 255]
    assert as_bytes(np.array([3, 255], dtype=np.uint8)).tolist() == [3, 255]


@pytest.mark.parametrize(
    ("pixels", "palette"),
    [
        (np.zeros((2, 3, 4), np.uint8), None),
        (np.zeros((2, 3), np.uint8), None),
        (np.zeros((2, 3, 3), np.float32), None),
        (np.zeros((0, 3, 3), np.uint8), None),
        (np.zeros((2, 3), np.uint8), np.zeros((255, 3), np.uint8)),
    ],
)
def test_other_shapes_are_refused(pixels: np.ndarray, palette: np.ndarray | None) -> None:
    with pytest.raises(ValueError, match="wanted"):
        png(pixels, palette)
