"""Where networks draw the line: the probability of a class over the plane, a square panel a network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from viz.labels import escape
from viz.scale import color_axis
from viz.sheet import Sheet
from viz.theme import hatch
from viz.variants import variant

LEFT, RIGHT, HEAD, FOOT = 30, 8, 40, 70  # pixels; the head holds two lines, the foot ticks and the colour bar
SIDES = {1: 340, 2: 340, 3: 320, 4: 270, 5: 220}  # pixels of a panel's side by their number; less in a narrow window
GAP = 0.03  # between panels, as a share of the width
MARKS = (("circle", "#00436B"), ("diamond", "#803700"))  # class 0 and 1, the dark ends of the scale


@dataclass(frozen=True)
class Plane:
    """One network: `chance` [n, G, G], the probability of class 1 at n moments, row 0 lowest; NaN is hatched."""

    key: str
    chance: np.ndarray
    note: str = ""


def boundary(
    planes: Sequence[Plane], points: np.ndarray, labels: np.ndarray, edge: float, *, title: str = ""
) -> go.Figure:
    """The last moment of every network over [-edge, edge]^2, with the points [N, 2] of classes 0 and 1 [N].

    Pale is undecided; blue leans to class 0, orange to class 1.
    """
    if not planes or len(points) != len(labels) or np.shape(points)[1:] != (2,):
        raise ValueError(f"wanted panels and one label for each point [N, 2]; got {np.shape(points)} and {len(labels)}")
    sheet, columns = Sheet(), max(2, len(planes))  # one panel alone keeps to the left half
    for at, plane in enumerate(planes):
        left = at * (1 + GAP) / (columns + GAP * (columns - 1))
        domain = [left, min(1.0, left + 1 / (columns + GAP * (columns - 1)))]
        _panel(sheet, plane, at, domain, points, labels, edge)
    height = HEAD + SIDES[min(5, columns)] + FOOT
    figure = sheet.figure(title, height, (LEFT, RIGHT, HEAD, FOOT))
    return figure.update_layout(coloraxis=color_axis((-0.5, 0.5), "diverging", "P(orange) − 0.5", (False, False)))


def moving(planes: Sequence[Plane], moments: int) -> tuple[list[int], list[list[dict]]]:
    """The traces that change and their settings at every moment, for `viz.replay`; a network that stopped stays."""
    sizes = [_traces(plane) for plane in planes]
    traces = [sum(sizes[: at + 1]) - 3 for at in range(len(planes))]
    frames = [
        [{"type": "heatmap", "z": _shades(plane.chance[min(moment, len(plane.chance) - 1)])} for plane in planes]
        for moment in range(moments)
    ]
    return traces, frames


def _shades(chance: np.ndarray) -> np.ndarray:
    """Probability less a half, as float32."""
    return np.ascontiguousarray(chance, dtype=np.float32) - np.float32(0.5)


def _traces(plane: Plane) -> int:
    """Traces of a panel: the map and both kinds of points, below them hatching where it is undefined at some moment."""
    return 3 + bool(np.isnan(plane.chance).any())


def _panel(
    sheet: Sheet,
    plane: Plane,
    at: int,
    domain: list[float],
    points: np.ndarray,
    labels: np.ndarray,
    edge: float,
) -> None:
    """One network's map, its points and its name. In a narrow window it stays square, at the top left."""
    suffix = "" if at == 0 else str(at + 1)
    where, side = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}, np.linspace(-edge, edge, plane.chance.shape[1])
    if _traces(plane) == 4:
        sheet.trace("scatter", **hatch([-edge, edge], [-edge, edge]), **where)
    sheet.trace(
        "heatmap",
        x=side,
        y=side,
        z=_shades(plane.chance[-1]),
        zsmooth="best",
        coloraxis="coloraxis",
        zorder=1,
        hoverongaps=False,
        hovertemplate="x %{x:.2f}, y %{y:.2f}<br>P(◆) − ½ = <b>%{z:.2f}</b><extra></extra>",
        **where,
    )
    for label, (symbol, colour) in enumerate(MARKS):
        mark = {"symbol": symbol, "size": 5, "color": colour, "line": {"width": 0.8, "color": "#FFFFFF"}}
        spots = {"x": points[labels == label, 0], "y": points[labels == label, 1], "mode": "markers", "marker": mark}
        sheet.trace("scatter", **spots, hoverinfo="skip", zorder=2, **where)
    axis: dict[str, Any] = {"range": [-edge, edge], "showgrid": False, "tickvals": [-1, 0, 1], "tickfont": {"size": 10}}
    axis["constrain"] = "domain"
    sheet.axis(f"x{suffix}", domain=domain, anchor=f"y{suffix}", constraintoward="left", **axis)
    sheet.axis(f"y{suffix}", anchor=f"x{suffix}", scaleanchor=f"x{suffix}", constraintoward="top", **axis)
    sheet.axis(f"y{suffix}", showticklabels=not at)
    look, note = variant(plane.key), f"<br>{escape(plane.note)}" if plane.note else ""
    place: dict[str, Any] = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom", "yshift": 3}
    name = f'<span style="color:{look.colour}">■</span> {escape(look.title)}{note}'
    sheet.text(text=name, x=domain[0], y=1, align="left", size=11, **place)
