"""Matrices side by side, one a model: who sees whom, where it attends, what a changed word moved.

All panels share colour limits, word axes and one colour bar. Rows are the positions read out and run downwards,
columns the positions looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from viz.grid import LEFT, RIGHT, Grid, absent, column_width, columns_for, heading, page_width
from viz.labels import escape
from viz.scale import check_limits, color_axis, colours
from viz.sheet import Sheet
from viz.theme import hatch
from viz.words import word_axis

BAR_ROOM = 58  # pixels below a line of panels that the colour bar needs
NO_ATTENTION = "This network has no attention."
MARK = (("#FFFFFF", 3), ("#101418", 1))  # dark in light: seen on every colour of both scales

Names = tuple[str, str]
Mark = int | tuple[int | None, int | None] | None


@dataclass(frozen=True)
class Panel:
    """One model's matrix [T_out, T_in], or None with a note that says why there is none; `aside` follows its title."""

    key: str
    title: str
    values: np.ndarray | None
    note: str = NO_ATTENTION
    aside: str = ""


def matrices(
    panels: Sequence[Panel],
    tokens_out: Sequence[str],
    tokens_in: Sequence[str],
    *,
    limits: tuple[float, float],
    per_line: int,
    colour_title: str,
    scale: str = "sequential",
    marked: Mark = None,
    title: str = "",
    width: int | None = None,
    axes: Names = ("output", "input"),
) -> go.Figure:
    """Small multiples of [T_out, T_in] matrices in one figure, `per_line` beside each other.

    `marked` frames a column, or with (row, None), (None, column), (row, column) a row, a column or a cell. `width` is
    the page's width in pixels where it is known: cells are then square. `axes` names rows and columns.
    """
    low, high = check_limits(limits, scale)
    _check(panels, len(tokens_out), len(tokens_in))
    grid = _grid(panels, tokens_out, tokens_in, per_line, page_width(per_line, width))
    sheet = Sheet()
    drawn = [at for at, panel in enumerate(panels) if panel.values is not None]
    for at, panel in enumerate(panels):
        heading(sheet, grid, at, panel.key, panel.title, panel.aside)
        if panel.values is None:
            absent(sheet, grid, at, panel.note)
        else:
            _column_axis(sheet, grid, at, tokens_in)
            if at == min(other for other in drawn if grid.place(other)[0] == grid.place(at)[0]):
                _row_axis(sheet, grid, at, tokens_out, square=bool(width) and len(tokens_out) == len(tokens_in))
            _draw(sheet, grid, at, panel, (low, high), scale, axes)
            _mark(sheet, grid, at, marked, panel.values.shape)
    sheet.layout["coloraxis"] = color_axis((low, high), scale, colour_title, _beyond(panels, low, high))
    _name_axes(sheet, axes)
    return sheet.figure(title, grid.height, (LEFT, RIGHT, 0, 0))


def _check(panels: Sequence[Panel], rows: int, columns: int) -> None:
    """Every matrix has one row a word out and one column a word in."""
    if not rows or not columns:
        raise ValueError(f"wanted at least one word on each axis; got {rows} and {columns}")
    for panel in panels:
        if panel.values is not None and np.shape(panel.values) != (rows, columns):
            raise ValueError(f"{panel.title}: wanted values of shape {(rows, columns)}; got {np.shape(panel.values)}")


def _grid(panels: Sequence[Panel], rows: Sequence[str], words: Sequence[str], per_line: int, width: int) -> Grid:
    """Panels high enough for square cells, with room below for the words."""
    columns = columns_for(len(panels), per_line)
    across = column_width(columns, width)
    ratio = min(2.0, max(0.25, len(rows) / len(words)))
    foot = max(BAR_ROOM, word_axis(words, across, turn=True)[1])
    return Grid(len(panels), columns, width, round(across * ratio), foot)


def _names(grid: Grid, at: int) -> tuple[str, str]:
    """Plotly's names of panel `at`'s axes: its own for the columns, its line's for the rows."""
    line = grid.place(at)[0]
    return ("x" if at == 0 else f"x{at + 1}"), ("y" if line == 0 else f"y{line + 1}")


