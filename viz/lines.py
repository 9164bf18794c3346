"""Curves of several models: one plot with names at the line ends, or one small panel a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from viz.curves import Axis, Line, axis_of, draw, style_y
from viz.ends import name_ends
from viz.grid import LEFT, RIGHT, Grid, absent, columns_for, heading, page_width
from viz.labels import escape
from viz.sheet import Sheet
from viz.theme import NEUTRAL, OUTLINE

__all__ = ["Line", "LinePanel", "lines", "small_lines"]
NAMES_ROOM, LEFT_ROOM, HEAD_ROOM, FOOT = 138, 64, 18, 44  # pixels around the plot
SMALL_FOOT = 40  # pixels below a small panel


def lines(
    series: Sequence[Line],
    *,
    x_title: str,
    y_title: str,
    log_y: bool = False,
    y_range: tuple[float, float] | None = None,
    baselines: Sequence[tuple[str, float]] = (),
    band: tuple[float, float, str] | None = None,
    title: str = "",
    height: int = 360,
) -> go.Figure:
    """All models in one plot. `baselines` are (name, value) across it; `band` is (from, to, name) on the x axis."""
    axis = axis_of(series, log_y, y_range, baselines)
    sheet = Sheet()
    for line in series:
        draw(sheet, line, axis, "x", "y", x_title)
    last = max(float(np.max(line.x)) for line in series)
    first = min(float(np.min(line.x)) for line in series)
    pad = (last - first) * 0.02 or 0.5
    span = [first - pad, last + 3 * pad]
    sheet.axis("x", title={"text": escape(x_title)}, range=span, showgrid=False, ticks="outside", ticklen=4)
    style_y(sheet, axis, "y", y_title)
    named = [line for line in series if line.kind == "line"]
    name_ends(sheet, named, axis, span[1], height - FOOT - HEAD_ROOM)
    _baselines(sheet, baselines, axis)
    if band:
        _band(sheet, band)
    return sheet.figure(title, height, (LEFT_ROOM, NAMES_ROOM, HEAD_ROOM, FOOT))


def _baselines(sheet: Sheet, baselines: Sequence[tuple[str, float]], axis: Axis) -> None:
    """Dotted lines across the plot with their names at the left."""
    for name, value in baselines:
        across = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": value, "y1": value}
        sheet.shape(**across, line={"color": OUTLINE, "width": 1, "dash": "dot"})
        place = {"x": 0, "xref": "paper", "xanchor": "left", "y": axis.value(axis.share(value)), "yanchor": "bottom"}
        sheet.text(text=escape(name), **place, xshift=4, size=11)


def _band(sheet: Sheet, band: tuple[float, float, str]) -> None:
    """A shaded stretch of the x axis with its name at the top."""
    start, end, name = band
    box = {"type": "rect", "yref": "paper", "x0": start, "x1": end, "y0": 0, "y1": 1, "layer": "below"}
    sheet.shape(**box, fillcolor=NEUTRAL, opacity=0.22, line={"width": 0})
    place = {"x": start, "y": 1, "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    sheet.text(text=escape(name), **place, size=11)


@dataclass(frozen=True)
class LinePanel:
    """One model's curves in a small panel, or None with a note that says why there are none."""

    key: str
    title: str
    lines: Sequence[Line] | None
    note: str = ""


def small_lines(
    panels: Sequence[LinePanel],
    *,
    x_title: str,
    y_title: str,
    per_line: int,
    log_y: bool = False,
    y_range: tuple[float, float] | None = None,
    x_names: Sequence[str] | None = None,
    title: str = "",
    width: int | None = None,
    height: int = 96,
) -> go.Figure:
    """One panel of `height` pixels a model, in the columns of `matrices`, all with the same two axes.

    `x_names` names the positions 0, 1, ... of the x axis (layers); without it the axis is numeric.
    """
    every = [line for panel in panels for line in panel.lines or ()]
    axis = axis_of(every, log_y, y_range)
    grid = Grid(len(panels), columns_for(len(panels), per_line), page_width(per_line, width), height, SMALL_FOOT)
    x_span = _x_span(every)
    sheet = Sheet()
    for at, panel in enumerate(panels):
        heading(sheet, grid, at, panel.key, panel.title)
        if panel.lines is None:
            absent(sheet, grid, at, panel.note)
            continue
        suffix = "" if at == 0 else str(at + 1)
        _small_axes(sheet, grid, at, axis, x_span, x_names)
        for line in panel.lines:
            draw(sheet, line, axis, f"x{suffix}", f"y{suffix}", line.title)
    _small_titles(sheet, grid, x_title, y_title)
    return sheet.figure(title, grid.height, (LEFT, RIGHT, 0, 0))


def _x_span(series: Sequence[Line]) -> list[float]:
    """The x range that all panels share, with room for the outer markers."""
    low, high = (float(pick([pick(line.x) for line in series])) for pick in (np.min, np.max))
    pad = (high - low) * 0.06 or 0.5
    return [low - pad, high + pad]


def _small_axes(
    sheet: Sheet, grid: Grid, at: int, axis: Axis, x_span: list[float], x_names: Sequence[str] | None
) -> None:
    """Axes of one small panel; values are labelled once a line, at its left."""
    suffix, inner = ("" if at == 0 else str(at + 1)), grid.place(at)[1] > 0
    texts = [escape(name) for name in x_names or ()]
    names = {"tickmode": "array", "tickvals": list(range(len(texts))), "ticktext": texts} if texts else {}
    style = {"showgrid": False, "tickfont": {"size": 10}, "nticks": 4, "linecolor": NEUTRAL, "showline": True}
    place = {"domain": grid.x(at), "anchor": f"y{suffix}", "range": x_span, "tickangle": 0}
    sheet.axis(f"x{suffix}", **style, **place, **names)
    beside = {"domain": grid.y(at), "anchor": f"x{suffix}", "showticklabels": not inner, "tickfont": {"size": 10}}
    style_y(sheet, axis, f"y{suffix}", "", **beside)


def _small_titles(sheet: Sheet, grid: Grid, x_title: str, y_title: str) -> None:
    """The value axis named in the left margin, the common x axis below the last line."""
    common: dict[str, Any] = {"xref": "paper", "yref": "paper", "size": 11}
    (y0, y1) = grid.y(0)
    left: dict[str, Any] = {
        "x": 0,
        "y": (y0 + y1) / 2,
        "xanchor": "right",
        "yanchor": "middle",
        "xshift": -44,
        "textangle": -90,
    }
    sheet.text(text=escape(y_title), **left, **common)
    sheet.text(text=escape(x_title), x=0.5, y=0, xanchor="center", yanchor="bottom", **common)
