"""Rows that change while a network learns: one strip a network, steps to the right, all strips on one axis of steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from viz.labels import escape
from viz.scale import check_limits, color_axis, colours
from viz.sheet import Sheet
from viz.theme import hatch
from viz.variants import variant

LEFT, RIGHT, HEAD, FOOT = 92, 16, 30, 72  # pixels; the foot holds the axis and the colour bar
ROW, LEAST, MOST = 17, 34, 150  # pixels a row, and of a strip at least and at most


@dataclass(frozen=True)
class Strip:
    """One network: values [n, rows] at steps [n]; `rows` names them, upwards; numeric rows give their centres instead.

    `note` stands beside the name, such as why the network stopped.
    """

    key: str
    steps: np.ndarray
    values: np.ndarray
    rows: Sequence[str] | np.ndarray
    note: str = ""


def over_steps(
    strips: Sequence[Strip],
    *,
    limits: tuple[float, float],
    scale: str,
    colour_title: str,
    y_title: str,
    last: int,
    upright: bool = False,
    title: str = "",
) -> go.Figure:
    """Heat maps below each other with one colour scale; `upright` gives strips of numeric rows their full height.

    Values that are not numbers are hatched, values beyond the limits take the end's colour, and the bar then says so.
    """
    low, high = check_limits(limits, scale)
    for strip in strips:
        if np.shape(strip.values) != (len(strip.steps), len(strip.rows)) or not len(strip.steps):
            raise ValueError(
                f"{strip.key}: wanted values {(len(strip.steps), len(strip.rows))}, at least one step; "
                f"got {np.shape(strip.values)}"
            )
    if not strips:
        raise ValueError("wanted at least one strip; got none")
    heights = [MOST if upright else min(MOST, max(LEAST, ROW * len(strip.rows))) for strip in strips]
    total = sum(heights) + HEAD * len(strips) + FOOT
    sheet, inner, top = Sheet(), total - FOOT, 0
    for at, (strip, height) in enumerate(zip(strips, heights, strict=True)):
        top += HEAD
        domain = [1 - (top + height) / inner, 1 - top / inner]
        _strip(sheet, strip, at, domain, (low, high), scale, last, at == len(strips) - 1)
        top += height
    _y_title(sheet, y_title)
    values = np.concatenate([np.ravel(strip.values) for strip in strips]).astype(np.float64)
    beyond = (bool((values < low).any()), bool((values > high).any()))
    figure = sheet.figure(title, total, (LEFT, RIGHT, 0, FOOT))
    return figure.update_layout(coloraxis=color_axis((low, high), scale, colour_title, beyond))


def _strip(
    sheet: Sheet,
    strip: Strip,
    at: int,
    domain: list[float],
    limits: tuple[float, float],
    scale: str,
    last: int,
    lowest: bool,
) -> None:
    """One network's heat map with its name above it."""
    suffix = "" if at == 0 else str(at + 1)
    named = not isinstance(strip.rows, np.ndarray)
    y = np.arange(len(strip.rows)) if named else np.asarray(strip.rows)
    values = np.asarray(strip.values, dtype=np.float64).T
    half = (y[1] - y[0]) / 2 if len(y) > 1 else 0.5
    y_span, x_span = [float(y[0] - half), float(y[-1] + half)], [-0.01 * last - 0.5, last * 1.01 + 0.5]
    where = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
    if np.isnan(values).any():
        sheet.trace("scatter", **hatch([float(strip.steps[0]), float(strip.steps[-1])], y_span), **where)
    sheet.trace(
        "heatmap",
        x=strip.steps,
        y=y,
        z=colours(values, limits, scale),
        customdata=np.ascontiguousarray(values, dtype=np.float32),
        coloraxis="coloraxis",
        zorder=1,
        hoverongaps=False,
        hovertemplate="step %{x}, %{y}<br><b>%{customdata:.3g}</b><extra></extra>",
        name=escape(variant(strip.key).title),
        **where,
    )
    ticks = _ticks([escape(str(name)) for name in strip.rows]) if named else {"nticks": 5}
    sheet.axis(f"y{suffix}", domain=domain, anchor=f"x{suffix}", range=y_span, showgrid=False, tickfont={"size": 10})
    sheet.axis(f"y{suffix}", **ticks)
    sheet.axis(f"x{suffix}", anchor=f"y{suffix}", range=x_span, showgrid=False, showticklabels=lowest, nticks=9)
    if lowest:
        sheet.axis(f"x{suffix}", title={"text": "step", "standoff": 14, "font": {"size": 12}}, ticks="outside")
    look = variant(strip.key)
    text = f'<span style="color:{look.colour}">■</span> {escape(look.title)}'
    text += f" · {escape(strip.note)}" if strip.note else ""
    place: dict[str, Any] = {"x": 0, "y": domain[1], "xref": "paper", "yref": "paper", "xanchor": "left"}
    sheet.text(text=text, yanchor="bottom", yshift=3, **place)


def _ticks(names: list[str]) -> dict[str, Any]:
    """Every name, or every second, third ... where rows are narrower than type."""
    step = max(1, -(-len(names) * ROW // MOST))
    return {"tickvals": list(range(0, len(names), step)), "ticktext": names[::step]}


def _y_title(sheet: Sheet, text: str) -> None:
    sheet.text(
        text=escape(text),
        x=0,
        y=0.5,
        xref="paper",
        yref="paper",
        xanchor="center",
        yanchor="middle",
        xshift=-LEFT + 10,
        textangle=-90,
        size=12,
    )
