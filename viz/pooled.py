"""What of a long attention map is drawn: a window, single tokens up to 512, beyond that blocks of tokens."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from viz.labels import visible

EXACT, BLOCKS = 512, 256  # tokens that are drawn singly; most blocks along a side

Window = tuple[tuple[int, int], tuple[int, int]]
Flags = tuple[Sequence[bool], Sequence[bool]]


@dataclass(frozen=True)
class View:
    """What of a map is drawn: values [rows, columns] (NaN: may not be looked at), a name and the tokens of each.

    blocks: tokens that share a row, a column. places: the index of each row's and column's token, of a block its first.
    apart: how many of the last columns are no keys; they are never pooled with one.
    """

    values: np.ndarray
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    blocks: tuple[int, int]
    places: tuple[np.ndarray, np.ndarray]
    apart: int = 0


def view(
    weights: np.ndarray,
    queries: Sequence[str],
    keys: Sequence[str],
    *,
    window: Window | None = None,
    allowed: np.ndarray | None = None,
    special: Flags | None = None,
    apart: int = 0,
) -> View:
    """Cut, leave out and pool: a block of tokens shows its greatest allowed weight, so that no peak is lost.

    Of signed values (differences) a block shows the one furthest from zero. The last `apart` columns are no keys but
    mass that no key has: they stand in every window and are pooled over queries alone.
    """
    shape = (len(queries), len(keys))
    if np.shape(weights) != shape:
        raise ValueError(f"wanted weights of shape {shape}; got {np.shape(weights)}")
    count = shape[1] - apart
    kept = [
        _kept(size, part, flags)
        for size, part, flags in zip((shape[0], count), window or (None, None), special or (None, None), strict=True)
    ]
    blocks = (block(len(kept[0])), block(len(kept[1])))
    beside = np.arange(count, shape[1])
    at = (kept[0], np.concatenate([kept[1], beside]))
    values = np.asarray(weights, dtype=np.float32)[np.ix_(*at)]
    if allowed is not None:
        values = np.where(np.broadcast_to(allowed, shape)[np.ix_(*at)], values, np.nan)
    values = _furthest(values, blocks[0], 0)
    values = np.hstack([_furthest(values[:, : len(kept[1])], blocks[1], 1), values[:, len(kept[1]) :]])
    return View(
        values,
        _names(queries, kept[0], blocks[0]),
        _names(keys, kept[1], blocks[1]) + _names(keys, beside, 1),
        blocks,
        (kept[0][:: blocks[0]], np.concatenate([kept[1][:: blocks[1]], beside])),
        apart,
    )


def block(length: int) -> int:
    """Tokens that share a row or column: one up to 512 tokens, else as few as make at most 256 blocks."""
    return 1 if length <= EXACT else math.ceil(length / BLOCKS)


def pooling(queries: int, keys: int, what: str = "the greatest", opens: bool = True) -> str:
    """A sentence that says what is pooled in a map of so many queries and keys; empty where nothing is.

    `opens`: the reader can open a window of this map.
    """
    down, across = block(queries), block(keys)
    if (down, across) == (1, 1):
        return ""
    said = f"Each cell shows {what} of {down} × {across} weights ({queries:,} queries, {keys:,} keys)."
    return f"{said} Open a window of at most {EXACT} tokens to see every weight." if opens else said


def _kept(size: int, part: tuple[int, int] | None, flags: Sequence[bool] | None) -> np.ndarray:
    """Indices along one side that are drawn."""
    start, end = part or (0, size)
    if not 0 <= start < end <= size:
        raise ValueError(f"a window must lie within 0 and {size}; got {start} to {end}")
    at = np.arange(start, end)
    if flags is None:
        return at
    if len(flags) != size:
        raise ValueError(f"wanted {size} flags of special tokens; got {len(flags)}")
    at = at[~np.asarray(flags, dtype=bool)[at]]
    if not len(at):
        raise ValueError("all tokens of this window are special; show special tokens to see it")
    return at


def _names(tokens: Sequence[str], at: np.ndarray, size: int) -> tuple[str, ...]:
    """Tokens, or for a block its first and last position (from 1) and token."""
    if size == 1:
        return tuple(tokens[index] for index in at)
    ends = [(at[start], at[min(start + size, len(at)) - 1]) for start in range(0, len(at), size)]
    return tuple(f"{first + 1}–{last + 1} {visible(tokens[first])} … {visible(tokens[last])}" for first, last in ends)


def _furthest(values: np.ndarray, size: int, axis: int) -> np.ndarray:
    """Of each `size` values along an axis the one furthest from zero; NaN only where all of them are."""
    if size == 1:
        return values
    known = np.where(np.isnan(values), 0, values)
    starts = np.arange(0, values.shape[axis], size)
    high, low = (pick.reduceat(known, starts, axis=axis) for pick in (np.maximum, np.minimum))
    none = np.logical_and.reduceat(np.isnan(values), starts, axis=axis)
    return np.where(none, np.nan, np.where(-low > high, low, high)).astype(np.float32)
