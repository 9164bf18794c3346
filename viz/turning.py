"""Pairs of features as vectors that turn: a query and a key in the plane of each pair, before and after a shift."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from viz.grid import GAP, columns_for
from viz.labels import escape
from viz.sheet import Sheet
from viz.theme import NEUTRAL, Look, translucent

QUERY = Look("query", "#0072B2", "solid", "circle")
KEY = Look("key", "#6B8E23", "solid", "square")
PLANE, NAME, BELOW = 150, 22, 22  # pixels: a plane, the name above it, the angle below it
CIRCLE = 2 * np.pi * np.arange(73) / 72


@dataclass(frozen=True)
class Plane:
    """One pair: its name, what is said below, and the ends [2] of query and key before and after the shift."""

    title: str
    below: str
    query: tuple[np.ndarray, np.ndarray]
    key: tuple[np.ndarray, np.ndarray]


def turning(planes: Sequence[Plane], *, per_line: int = 8, title: str = "") -> go.Figure:
    """A plane a pair, each scaled to its longer vector; faint vectors stand before the shift, full ones after it."""
    columns = columns_for(len(planes), per_line)
    lines = math.ceil(len(planes) / columns)
    height = lines * (NAME + PLANE + BELOW)
    sheet = Sheet()
    for at, plane in enumerate(planes):
        for name, ends in (("query", plane.query), ("key", plane.key)):
            if any(np.shape(end) != (2,) for end in ends):
                raise ValueError(f"{plane.title}: wanted two ends of shape (2,) for the {name}; got {ends}")
        line, column = divmod(at, columns)
        share = (1 - GAP * (columns - 1)) / columns
        left = column * (share + GAP)
        top = 1 - (line * (NAME + PLANE + BELOW) + NAME) / height
        _plane(sheet, at, plane, [left, left + share], [top - PLANE / height, top])
    return sheet.figure(title, height, (4, 4, 0, 0))


def _plane(sheet: Sheet, at: int, plane: Plane, x: list[float], y: list[float]) -> None:
    """Circle, four vectors, names."""
    suffix = "" if at == 0 else str(at + 1)
    where = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
    hidden = {"visible": False, "range": [-1.32, 1.32]}
    sheet.axis(f"x{suffix}", domain=x, anchor=f"y{suffix}", **hidden)
    sheet.axis(f"y{suffix}", domain=y, anchor=f"x{suffix}", scaleanchor=f"x{suffix}", **hidden)
    radius = max(float(np.linalg.norm(end)) for end in (*plane.query, *plane.key)) or 1.0
    circle = {"mode": "lines", "line": {"color": NEUTRAL, "width": 1}, "hoverinfo": "skip"}
    sheet.trace("scatter", x=np.cos(CIRCLE), y=np.sin(CIRCLE), **circle, **where)
    for look, (before, after), mark in ((QUERY, plane.query, "q"), (KEY, plane.key, "k")):
        _vector(sheet, before / radius, look, 0.35, "before", where, radius)
        end = _vector(sheet, after / radius, look, 1.0, "after", where, radius)
        name = f'<span style="color:{look.colour}"><b>{mark}</b></span>'
        sheet.text(text=name, x=1.2 * end[0], y=1.2 * end[1], xref=where["xaxis"], yref=where["yaxis"], size=13)
    middle = {"x": (x[0] + x[1]) / 2, "xref": "paper", "yref": "paper", "xanchor": "center"}
    sheet.text(text=escape(plane.title), y=y[1], yanchor="bottom", size=12, **middle)
    sheet.text(text=escape(plane.below), y=y[0], yanchor="top", size=11, **middle)


def _vector(
    sheet: Sheet, end: np.ndarray, look: Look, opacity: float, when: str, where: dict, radius: float
) -> np.ndarray:
    """A line from the centre with a mark at its end; the hover says its angle and length."""
    angle, size = math.degrees(math.atan2(end[1], end[0])), float(np.hypot(*end)) * radius
    colour = translucent(look.colour, opacity)
    said = f"{look.title} {when}<br>{angle:.1f}°, length {size:.3g}<extra></extra>"
    sheet.trace(
        "scatter",
        x=[0.0, float(end[0])],
        y=[0.0, float(end[1])],
        mode="lines+markers",
        line={"color": colour, "width": 2.5 if opacity == 1 else 1.5, "dash": "solid" if opacity == 1 else "dot"},
        marker={"symbol": look.symbol, "size": [0, 8 if opacity == 1 else 5], "color": colour},
        hovertemplate=said,
        **where,
    )
    return end
