"""What boxes are laid on: a photograph, or a test card with rings round the middle and a fine grid."""

from functools import cache, lru_cache

import numpy as np

from models.presets.pictures import photograph_square

MOST = 512  # pixels that are computed; larger cards are stretched


@cache
def test_card(size: int) -> np.ndarray:
    """uint8 [size, size, 3], or a card of MOST pixels repeated to `size`."""
    drawn = min(size, MOST)
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
    return _stretched(np.rint(255 * np.clip(card, 0, 1)).astype(np.uint8), size)


@lru_cache(maxsize=8)
def photo_card(name: str, size: int) -> np.ndarray:
    """The middle square of a stored photograph as uint8 [size, size, 3], of at most MOST pixels before stretching."""
    return _stretched(photograph_square(name, min(size, MOST)), size)


def _stretched(small: np.ndarray, size: int) -> np.ndarray:
    """Every pixel repeated to fill `size`."""
    at = np.arange(size) * len(small) // size
    return small[at[:, None], at[None, :]]
