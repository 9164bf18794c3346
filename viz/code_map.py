"""Position codes as a map: positions down, features across, and above it how long each feature's wave is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from viz.labels import escape, ticks
from viz.scale import check_limits, color_axis, colours
from viz.sheet import Sheet
from viz.theme import OUTLINE, hatch
from viz.words import word_axis

LEFT, RIGHT, TOP, FOOT = 132, 14, 20, 66  # pixels around the map
ABOVE, BETWEEN = 84, 14  # pixels of the panel of wavelengths, and of the gap below it
MARK = (("#FFFFFF", 3), ("#101418", 1))  # dark in light: seen on every colour
WAVE = "#0072B2"
ASSUMED = 560  # pixels, where the page's width is not known: labels must not touch on a narrow one
FLAT = 4  # characters of a column's name that stand flat
THIN = 8  # pixels; a frame round a thinner row would hide it
SMALL = {"tickfont": {"size": 10}, "ticks": "outside", "ticklen": 3}


def code_map(
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    limits: tuple[float, float],
    colour_title: str,
    scale: str = "diverging",
    axes: tuple[str, str] = ("position", "feature"),
    waves: np.ndarray | None = None,
    length: float | None = None,
    marked: int | None = None,
    height: int = 430,
    width: int | None = None,
    title: str = "",
) -> go.Figure:
    """A map [T, D] of fixed height; NaN is hatched, `marked` points at a row.

    `waves` [D] are wavelengths in positions, NaN where a feature does not turn, drawn above on a log axis with a line
    at `length`: features whose wave is longer never come back to where they began.
    """
    if np.shape(values) != (len(rows), len(columns)) or not np.size(values):
        raise ValueError(f"wanted values of shape {(len(rows), len(columns))}, none empty; got {np.shape(values)}")
    if marked is not None and not 0 <= marked < len(rows):
        raise ValueError(f"marked row must be from 0 to {len(rows) - 1}; got {marked}")
    limits = check_limits(limits, scale)
    sheet = Sheet()
    inner = height - TOP - FOOT
    top = 1.0 if waves is None else 1 - (ABOVE + BETWEEN) / inner
    _map(sheet, np.asarray(values), limits, scale, axes)
    _axes(sheet, rows, columns, axes, top, inner, (width or ASSUMED) - LEFT - RIGHT)
    if waves is not None:
        _waves(sheet, np.asarray(waves, dtype=np.float64), length, top + BETWEEN / inner)
    if marked is not None:
        _mark(sheet, marked, len(columns), inner * top / len(rows))
    known = np.asarray(values)[np.isfinite(values)]
    beyond = bool((known < limits[0] - 1e-6).any()), bool((known > limits[1] + 1e-6).any())
    sheet.layout["coloraxis"] = color_axis(limits, scale, colour_title, beyond)
    return sheet.figure(title, height, (LEFT, RIGHT, TOP, FOOT))


def _map(sheet: Sheet, values: np.ndarray, limits: tuple[float, float], scale: str, axes: tuple[str, str]) -> None:
    """The cells, above a hatched ground where some are undefined."""
    if np.isnan(values).any():
        rows, columns = values.shape
        sheet.trace("scatter", **hatch([-0.5, columns - 0.5], [-0.5, rows - 0.5]))
    names = [escape(name) for name in axes]
    sheet.trace(
        "heatmap",
        z=colours(values, limits, scale),
        coloraxis="coloraxis",
        hoverongaps=False,
        hovertemplate=f"{names[0]} <b>%{{y}}</b><br>{names[1]} <b>%{{x}}</b><br>%{{z:.4g}}<extra></extra>",
        zorder=1,
    )


def _axes(
    sheet: Sheet,
    rows: Sequence[str],
    columns: Sequence[str],
    axes: tuple[str, str],
    top: float,
    inner: int,
    across: int,
) -> None:
    """Names of rows and columns at their indices; rows run downwards."""
    beside, _ = word_axis(rows, inner * top, turn=False)
    sheet.axis("x", **_below(columns, across), range=[-0.5, len(columns) - 0.5], anchor="y")
    sheet.axis("y", **beside, range=[len(rows) - 0.5, -0.5], domain=[0, top])
    name: dict[str, Any] = {"xref": "paper", "yref": "paper", "size": 11}
    corner: dict[str, Any] = {"x": 0, "y": top, "xanchor": "right", "yanchor": "bottom", "xshift": -6, "yshift": 1}
    sheet.text(text=f"{escape(axes[0])} ↓", **corner, **name)
    foot: dict[str, Any] = {"x": 0.5, "y": 0, "xanchor": "center", "yanchor": "bottom", "yshift": -FOOT}
    sheet.text(text=f"{escape(axes[1])} →", **foot, **name)


def _below(columns: Sequence[str], across: int) -> dict:
    """Short names stand flat, as many as fit; longer ones, words, are turned."""
    if max(map(len, columns)) > FLAT:
        return word_axis(columns, across, turn=True)[0]
    values, texts = ticks(columns, max(1, across // (9 * FLAT)))
    return {"tickmode": "array", "tickvals": values, "ticktext": texts, "tickangle": 0, "showgrid": False, **SMALL}


def _waves(sheet: Sheet, waves: np.ndarray, length: float | None, bottom: float) -> None:
    """The panel above: one dot a feature on a log axis, and the length as a line."""
    known = waves[np.isfinite(waves)]
    shown = np.append(known, [] if length is None else length)
    low, high = (np.log10(shown.min()) - 0.25, np.log10(shown.max()) + 0.25) if len(shown) else (0.0, 1.0)
    sheet.trace(
        "scatter",
        x=np.arange(len(waves)),
        y=waves,
        mode="markers",
        marker={"color": WAVE, "size": 4, "line": {"width": 0}},
        xaxis="x",
        yaxis="y2",
        hovertemplate="feature %{x}<br>wavelength <b>%{y:.4g}</b> positions<extra></extra>",
        cliponaxis=False,
    )
    style = {"gridcolor": "rgba(128,128,128,0.18)", "dtick": max(1, round((high - low) / 3)), "tickfont": {"size": 10}}
    sheet.axis("y2", type="log", range=[low, high], domain=[bottom, 1], anchor="x", exponentformat="power", **style)
    place: dict[str, Any] = {"x": 0, "xref": "paper", "yref": "paper", "xanchor": "right", "xshift": -34}
    sheet.text(text="wavelength,<br>positions", y=(1 + bottom) / 2, yanchor="middle", align="right", size=11, **place)
    if length is not None:
        across = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y2", "y0": length, "y1": length}
        sheet.shape(**across, line={"color": OUTLINE, "width": 1, "dash": "dot"})
        at = {"x": 1, "xref": "paper", "xanchor": "right", "y": np.log10(length), "yref": "y2", "yanchor": "bottom"}
        sheet.text(text=f"length {length:,.0f}", size=11, **at)


def _mark(sheet: Sheet, row: int, columns: int, pixels: float) -> None:
    """A frame round one row, or where rows are thin an arrow beside it, which covers nothing."""
    arrow: dict[str, Any] = {"x": 1, "xref": "paper", "y": row, "yref": "y", "xanchor": "left", "yanchor": "middle"}
    sheet.text(text="◂", **arrow)
    for colour, thick in MARK if pixels >= THIN else ():
        line = {"color": colour, "width": thick}
        box = {"x0": -0.5, "x1": columns - 0.5, "y0": row - 0.5, "y1": row + 0.5}
        sheet.shape(type="rect", xref="x", yref="y", **box, line=line)
