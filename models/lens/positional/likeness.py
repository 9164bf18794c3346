"""How alike two positions are, and how much of that the offset between them decides."""

import numpy as np
from numpy.typing import NDArray

from models.lens.positional.sinusoid import Values

ROUNDING = 1e-12  # spreads below this share of the largest value are rounding


def dot(codes: NDArray[np.floating]) -> Values:
    """S_pq = c_p . c_q of codes [T, D]: [T, T]."""
    rows = np.asarray(codes, dtype=np.float64)
    return rows @ rows.T


def cosine(codes: NDArray[np.floating]) -> Values:
    """c_p . c_q / (|c_p| |c_q|): [T, T]; NaN where a code is zero and has no direction."""
    rows = np.asarray(codes, dtype=np.float64)
    norm = np.linalg.norm(rows, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return rows @ rows.T / np.outer(norm, norm)


def nearest(codes: NDArray[np.floating]) -> float:
    """Least |c_p - c_q| over p != q of codes [T, D], T > 1: above 0 where every position has a code of its own."""
    rows = np.asarray(codes, dtype=np.float64)
    if len(rows) < 2:
        raise ValueError(f"wanted at least two codes to compare, got {len(rows)}")
    return float(min(np.linalg.norm(rows[at + 1 :] - rows[at], axis=1).min() for at in range(len(rows) - 1)))


def by_offset(matrix: Values) -> tuple[NDArray[np.int64], Values, Values, Values]:
    """Offsets q - p and the mean, least and greatest of S_pq at each; far offsets rest on few pairs.

    NaN is left out, and so are offsets at which nothing is defined.
    """
    size = _square(matrix)
    offsets = np.arange(1 - size, size)
    known = [line[np.isfinite(line)] for line in (np.diagonal(matrix, int(offset)) for offset in offsets)]
    kept = np.array([len(line) > 0 for line in known])
    mean, low, high = (np.array([pick(line) for line in known if len(line)]) for pick in (np.mean, np.min, np.max))
    return offsets[kept], mean, low, high


def unexplained(matrix: Values) -> float:
    """1 - R^2 of the best function of the offset alone, offset 0 left out: 0 for a Toeplitz matrix.

    sum_{p != q} (S_pq - mean of its diagonal)^2 / sum_{p != q} (S_pq - mean)^2, in [0, 1]. About 1 - 2/T for
    independent random codes. Undefined products (NaN) are left out; NaN where all others are equal and nothing is
    there to explain.
    """
    size = _square(matrix)
    place = np.arange(size)
    gap = np.subtract.outer(place, place)
    apart = (gap != 0) & np.isfinite(matrix)
    values, at = matrix[apart], gap[apart] + size - 1
    if not len(values) or np.ptp(values) <= ROUNDING * np.nanmax(np.abs(matrix)):
        return float("nan")
    sums, counts = np.bincount(at, values), np.maximum(np.bincount(at), 1)
    rest = ((values - (sums / counts)[at]) ** 2).sum()
    return float(rest / ((values - values.mean()) ** 2).sum())


def direction(matrix: Values) -> float:
    """Greatest |S[p, p+k] - S[p, p-k]| over the range of S: 0 where a position k later and one k earlier are alike.

    A product that is 0 here tells how far, not which way. Pairs with an undefined side (NaN) are left out. NaN for a
    constant matrix or fewer than three positions.
    """
    size = _square(matrix)
    known = matrix[np.isfinite(matrix)]
    if size < 3 or not len(known) or np.ptp(known) <= ROUNDING * np.abs(known).max():
        return float("nan")
    found = [
        np.abs(matrix[place, place + 1 : place + reach + 1] - matrix[place, place - reach : place][::-1])
        for place, reach in ((place, min(place, size - 1 - place)) for place in range(1, size - 1))
    ]
    gaps = np.concatenate(found)
    gaps = gaps[np.isfinite(gaps)]
    return float(gaps.max() / np.ptp(known)) if len(gaps) else float("nan")


def _square(matrix: Values) -> int:
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"a similarity matrix must be square, got shape {matrix.shape}")
    return len(matrix)
