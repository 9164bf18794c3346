"""One attention map: every weight up to 512 tokens, beyond that the greatest weight of each block of tokens."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from viz.labels import aliases, visible
from viz.matrices import Panel, matrices

EXACT, BLOCKS = 512, 256  # tokens that are drawn singly; most blocks along a side
WIDEST = 720  # pixels

Window = tuple[tuple[int, int], tuple[int, int]]
Flags = tuple[Sequence[bool], Sequence[bool]]


@dataclass(frozen=True)
class View:
    """What of a map is drawn: values [rows, columns] (NaN: may not be looked at), a name and the tokens of each."""

    values: np.ndarray
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    blocks: tuple[int, int]


def heatmap(
    weights: np.ndarray,
    queries: Sequence[str],
    keys: Sequence[str],
    *,
    limits: tuple[float, float],
    log: bool,
    window: Window | None = None,
    allowed: np.ndarray | None = None,
    special: Flags | None = None,
    width: int | None = None,
    title: str = "",
    axes: tuple[str, str] = ("query", "key"),
    marked: int | None = None,
) -> go.Figure:
    """The map [Tq, Tk] as a figure, rows are queries; at most 1 MB at 4,096 tokens.

    `window` ((first row, end), (first column, end)) opens a part of it. What `allowed` [Tq, Tk] forbids is hatched.
    `special` (flags of queries, flags of keys) leaves those tokens out: say the `removed` mass beside the figure.
    `axes` says what rows and columns are; `marked` frames a row of a map that is drawn whole.
    """
    seen = view(weights, queries, keys, window=window, allowed=allowed, special=special)
    figure = matrices(
        [Panel("", "", seen.values)],
        seen.rows,
        seen.columns,
        limits=limits,
        scale="log" if log else "sequential",
        per_line=1,
        colour_title="weight" if seen.blocks == (1, 1) else "greatest weight",
        width=min(width or WIDEST, WIDEST),
        axes=axes,
        marked=None if marked is None else (marked, None),
        title=title,
    )
    first, second = window or ((0, 0), (0, 0))
    for axis, names, start, size in (
        (figure.layout.yaxis, seen.rows, first[0], seen.blocks[0]),
        (figure.layout.xaxis, seen.columns, second[0], seen.blocks[1]),
    ):
        if size > 1:
            _ranges(axis)
        elif special is None:
            _number(axis, names, start)
    return figure


def view(
    weights: np.ndarray,
    queries: Sequence[str],
    keys: Sequence[str],
    *,
    window: Window | None = None,
    allowed: np.ndarray | None = None,
    special: Flags | None = None,
) -> View:
    """Cut, leave out and pool: a block of tokens shows its greatest allowed weight, so that no peak is lost."""
    shape = (len(queries), len(keys))
    if np.shape(weights) != shape:
        raise ValueError(f"wanted weights of shape {shape}; got {np.shape(weights)}")
    kept = [
        _kept(size, part, flags)
        for size, part, flags in zip(shape, window or (None, None), special or (None, None), strict=True)
    ]
    values = np.asarray(weights, dtype=np.float32)[np.ix_(*kept)]
    if allowed is not None:
        values = np.where(np.broadcast_to(allowed, shape)[np.ix_(*kept)], values, np.nan)
    blocks = (block(len(kept[0])), block(len(kept[1])))
    names = [_names(tokens, at, size) for tokens, at, size in zip((queries, keys), kept, blocks, strict=True)]
    return View(_greatest(_greatest(values, blocks[0], 0), blocks[1], 1), names[0], names[1], blocks)


def block(length: int) -> int:
    """Tokens that share a row or column: one up to 512 tokens, else as few as make at most 256 blocks."""
    return 1 if length <= EXACT else math.ceil(length / BLOCKS)


def pooling(queries: int, keys: int) -> str:
    """A sentence that says what is pooled in a map of so many queries and keys; empty where nothing is."""
    down, across = block(queries), block(keys)
    if (down, across) == (1, 1):
        return ""
    return (
        f"Each cell shows the greatest of {down} × {across} weights ({queries:,} queries, {keys:,} keys). "
        f"Open a window of at most {EXACT} tokens to see every weight."
    )


def opened(
    box: tuple[tuple[float, float], tuple[float, float]], shape: tuple[int, int], window: Window | None
) -> Window:
    """The window that a box drawn on the figure opens; `box` is ((row, row), (column, column)) in cells of the figure.

    A cell of the figure counts from 0, its edges lie half a cell around it; blocks open whole. `window` is what the
    figure showed of the map of `shape`, None for all of it.
    """
    sides = []
    for edges, (start, end) in zip(box, window or ((0, shape[0]), (0, shape[1])), strict=True):
        step, (near, far) = block(end - start), sorted(edges)
        count = math.ceil((end - start) / step)
        first = min(max(math.floor(near + 0.5), 0), count - 1)
        last = min(max(math.ceil(far + 0.5), first + 1), count)
        sides.append((start + first * step, min(start + last * step, end)))
    return sides[0], sides[1]


def removed(weights: np.ndarray, special: Flags) -> float:
    """Mass on left-out keys, the mean over the queries that stay; rows are not renormalised."""
    rows, columns = (np.asarray(flags, dtype=bool) for flags in special)
    if (len(rows), len(columns)) != np.shape(weights):
        raise ValueError(f"wanted flags for {np.shape(weights)} tokens; got {len(rows)} and {len(columns)}")
    left = np.asarray(weights, dtype=np.float64)[~rows][:, columns]
    return float(left.sum(axis=1).mean()) if len(left) else 0.0


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


def _greatest(values: np.ndarray, size: int, axis: int) -> np.ndarray:
    """The greatest of each `size` values along an axis; NaN only where all are."""
    if size == 1:
        return values
    filled = np.where(np.isnan(values), -np.inf, values)
    pooled = np.maximum.reduceat(filled, np.arange(0, values.shape[axis], size), axis=axis)
    return np.where(np.isneginf(pooled), np.nan, pooled).astype(np.float32)


def _number(axis: go.layout.XAxis | go.layout.YAxis, names: Sequence[str], start: int) -> None:
    """Let the hover say a token's position (from 1) too; ticks beside their index leave the hover to these names."""
    known = aliases(names)
    axis.labelalias = {at: f"{int(at) + start + 1} {name}" for at, name in known.items()}
    axis.tickvals = [math.floor(value) + 0.02 for value in axis.tickvals]


def _ranges(axis: go.layout.XAxis | go.layout.YAxis) -> None:
    """Ticks of blocks say their positions, the hover their tokens too."""
    at = [math.floor(value) for value in axis.tickvals]
    axis.ticktext = [axis.labelalias[str(index)].split(" ")[0] for index in at]
    axis.tickvals = [index + 0.02 for index in at]
