"""Numbers that are added to a score by offset: ALiBi's slopes and T5's learned buckets."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.lens.positional.sinusoid import Values, whole

EDGE = 1e-9  # a distance that stands exactly on a bucket's edge belongs above it, whatever log rounds to


def alibi_slopes(heads: int) -> Values:
    """m_h of ALiBi (Press et al. 2022, arXiv 2108.12409), [H]: the sequence 2^(-8h/H), h = 1 .. H.

    For H that is no power of two as in the authors' code: the slopes of the power below, then every other
    slope of the power above.
    """
    heads = whole("heads", heads)
    below = 2 ** (heads.bit_length() - 1)
    return np.concatenate([_ratio(below), _ratio(2 * below)[::2][: heads - below]])


def _ratio(heads: int) -> Values:
    return 2.0 ** (-8 * np.arange(1, heads + 1) / heads)


def alibi(heads: int, relative: ArrayLike) -> Values:
    """-m_h |relative|, [H, *relative.shape], added to q.k / sqrt(d) and not divided by sqrt(d) itself.

    The paper is causal, so relative <= 0; the absolute value is the usual form for both directions and does not
    tell before from after.
    """
    away = np.abs(np.asarray(relative, dtype=np.float64))
    return -np.multiply.outer(alibi_slopes(heads), away)


def t5_bucket(
    relative: ArrayLike, bidirectional: bool = True, buckets: int = 32, max_distance: int = 128
) -> NDArray[np.int64]:
    """T5's bucket of each offset key - query (Raffel et al. 2020, arXiv 1910.10683, section 2.1), int, like relative.

    Of n buckets a direction, the first n/2 hold one distance each; the others widen with the logarithm up to
    max_distance, and the last takes every distance beyond. Both directions: the upper half is for keys that come
    later, and its first bucket (16 of 32) is never used. One direction: every later key shares bucket 0.
    """
    offset = _integers(relative)
    count = buckets // 2 if bidirectional else buckets
    exact = count // 2
    if exact < 1 or (bidirectional and buckets % 2):
        wanted = "even and at least 4 with both directions" if bidirectional else "at least 2"
        raise ValueError(f"buckets must be {wanted}, got {buckets}")
    if max_distance <= exact:
        raise ValueError(f"max_distance must be above {exact}, the distances with a bucket each, got {max_distance}")
    away = np.abs(offset) if bidirectional else np.maximum(-offset, 0)
    share = np.log(np.maximum(away, exact) / exact) / np.log(max_distance / exact)
    wide = exact + np.floor(share * (count - exact) + EDGE).astype(np.int64)
    found = np.where(away < exact, away, np.minimum(wide, count - 1))
    return found + np.where(bidirectional & (offset > 0), count, 0)


def t5(table: ArrayLike, relative: ArrayLike, bidirectional: bool = True, max_distance: int = 128) -> Values:
    """Biases of a learned table [buckets, H] at offsets: [H, *relative.shape], added to the score.

    T5 leaves scores undivided by sqrt(d), so its biases are not on the scale of other models' scores.
    """
    learned = np.asarray(table, dtype=np.float64)
    if learned.ndim != 2:
        raise ValueError(f"a table of biases must be [buckets, heads], got shape {learned.shape}")
    return np.moveaxis(learned[t5_bucket(relative, bidirectional, len(learned), max_distance)], -1, 0)


def t5_met(length: int, bidirectional: bool = True, buckets: int = 32, max_distance: int = 128) -> NDArray[np.bool_]:
    """Which buckets texts of up to `length` tokens use, [buckets]; training on such texts leaves the others untouched.

    A bias that was never used has no gradient: it stands near its random start and means nothing.
    """
    reach = np.arange(1 - whole("length", length), length)
    offsets = reach if bidirectional else reach[reach <= 0]
    met = np.zeros(buckets, dtype=bool)
    met[t5_bucket(offsets, bidirectional, buckets, max_distance)] = True
    return met


def t5_example(heads: int, bidirectional: bool = True, buckets: int = 32, max_distance: int = 128) -> Values:
    """An example, not learned: b = -(h / H) ln(1 + s), s the smallest distance of the bucket: [buckets, H].

    It has the buckets of T5 and a fall of our own choice. Say so wherever it is drawn.
    """
    reach = np.arange(max_distance + 1)
    nearest = np.zeros(buckets)
    for offsets in (-reach, reach) if bidirectional else (-reach,):
        found, at = np.unique(t5_bucket(offsets, bidirectional, buckets, max_distance), return_index=True)
        nearest[found] = reach[at]
    return -np.outer(np.log1p(nearest), np.arange(1, whole("heads", heads) + 1) / heads)


def _integers(values: ArrayLike) -> NDArray[np.int64]:
    """Whole numbers of any sign."""
    found = np.asarray(values)
    if found.dtype.kind not in "iuf" or not np.isfinite(found).all() or (found != np.floor(found)).any():
        raise ValueError("offsets must be whole numbers: a bucket holds distances between two tokens")
    return found.astype(np.int64)
