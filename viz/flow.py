"""Norms over many powers of ten, on one axis whose range never changes.

What lies below the axis is drawn open at its floor, what lies above it open at its ceiling, and what is not a number as
a cross at the ceiling: nothing is left out without a mark, and the hover gives the value.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import plotly.graph_objects as go

from viz.curves import Line, look_of
from viz.labels import escape
from viz.lines import lines
from viz.theme import Look

MEASURES = {
    "gradient": Look("∂ loss / ∂ hidden", "#3F7FD0", "solid", "circle"),
    "activation": Look("activation (RMS)", "#C8641E", "dash", "square"),
    "parameters": Look("∂ loss / ∂ weights", "#5B8C1F", "dashdot", "diamond"),
    "update": Look("update / weights", "#9366CE", "dot", "cross"),
    "theory": Look("theory", "#808080", "dot", "circle-open"),
    "bound": Look("bound", "#808080", "dash", "circle-open"),
    "substitution": Look("substitution", "#0F8C8C", "longdash", "square-open"),
    "kept": Look("forget gates", "#B0528F", "dashdot", "diamond-open"),
    "loss": Look("∂ loss / ∂ state", "#C8641E", "dash", "square"),
    "clipped": Look("the same, clipped", "#9366CE", "dot", "cross"),
}
HELPED = {
    "plain": Look("as it is", "#808080", "solid", "circle"),
    "residual": Look("residual", "#3F7FD0", "dash", "square"),
    "norm": Look("layer norm", "#C8641E", "dot", "diamond"),
    "both": Look("both", "#5B8C1F", "longdash", "cross"),
    "depth": Look("depth", "#3F7FD0", "solid", "circle"),
    "time": Look("time", "#C8641E", "dash", "square"),
}


@dataclass(frozen=True)
class Band:
    """A stretch of the value axis with its name."""

    low: float
    high: float
    name: str


def flow(
    series: Sequence[Line],
    *,
    x_title: str,
    y_title: str,
    y_range: tuple[float, float],
    bands: Sequence[Band] = (),
    x_names: Sequence[str] | None = None,
    title: str = "",
    height: int = 430,
) -> go.Figure:
    """Curves on a fixed logarithmic axis; `x_names` are the texts of the positions 0, 1, ... of the x axis."""
    high = y_range[1]
    held = [_held(line, high) for line in series]
    figure = lines(held, x_title=x_title, y_title=y_title, log_y=True, y_range=y_range, title=title, height=height)
    for line in series:
        _edge(figure, line, high)
    for band in bands:
        _band(figure, band)
    if x_names is not None:
        texts = [escape(name) for name in x_names]
        step = max(1, -(-len(texts) // 24))
        figure.update_xaxes(tickmode="array", tickvals=list(range(len(texts)))[::step], ticktext=texts[::step])
    return figure


def _held(line: Line, high: float) -> Line:
    """Values above the axis held at its ceiling; what is not a number leaves a gap that `_edge` marks."""
    y = np.asarray(line.y, dtype=np.float64)
    return replace(line, y=np.where(np.isnan(y), np.nan, np.minimum(y, high)))


def beyond(values: np.ndarray, high: float) -> tuple[np.ndarray, list[str], list[str]]:
    """Which values [n] stand beyond the axis's top, NaN among them, with a symbol and words for each of these."""
    values = np.asarray(values, dtype=np.float64)
    out = np.isnan(values) | (values > high)
    words = [
        "not a number" if np.isnan(v) else "infinite" if np.isinf(v) else f"{v:.3g}, above the axis"
        for v in values[out]
    ]
    return out, ["x-thin" if np.isnan(v) else "triangle-up-open" for v in values[out]], words


def _edge(figure: go.Figure, line: Line, high: float) -> None:
    """Marks at the ceiling for values beyond it, infinities and NaN."""
    out, symbols, words = beyond(line.y, high)
    if not out.any():
        return
    colour = look_of(line).colour
    figure.add_trace(
        go.Scatter(
            x=np.asarray(line.x)[out],
            y=np.full(len(words), high),
            mode="markers",
            marker={"symbol": symbols, "size": 10, "color": colour, "line": {"width": 2, "color": colour}},
            customdata=words,
            hovertemplate="%{x}<br><b>%{customdata}</b><extra>" + escape(line.title) + "</extra>",
            cliponaxis=False,
            name=f"{escape(line.title)}, beyond the axis",
        )
    )


def _band(figure: go.Figure, band: Band) -> None:
    """A shaded stretch with its name above it, at the left."""
    figure.add_shape(
        type="rect",
        xref="paper",
        x0=0,
        x1=1,
        y0=band.low,
        y1=band.high,
        layer="below",
        fillcolor="rgba(46,158,91,0.13)",
        line={"width": 0},
    )
    figure.add_annotation(
        text=escape(band.name),
        x=0,
        xref="paper",
        xanchor="left",
        y=float(np.log10(band.high)),
        yanchor="bottom",
        xshift=4,
        showarrow=False,
        font={"size": 11},
    )
