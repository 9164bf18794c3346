"""Influence against distance, and the distance over which it halves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MINIMUM = 3
FITS = 0.5  # an exponential that explains less than half of the spread describes nothing
LONG = 3  # a half-life beyond so many texts cannot be told from none
EVEN = 1e-9  # a spread of log2 influence below this is rounding

COURSES = ("falls", "flat", "uneven", "unfitted")


@dataclass(frozen=True)
class Decay:
    """distances d >= 0 in words, mean influence at each, the fitted half-life in words (None: none to speak of),
    and r2, how well one exponential describes the means beyond distance 0."""

    distance: NDArray[np.int64]
    influence: NDArray[np.float64]
    half_life: float | None
    r2: float

    @property
    def course(self) -> str:
        """What may be said of it, one of COURSES: "falls" with its half-life; "flat", no fall to speak of; "uneven",
        it falls, but by no exponential (r2 below FITS); "unfitted", fewer than three distances."""
        if np.isnan(self.r2):
            return "unfitted"
        if self.half_life is None or self.half_life >= LONG * len(self.distance):
            return "flat"
        return "falls" if self.r2 >= FITS else "uneven"


def decay(influence: NDArray[np.floating]) -> Decay:
    """Mean of I[u, t] over pairs u - t = d >= 0 (looking back: every architecture can), over the mean row sum.

    One divisor for the whole matrix: dividing each row by its own sum would make even influence seem to fall in a
    left-to-right model, because later rows share their sum among more words.
    Half-life: least squares of log2 influence on d over the distances d >= 1 where influence is not zero.
    It is None where fewer than three distances remain, or where influence does not fall.
    """
    if influence.ndim != 2 or influence.shape[0] != influence.shape[1]:
        raise ValueError(f"an influence matrix must be square, got shape {influence.shape}")
    rows = influence.astype(np.float64)
    scale = rows.sum() / len(rows) or 1.0
    means = np.array([np.diagonal(rows, -d).mean() for d in range(len(rows))]) / scale
    slope, r2 = _slope(means)
    return Decay(np.arange(len(means)), means, -1 / slope if slope < 0 else None, r2)


def _slope(means: NDArray[np.float64]) -> tuple[float, float]:
    """Slope of log2 means a word, and r2; (0, nan) where there is too little to fit."""
    away = np.flatnonzero(means > 0)
    away = away[away > 0]
    if len(away) < MINIMUM:
        return 0.0, float("nan")
    logs = np.log2(means[away])
    if np.ptp(logs) < EVEN:
        return 0.0, 0.0
    slope, start = np.polyfit(away, logs, 1)
    rest = ((logs - slope * away - start) ** 2).sum()
    total = ((logs - logs.mean()) ** 2).sum()
    return float(slope), float(1 - rest / total)
