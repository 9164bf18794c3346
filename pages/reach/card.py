"""What boxes are laid on: a photograph, or a test card with rings round the middle and a fine grid."""

from functools import lru_cache

import numpy as np

from models.presets.pictures import photograph_square

MOST = 512  # pixels a side; the drawing stretches them over a larger picture


def test_card(size: int) -> np.ndarray:
    """uint8 [n, n, 3], n = `size` or MOST."""
    return _test_card(min(size, MOST))


def photo_card(name: str, size: int) -> np.ndarray:
    """The middle square of a stored photograph as uint8 [n, n, 3], n = `size` or MOST."""
    return _photo_card(name, min(size, MOST))


@lru_cache(maxsize=8)
def _test_card(drawn: int) -> np.ndarray:
    place = (np.arange(drawn) + 0.5) / drawn - 0.5
    radius = np.hypot(place[:, None], place[None, :])
    angle = np.arctan2(place[:, None], place[None, :])
    rings = 0.5 + 0.5 * np.cos(2 * np.pi * 9 * radius)
    red = 0.62 + 0.22 * rings + 0.08 * np.cos(angle)
    green = 0.66 + 0.20 * rings + 0.06 * np.sin(angle)
    blue = 0.74 + 0.16 * rings - 0.08 * np.cos(angle)
    card = np.stack([red, green, blue], axis=-1)
    lines = np.abs(place * 8 - np.round(place * 8)) < 4 / drawn
    card[lines] *= 0.9
    card[:, lines] *= 0.9
    return np.rint(255 * np.clip(card, 0, 1)).astype(np.uint8)


@lru_cache(maxsize=8)
def _photo_card(name: str, drawn: int) -> np.ndarray:
    return photograph_square(name, drawn)
