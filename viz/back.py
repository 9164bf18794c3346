"""How far back a gradient reaches: its size at every position of the input, a line a network."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from viz.curves import Axis, style_y
from viz.flow import beyond
from viz.labels import escape
from viz.sheet import Sheet
from viz.theme import NEUTRAL
from viz.variants import variant

LEFT, RIGHT, TOP, FOOT = 64, 16, 30, 46


@dataclass(frozen=True)
class Reach:
    """One network: sizes [n, T] of the gradient at n moments for T positions; `note` stands beside its name."""

    key: str
    sizes: np.ndarray
    note: str = ""


def back(
    reaches: Sequence[Reach],
    *,
    limits: tuple[float, float],
    x: np.ndarray,
    x_title: str,
    y_title: str,
    band: tuple[float, float, str] | None = None,
    title: str = "",
) -> go.Figure:
    """The last moment of every network against `x` [T], on a log axis from limits[0] to limits[1].

    Values below the floor, zero included, lie on it. Values above the ceiling lie on it with an open triangle, and
    what is not a number is a cross there. `band` is (from, to, name) on the x axis.
    """
    if not reaches:
        raise ValueError("wanted at least one network; got none")
    for reach in reaches:
        if np.ndim(reach.sizes) != 2 or np.shape(reach.sizes)[1] != len(x):
            raise ValueError(f"{reach.key}: wanted sizes [n, {len(x)}]; got {np.shape(reach.sizes)}")
    sheet, axis = Sheet(), Axis(*limits, True)
    if band:
        box = {"type": "rect", "yref": "paper", "x0": band[0], "x1": band[1], "y0": 0, "y1": 1, "layer": "below"}
        sheet.shape(**box, fillcolor=NEUTRAL, opacity=0.22, line={"width": 0})
        place = {"x": max(band[:2]), "y": 0, "yref": "paper", "xanchor": "left", "yanchor": "bottom", "xshift": 4}
        sheet.text(text=escape(band[2]), **place, size=11)
    sheet.traces += [{"x": x, **_line(reach, -1, axis)} for reach in reaches]
    sheet.traces += [_marks(reach, -1, axis, x) for reach in reaches]
    sheet.axis(
        "x", title={"text": escape(x_title), "standoff": 4}, range=[x.max() + 0.5, x.min() - 0.5], showgrid=False
    )
    style_y(sheet, axis, "y", y_title)
    figure = sheet.figure(title, 360, (LEFT, RIGHT, TOP, FOOT))
    legend = {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"}
    return figure.update_layout(showlegend=True, legend=legend)


def moving(
    reaches: Sequence[Reach], moments: int, limits: tuple[float, float], x: np.ndarray
) -> tuple[list[int], list[list[dict]]]:
    """The traces that change and their settings at every moment, for `viz.replay`; a network that stopped stays."""
    axis, frames = Axis(*limits, True), []
    for moment in range(moments):
        now = [(reach, min(moment, len(reach.sizes) - 1)) for reach in reaches]
        frames.append([_line(*pair, axis) for pair in now] + [_marks(*pair, axis, x) for pair in now])
    return list(range(2 * len(reaches))), frames


def _line(reach: Reach, moment: int, axis: Axis) -> dict:
    """One network's line at one moment; the hover says the value itself."""
    sizes, look = np.asarray(reach.sizes[moment], dtype=np.float64), variant(reach.key)
    return {
        "type": "scatter",
        "y": np.minimum(axis.heights(sizes), axis.high),
        "mode": "lines",
        "line": {"color": look.colour, "width": 2, "dash": look.dash},
        "name": escape(f"{look.title}, {reach.note}" if reach.note else look.title),
        "customdata": [f"{size:.2g}" for size in sizes],
        "hovertemplate": "%{x} back<br><b>%{customdata}</b>",
    }


def _marks(reach: Reach, moment: int, axis: Axis, x: np.ndarray) -> dict:
    """Marks at the ceiling for what the axis does not hold at one moment."""
    out, symbols, words = beyond(reach.sizes[moment], axis.high)
    look = variant(reach.key)
    return {
        "type": "scatter",
        "x": np.asarray(x)[out],
        "y": np.full(len(words), axis.high),
        "mode": "markers",
        "marker": {"symbol": symbols, "size": 9, "color": look.colour, "line": {"width": 2, "color": look.colour}},
        "customdata": words,
        "hovertemplate": "%{x} back<br><b>%{customdata}</b>",
        "name": f"{escape(look.title)}, beyond the axis",
        "cliponaxis": False,
        "showlegend": False,
    }
