"""One row of dots a model: many measurements of one quantity, with their mean or an interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from viz.labels import escape
from viz.theme import NEUTRAL, OUTLINE, finish, look

ROW, TOP, FOOT, LEFT = 30, 8, 46, 190


@dataclass(frozen=True)
class Dots:
    """key: an architecture, or "" for a baseline; marks [n] are single measurements; centre with low and high."""

    key: str
    title: str
    centre: float
    marks: np.ndarray | None = None
    low: float | None = None
    high: float | None = None


def dots(rows: Sequence[Dots], *, x_title: str, x_range: tuple[float, float], title: str = "") -> go.Figure:
    """Rows downwards in the order given; a vertical tick is the centre, a line the interval, small dots the marks."""
    if not rows:
        raise ValueError("wanted at least one row; got none")
    low, high = x_range
    if not low < high:
        raise ValueError(f"x_range must rise; got {low:g} and {high:g}")
    figure = go.Figure()
    for at, row in enumerate(rows):
        _draw(figure, at, row)
    figure.update_xaxes(range=[low, high], title={"text": x_title, "font": {"size": 12}}, gridcolor=NEUTRAL)
    figure.update_yaxes(
        range=[len(rows) - 0.5, -0.5],
        tickmode="array",
        tickvals=list(range(len(rows))),
        ticktext=[escape(row.title) for row in rows],
        showgrid=False,
    )
    return finish(figure, title, len(rows) * ROW + TOP + FOOT, (LEFT, 24, TOP, FOOT))


def _draw(figure: go.Figure, at: int, row: Dots) -> None:
    colour = look(row.key).colour if row.key else OUTLINE
    if row.marks is not None:
        marks = np.asarray(row.marks, dtype=np.float64)
        spread = at + 0.22 * np.linspace(-1, 1, len(marks))
        figure.add_trace(_points(marks, spread, {"color": colour, "size": 6, "opacity": 0.55}, row.title))
    if row.low is not None and row.high is not None:
        line = {"color": colour, "width": 3}
        span = {"x": [row.low, row.high], "y": [at, at], "mode": "lines", "line": line, "hoverinfo": "skip"}
        figure.add_trace(go.Scatter(**span))
    outline = {"color": OUTLINE, "width": 1}
    figure.add_trace(
        _points([row.centre], [at], {"color": colour, "size": 11, "symbol": "diamond", "line": outline}, row.title)
    )


def _points(x: np.ndarray | Sequence[float], y: np.ndarray | Sequence[float], marker: dict, title: str) -> go.Scatter:
    hover = f"{escape(title)}<br>%{{x:.3g}}<extra></extra>"
    return go.Scatter(x=x, y=y, mode="markers", marker=marker, hovertemplate=hover)
