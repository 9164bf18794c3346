"""Influence over a picture as maps side by side, with the squares that bound it: what may be seen, and what is used."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import plotly.graph_objects as go

from viz.grid import Grid as Places
from viz.grid import absent, columns_for, heading
from viz.labels import escape
from viz.scale import color_axis, colours
from viz.sheet import Sheet
from viz.theme import NEUTRAL, OUTLINE

FOOT, BAR = 24, 44  # pixels below a line of panels for its ticks, below all for the colour bar
LEFT_ROOM = 56  # pixels


@dataclass(frozen=True)
class Square:
    """A square round `centre` (row, column) whose sides lie `half` pixels from it; a strong one is drawn solid."""

    name: str
    centre: tuple[float, float]
    half: float
    strong: bool = False


@dataclass(frozen=True)
class FieldPanel:
    """A map [H, W] of values >= 0, or None with the reason, under a title, with squares on it."""

    key: str
    title: str
    values: np.ndarray | None
    squares: Sequence[Square] = field(default_factory=tuple)
    note: str = ""


def field_maps(
    panels: Sequence[FieldPanel],
    *,
    per_line: int,
    width: int,
    colour_title: str = "share of the peak",
    limits: tuple[float, float] = (0.0, 1.0),
    scale: str = "sequential",
    unit: str = "pixels",
    title: str = "",
) -> go.Figure:
    """Panels with one colour scale; give each map divided by its own peak to compare shapes."""
    if not panels:
        raise ValueError("wanted at least one panel; got none")
    columns = columns_for(len(panels), per_line)
    across = (width - LEFT_ROOM - 8) / columns - 12
    grid = Places(len(panels), columns, width, round(min(across, 380)), FOOT)
    sheet = Sheet()
    for at, panel in enumerate(panels):
        heading(sheet, grid, at, panel.key, panel.title)
        if panel.values is None:
            absent(sheet, grid, at, panel.note)
        else:
            _panel(sheet, grid, at, panel, limits, scale, unit)
    drawn = [np.asarray(panel.values) for panel in panels if panel.values is not None]
    beyond = (
        any(bool((values < limits[0]).any()) for values in drawn),
        any(bool((values > limits[1] * (1 + 1e-6)).any()) for values in drawn),
    )
    sheet.layout["coloraxis"] = color_axis(limits, scale, colour_title, beyond)
    return sheet.figure(title, grid.height + BAR, (LEFT_ROOM, 8, 0, BAR))


def _panel(
    sheet: Sheet, grid: Places, at: int, panel: FieldPanel, limits: tuple[float, float], scale: str, unit: str
) -> None:
    """One map with its axes and its squares."""
    values = np.asarray(panel.values)
    if values.ndim != 2:
        raise ValueError(f"{panel.title}: wanted a map [H, W]; got {values.shape}")
    suffix = "" if at == 0 else str(at + 1)
    rows, columns = values.shape
    reach = max((abs(each) for square in panel.squares for each in _beyond(square, rows, columns)), default=0.0)
    pad = min(reach, 0.5 * max(rows, columns)) + 0.5
    style = {"showgrid": False, "nticks": 5, "tickfont": {"size": 10}, "constrain": "domain", "linecolor": NEUTRAL}
    first = grid.place(at)[1] == 0
    sheet.axis(f"x{suffix}", domain=grid.x(at), anchor=f"y{suffix}", range=[-pad, columns - 1 + pad], **style)
    sheet.axis(
        f"y{suffix}",
        domain=grid.y(at),
        anchor=f"x{suffix}",
        range=[rows - 1 + pad, -pad],
        scaleanchor=f"x{suffix}",
        title={"text": unit if first else "", "font": {"size": 11}},
        constraintoward="top",
        showticklabels=first,
        **style,
    )
    sheet.trace(
        "heatmap",
        z=colours(values, limits, scale),
        xaxis=f"x{suffix}",
        yaxis=f"y{suffix}",
        coloraxis="coloraxis",
        name=escape(panel.title),
        hovertemplate="row %{y}, column %{x}<br>%{z:.3g}",
    )
    for square in panel.squares:
        _square(sheet, square, suffix)


def _beyond(square: Square, rows: int, columns: int) -> tuple[float, float, float, float]:
    """How far a square leaves the map at its four sides, 0 where it does not."""
    (row, column), half = square.centre, square.half
    return (
        max(0.0, half - row),
        max(0.0, row + half - rows + 1),
        max(0.0, half - column),
        max(0.0, column + half - columns + 1),
    )


def _square(sheet: Sheet, square: Square, suffix: str) -> None:
    """Light on dark, so that it shows on every colour; its name, if it has one, at the upper edge."""
    (row, column), half = square.centre, square.half
    corners = {"x0": column - half, "x1": column + half, "y0": row - half, "y1": row + half}
    where = {"type": "rect", "xref": f"x{suffix}", "yref": f"y{suffix}", **corners}
    sheet.shape(**where, line={"color": "#101418", "width": 3 if square.strong else 2})
    dash = "solid" if square.strong else "dot"
    sheet.shape(**where, line={"color": "#FFFFFF", "width": 1.5 if square.strong else 1, "dash": dash})
    if not square.name:
        return
    place = {
        "xref": f"x{suffix}",
        "yref": f"y{suffix}",
        "x": column - half if square.strong else column,
        "y": row - half,
    }
    sheet.text(
        text=escape(square.name),
        size=9,
        xanchor="left" if square.strong else "center",
        yanchor="top" if square.strong else "bottom",
        bgcolor="rgba(255,255,255,0.8)",
        bordercolor=OUTLINE,
        **place,
    )
    sheet.texts[-1]["font"]["color"] = "#101418"