def _column_axis(sheet: Sheet, grid: Grid, at: int, words: Sequence[str]) -> None:
    """The panel's own word axis below it."""
    xaxis, yaxis = _names(grid, at)
    sheet.axis(
        xaxis,
        **word_axis(words, column_width(grid.columns, grid.width), turn=True)[0],
        domain=grid.x(at),
        anchor=yaxis,
        range=[-0.5, len(words) - 0.5],
        constrain="domain",
        constraintoward="left",
    )


def _row_axis(sheet: Sheet, grid: Grid, at: int, rows: Sequence[str], square: bool) -> None:
    """The row axis that a line of panels shares, its words in the left margin."""
    xaxis, yaxis = _names(grid, at)
    sheet.axis(
        yaxis,
        **word_axis(rows, grid.panel, turn=False)[0],
        domain=grid.y(at),
        anchor="free",
        position=0,
        range=[len(rows) - 0.5, -0.5],
        constrain="domain",
        constraintoward="top",
        scaleanchor=xaxis if square else None,
    )


def _draw(sheet: Sheet, grid: Grid, at: int, panel: Panel, limits: tuple, scale: str, axes: Names) -> None:
    """One heat map above a hatched ground where cells are undefined."""
    xaxis, yaxis = _names(grid, at)
    values = np.asarray(panel.values)
    if np.isnan(values).any():
        rows, columns = values.shape
        sheet.trace("scatter", **hatch([-0.5, columns - 0.5], [-0.5, rows - 0.5]), xaxis=xaxis, yaxis=yaxis)
    shown = "%{customdata:.3g}" if scale == "log" else "%{z:.3g}"
    sheet.trace(
        "heatmap",
        z=colours(values, limits, scale),
        customdata=np.ascontiguousarray(values, dtype=np.float32) if scale == "log" else None,
        xaxis=xaxis,
        yaxis=yaxis,
        coloraxis="coloraxis",
        name=escape(panel.title),
        hoverongaps=False,
        hovertemplate=f"{axes[0]} <b>%{{y}}</b><br>{axes[1]} <b>%{{x}}</b><br>{shown}",
        zorder=1,
    )


def _mark(sheet: Sheet, grid: Grid, at: int, marked: Mark, shape: tuple[int, int]) -> None:
    """A frame around the marked row, column or cell."""
    if marked is None:
        return
    row, column = marked if isinstance(marked, tuple) else (None, marked)
    for place, size, name in ((row, shape[0], "row"), (column, shape[1], "column")):
        if place is not None and not 0 <= place < size:
            raise ValueError(f"marked {name} must be from 0 to {size - 1}; got {place}")
    xaxis, yaxis = _names(grid, at)
    y0, y1 = (-0.5, shape[0] - 0.5) if row is None else (row - 0.5, row + 0.5)
    x0, x1 = (-0.5, shape[1] - 0.5) if column is None else (column - 0.5, column + 0.5)
    for colour, thick in MARK:
        line = {"color": colour, "width": thick}
        sheet.shape(type="rect", xref=xaxis, yref=yaxis, x0=x0, x1=x1, y0=y0, y1=y1, line=line)


def _beyond(panels: Sequence[Panel], low: float, high: float) -> tuple[bool, bool]:
    """Whether any value lies below or above the limits."""
    values = [panel.values for panel in panels if panel.values is not None]
    under = any(bool((np.asarray(each) < low).any()) for each in values)
    return under, any(bool((np.asarray(each) > high * (1 + 1e-6)).any()) for each in values)


def _name_axes(sheet: Sheet, axes: Names) -> None:
    """What rows and columns are, in the corner above the row words."""
    text = f"{escape(axes[0])} ↓  {escape(axes[1])} →"
    place = {"x": 0, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "top"}
    sheet.text(text=text, **place, xshift=-4, yshift=-6, size=10)
