"""One attention map: every weight up to 512 tokens, beyond that the greatest weight of each block of tokens."""

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from viz.labels import aliases, escape, raw_piece
from viz.matrices import Panel, matrices
from viz.pooled import EXACT, Flags, View, Window, block, pooling, view

__all__ = ["EXACT", "Window", "block", "heatmap", "opened", "pooling", "removed", "view"]

WIDEST = 720  # pixels
NO_PIECES: tuple[Sequence[str], Sequence[str]] = ((), ())


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
    apart: int = 0,
    pieces: tuple[Sequence[str], Sequence[str]] = NO_PIECES,
    signed: bool = False,
    width: int | None = None,
    title: str = "",
    axes: tuple[str, str] = ("query", "key"),
    marked: int | None = None,
) -> go.Figure:
    """The map [Tq, Tk] as a figure, rows are queries; at most 1 MB at 4,096 tokens.

    `window` ((first row, end), (first column, end)) opens a part of it. What `allowed` [Tq, Tk] forbids is hatched.
    `special` (flags of queries, flags of keys) leaves those tokens out: say the `removed` mass beside the figure.
    The last `apart` columns are no keys (a sink, removed mass): each stays a column of its own. `pieces` are the raw
    pieces of queries and keys; the hover says them. `signed`: differences, around zero.
    `axes` says what rows and columns are; `marked` frames a row of a map that is drawn whole.
    """
    seen = view(weights, queries, keys, window=window, allowed=allowed, special=special, apart=apart)
    what = "change of weight" if signed else "weight"
    figure = matrices(
        [Panel("", "", seen.values)],
        seen.rows,
        seen.columns,
        limits=limits,
        scale="diverging" if signed else "log" if log else "sequential",
        per_line=1,
        colour_title=what if seen.blocks == (1, 1) else f"greatest {what}",
        width=min(width or WIDEST, WIDEST),
        axes=axes,
        marked=None if marked is None else (marked, None),
        title=title,
    )
    name_tokens(figure, seen, pieces)
    return figure


def name_tokens(figure: go.Figure, seen: View, pieces: tuple[Sequence[str], Sequence[str]] = NO_PIECES) -> None:
    """Let the hover of every panel of `seen` say positions (from 1) and raw pieces; blocks have positions as ticks."""
    for axis in figure.select_yaxes():
        _name(axis, seen.rows, seen.places[0], seen.blocks[0], pieces[0], 0)
    for axis in figure.select_xaxes():
        _name(axis, seen.columns, seen.places[1], seen.blocks[1], pieces[1], seen.apart)


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


def _name(
    axis: go.layout.XAxis | go.layout.YAxis,
    names: Sequence[str],
    places: np.ndarray,
    size: int,
    pieces: Sequence[str],
    apart: int,
) -> None:
    """Names of one axis; ticks beside their index leave the hover to them."""
    tokens = len(names) - apart
    known = aliases(names)
    if size == 1:
        for at in range(tokens):
            raw = raw_piece(names[at], pieces, int(places[at]))
            known[str(at)] = f"{places[at] + 1} {known[str(at)]}{f' · piece {escape(raw)}' if raw else ''}"
        axis.labelalias = known
    ticks = [math.floor(value) for value in axis.tickvals]
    texts = list(axis.ticktext) if size == 1 else [known[str(tick)].split(" ")[0] for tick in ticks]
    if apart:
        ticks, texts = _beside(ticks, texts, names[tokens:], tokens)
    axis.tickvals, axis.ticktext = [tick + 0.02 for tick in ticks], texts


def _beside(at: list[int], texts: list[str], names: Sequence[str], first: int) -> tuple[list[int], list[str]]:
    """Columns that are no keys keep a tick however many words are thinned."""
    step = at[1] - at[0] if len(at) > 1 else 1
    if step == 1:
        return at, texts
    kept = [(index, text) for index, text in zip(at, texts, strict=True) if index <= first - step]
    return [index for index, _ in kept] + [first], [text for _, text in kept] + [escape(" ".join(names))]
