"""What is done to a picture to see who notices: shift, rotate, occlude, add noise. Numpy, pictures [..., 28, 28].

Values lie in [0, 1] and 0 is the background: what comes in from outside is background, and nothing leaves the range.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class Change:
    """right, down: pixels; turn: degrees, clockwise; square: side of a filled square in pixels, centred on
    (column, row); fill: its value; noise: standard deviation of Gaussian noise, then cut to [0, 1]; seed: its draw."""

    right: int = 0
    down: int = 0
    turn: float = 0.0
    square: int = 0
    column: int = 14
    row: int = 14
    fill: float = 0.0
    noise: float = 0.0
    seed: int = 0

    @property
    def none(self) -> bool:
        """Whether it leaves every picture as it is."""
        return not (self.right or self.down or self.turn or self.square or self.noise)


def apply(pictures: Pixels, change: Change) -> Pixels:
    """Turned, then shifted, then covered, then noisy."""
    found = turned(pictures, change.turn)
    found = shifted(found, change.right, change.down)
    found = covered(found, change.square, change.row, change.column, change.fill)
    return noisy(found, change.noise, change.seed)


def shifted(pictures: Pixels, right: int, down: int) -> Pixels:
    """Moved by whole pixels; what leaves the picture is gone, what comes in is background."""
    height, width = pictures.shape[-2:]
    found = np.zeros_like(pictures)
    if abs(right) >= width or abs(down) >= height:
        return found
    to = (..., slice(max(0, down), height + min(0, down)), slice(max(0, right), width + min(0, right)))
    of = (..., slice(max(0, -down), height - max(0, down)), slice(max(0, -right), width - max(0, right)))
    found[to] = pictures[of]
    return found


def turned(pictures: Pixels, degrees: float) -> Pixels:
    """Turned clockwise about the middle, bilinear between pixels, background outside."""
    if degrees % 360 == 0:
        return pictures.copy()
    height, width = pictures.shape[-2:]
    angle = np.deg2rad(degrees)
    down, right = np.meshgrid(np.arange(height) - (height - 1) / 2, np.arange(width) - (width - 1) / 2, indexing="ij")
    rows = np.cos(angle) * down - np.sin(angle) * right + (height - 1) / 2
    columns = np.sin(angle) * down + np.cos(angle) * right + (width - 1) / 2
    return _between(pictures, rows, columns)


def _between(pictures: Pixels, rows: NDArray[np.float64], columns: NDArray[np.float64]) -> Pixels:
    """Bilinear values at places [h, w] that need not be whole pixels; zero beyond one pixel outside."""
    edge = [(0, 0)] * (pictures.ndim - 2) + [(1, 1), (1, 1)]
    padded = np.pad(pictures, edge)
    rows = np.clip(np.round(rows, 9) + 1, 0, padded.shape[-2] - 1)
    columns = np.clip(np.round(columns, 9) + 1, 0, padded.shape[-1] - 1)
    top = np.minimum(rows.astype(int), padded.shape[-2] - 2)
    left = np.minimum(columns.astype(int), padded.shape[-1] - 2)
    low, along = (rows - top).astype(np.float32), (columns - left).astype(np.float32)
    upper = padded[..., top, left] * (1 - along) + padded[..., top, left + 1] * along
    lower = padded[..., top + 1, left] * (1 - along) + padded[..., top + 1, left + 1] * along
    return np.asarray(upper * (1 - low) + lower * low, dtype=np.float32)


def covered(pictures: Pixels, side: int, row: int, column: int, fill: float = 0.0) -> Pixels:
    """A square of `side` pixels whose middle is (row, column), cut at the edges, set to `fill`."""
    if not 0 <= fill <= 1:
        raise ValueError(f"fill must lie in 0..1, got {fill:g}")
    found = pictures.copy()
    if side > 0:
        top, left = row - side // 2, column - side // 2
        found[..., max(0, top) : max(0, top + side), max(0, left) : max(0, left + side)] = fill
    return found


def noisy(pictures: Pixels, deviation: float, seed: int = 0) -> Pixels:
    """Gaussian noise on every pixel, cut to [0, 1]; the cut makes it one-sided on black and on white."""
    if deviation <= 0:
        return pictures.copy()
    drawn = np.random.default_rng(seed).normal(0.0, deviation, pictures.shape)
    return np.clip(pictures + drawn, 0, 1).astype(np.float32)
