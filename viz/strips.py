"""How much each word moves each model's answer: models down, words across."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from viz.grid import LEFT, RIGHT, page_width, wrap
from viz.labels import aliases, escape, shorten
from viz.matrices import MARK, Panel
from viz.scale import check_limits, color_axis, colours
from viz.sheet import Sheet
from viz.theme import ARCHITECTURES, OUTLINE, hatch
from viz.words import word_axis

ROW, FOOT = 24, 60  # pixels of a row; pixels below for words and the colour bar


def strips(
    rows: Sequence[Panel],
    tokens: Sequence[str],
    *,
    limits: tuple[float, float],
    colour_title: str,
    scale: str = "sequential",
    title: str = "",
    width: int | None = None,
    edge: float | None = None,
) -> go.Figure:
    """One row of cells [T] a model, coloured by share; the value is in the hover, a missing row says why.

    `edge` draws a line across all rows, between two words.
    """
    limits = check_limits(limits, scale)
    for row in rows:
        if row.values is not None and np.shape(row.values) != (len(tokens),):
            raise ValueError(f"{row.title}: wanted values of shape {(len(tokens),)}; got {np.shape(row.values)}")
    values = np.full((len(rows), len(tokens)), np.nan, dtype=np.float32)
    for at, row in enumerate(rows):
        if row.values is not None:
            values[at] = row.values
    sheet = Sheet()
    for at in np.flatnonzero(np.isnan(values).any(axis=1)).tolist():
        sheet.trace("scatter", **hatch([-0.5, len(tokens) - 0.5], [at - 0.44, at + 0.44]))
    _cells(sheet, values, limits, scale)
    for at, row in enumerate(rows):
        _name_row(sheet, at, row, len(tokens))
    if edge is not None:
        for colour, thick in MARK:
            line = {"color": colour, "width": thick}
            sheet.shape(type="line", xref="x", yref="paper", x0=edge, x1=edge, y0=0, y1=1, line=line)
    foot = _axes(sheet, rows, tokens, page_width(7, width) - LEFT - RIGHT)
    known = values[np.isfinite(values)]
    beyond = (bool((known < limits[0]).any()), bool((known > limits[1] * (1 + 1e-6)).any()))
    sheet.layout["coloraxis"] = color_axis(limits, scale, colour_title, beyond)
    return sheet.figure(title, len(rows) * ROW + 4 + foot, (LEFT, RIGHT, 4, foot))


def _cells(sheet: Sheet, values: np.ndarray, limits: tuple[float, float], scale: str) -> None:
    """All rows as one heat map with a thin gap between models."""
    sheet.trace(
        "heatmap",
        z=colours(values, limits, scale),
        customdata=values,
        coloraxis="coloraxis",
        ygap=3,
        xgap=1,
        hoverongaps=False,
        hovertemplate="%{y}<br><b>%{x}</b><br>%{customdata:.3g}<extra></extra>",
        zorder=1,
    )


def _name_row(sheet: Sheet, at: int, row: Panel, words: int) -> None:
    """The model's coloured bar at the row's left, and the note of a row without values."""
    colour = ARCHITECTURES[row.key].colour if row.key in ARCHITECTURES else OUTLINE
    bar = {"xref": "paper", "xsizemode": "pixel", "xanchor": 0, "x0": -5, "x1": -2, "line": {"width": 0}}
    sheet.shape(type="rect", **bar, yref="y", y0=at - 0.4, y1=at + 0.4, fillcolor=colour)
    name: dict[str, Any] = {"x": 0, "xref": "paper", "xanchor": "right", "xshift": -8, "yref": "y", "size": 12}
    sheet.text(text=escape(shorten(row.title, 16)), y=at, **name)
    if row.values is None:
        note: dict[str, Any] = {"x": (words - 1) / 2, "y": at, "xref": "x", "yref": "y", "size": 11, "borderpad": 2}
        sheet.text(text=wrap(row.note, 900), **note)


def _axes(sheet: Sheet, rows: Sequence[Panel], tokens: Sequence[str], across: int) -> int:
    """Words below, models at the left; returns the pixels that the words need below."""
    settings, room = word_axis(tokens, across, turn=True)
    sheet.axis("x", **settings, range=[-0.5, len(tokens) - 0.5])
    names = {"tickmode": "array", "tickvals": [], "labelalias": aliases([row.title for row in rows])}
    sheet.axis("y", **names, range=[len(rows) - 0.5, -0.5], showticklabels=False, showgrid=False)
    return max(FOOT, room)
