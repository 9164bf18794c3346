"""How much each word moves each model's answer: models down, words across."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from viz.grid import LEFT, RIGHT, page_width, wrap
from viz.labels import aliases, escape, shorten, ticks
from viz.matrices import CHARACTER, ROW_PITCH, Panel
from viz.scale import check_limits, color_axis, colours
from viz.theme import ARCHITECTURES, MONOSPACE, OUTLINE, finish, hatch

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
) -> go.Figure:
    """One row of cells [T] a model, coloured by share; the value is in the hover, a missing row says why."""
    limits = check_limits(limits, scale)
    for row in rows:
        if row.values is not None and np.shape(row.values) != (len(tokens),):
            raise ValueError(f"{row.title}: wanted values of shape {(len(tokens),)}; got {np.shape(row.values)}")
    values = np.full((len(rows), len(tokens)), np.nan, dtype=np.float32)
    for at, row in enumerate(rows):
        if row.values is not None:
            values[at] = row.values
    figure = go.Figure()
    if np.isnan(values).any():
        figure.add_trace(hatch([-0.5, len(tokens) - 0.5], [-0.5, len(rows) - 0.5], "x", "y"))
    figure.add_trace(_cells(values, limits, scale))
    for at, row in enumerate(rows):
        _name_row(figure, at, row, len(tokens))
    foot = _axes(figure, len(rows), tokens, page_width(7, width) - LEFT - RIGHT)
    known = values[np.isfinite(values)]
    beyond = (bool((known < limits[0]).any()), bool((known > limits[1] * (1 + 1e-6)).any()))
    figure.update_layout(coloraxis=color_axis(limits, scale, colour_title, beyond))
    return finish(figure, title, len(rows) * ROW + 4 + foot, (LEFT, RIGHT, 4, foot))


def _cells(values: np.ndarray, limits: tuple[float, float], scale: str) -> go.Heatmap:
    """All rows as one heat map with a thin gap between models."""
    return go.Heatmap(
        z=colours(values, limits, scale),
        customdata=values,
        coloraxis="coloraxis",
        ygap=3,
        xgap=1,
        hoverongaps=False,
        hovertemplate="%{y}<br><b>%{x}</b><br>%{customdata:.3g}<extra></extra>",
        zorder=1,
    )


def _name_row(figure: go.Figure, at: int, row: Panel, words: int) -> None:
    """The model's coloured bar at the row's left, and the note of a row without values."""
    colour = ARCHITECTURES[row.key].colour if row.key in ARCHITECTURES else OUTLINE
    bar = {"xref": "paper", "xsizemode": "pixel", "xanchor": 0, "x0": -5, "x1": -2, "line_width": 0}
    figure.add_shape(type="rect", **bar, yref="y", y0=at - 0.4, y1=at + 0.4, fillcolor=colour)
    name = {"x": 0, "xref": "paper", "xanchor": "right", "xshift": -8, "yref": "y", "font_size": 12}
    figure.add_annotation(text=escape(shorten(row.title, 16)), y=at, **name, showarrow=False)
    if row.values is None:
        note = {"x": (words - 1) / 2, "y": at, "xref": "x", "yref": "y", "font_size": 11, "borderpad": 2}
        figure.add_annotation(text=wrap(row.note, 900), **note, showarrow=False)


def _axes(figure: go.Figure, rows: int, tokens: Sequence[str], across: int) -> int:
    """Words below, models at the left; returns the pixels that the words need below."""
    cell = across / len(tokens)
    flat = max(len(text) for text in ticks(tokens)[1]) * CHARACTER <= cell
    values, texts = ticks(tokens, None if flat else max(1, across // ROW_PITCH))
    figure.update_xaxes(
        range=[-0.5, len(tokens) - 0.5],
        tickmode="array",
        tickvals=values,
        ticktext=texts,
        tickangle=0 if flat else -90,
        labelalias=aliases(tokens),
        tickfont={"family": MONOSPACE, "size": 11},
        showgrid=False,
    )
    figure.update_yaxes(range=[rows - 0.5, -0.5], showticklabels=False, showgrid=False)
    return max(FOOT, 18 if flat else int(max(map(len, texts)) * 6.7) + 12)
