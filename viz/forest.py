"""Estimates with their intervals, rows downwards, a few marks a row, panels beside each other on one value axis.

A forest plot: the centre is a marker, the interval a line through it, single runs are small dots. Reference values
(chance, a threshold) are dotted lines across a panel, named at its foot.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import plotly.graph_objects as go

from viz.estimates import SYMBOLS, Mark, draw
from viz.labels import escape
from viz.scale import power
from viz.sheet import Sheet
from viz.theme import OUTLINE

__all__ = ["ForestPanel", "Mark", "forest"]
HEAD, FOOT, LEFT, RIGHT, GAP = 26, 62, 150, 18, 0.05
FAINT = "rgba(128,128,128,0.18)"
PITCH, ROOM = 15, 12  # pixels a mark, and between rows


@dataclass(frozen=True)
class ForestPanel:
    """marks[row][series], None where there is none; lines are (name, value) across the panel."""

    title: str
    marks: Sequence[Sequence[Mark | None]]
    lines: Sequence[tuple[str, float]] = field(default=())


def forest(
    panels: Sequence[ForestPanel],
    rows: Sequence[tuple[str, str]],
    *,
    x_title: str,
    x_range: tuple[float, float],
    series: Sequence[str] = ("",),
    log: bool = False,
    title: str = "",
) -> go.Figure:
    """`rows` are (name, colour); `series` names the marks of a row by their symbol. A log axis floors what is below."""
    _check(panels, rows, series, x_range, log)
    sheet = Sheet()
    height = HEAD + FOOT + len(rows) * (PITCH * len(series) + ROOM)
    for at, panel in enumerate(panels):
        _axes(sheet, at, len(panels), rows, x_range, log)
        for row, (_, colour) in enumerate(rows):
            for kind, mark in enumerate(panel.marks[row]):
                if mark is not None:
                    spot = (*_names(at), _height(row, kind, len(series)))
                    draw(sheet, spot, mark, colour, SYMBOLS[kind], x_range[0] if log else None)
        _heading(sheet, at, len(panels), panel)
        for name, value in panel.lines:
            _line(sheet, at, name, value, len(rows), log)
    place: dict[str, Any] = {"x": 0.5, "y": 0, "xref": "paper", "yref": "paper", "xanchor": "center", "yanchor": "top"}
    sheet.text(text=escape(x_title), **place, yshift=-40)
    if len(series) > 1:
        _legend(sheet, series)
    return sheet.figure(title, height, (LEFT, RIGHT, HEAD, FOOT))


def _check(
    panels: Sequence[ForestPanel],
    rows: Sequence[tuple[str, str]],
    series: Sequence[str],
    x_range: tuple[float, float],
    log: bool,
) -> None:
    if not panels or not rows:
        raise ValueError(f"wanted at least one panel and one row; got {len(panels)} and {len(rows)}")
    if not 1 <= len(series) <= len(SYMBOLS):
        raise ValueError(f"wanted one to {len(SYMBOLS)} series; got {len(series)}")
    if not x_range[0] < x_range[1] or (log and x_range[0] <= 0):
        raise ValueError(f"wanted x_range low < high{', above zero' if log else ''}; got {x_range}")
    for panel in panels:
        shape = [len(row) for row in panel.marks]
        if shape != [len(series)] * len(rows):
            raise ValueError(f"{panel.title}: wanted {len(rows)} rows of {len(series)} marks; got {shape}")


def _names(at: int) -> tuple[str, str]:
    """Plotly's short names of a panel's axes."""
    return ("x", "y") if at == 0 else (f"x{at + 1}", f"y{at + 1}")


def _height(row: int, kind: int, count: int) -> float:
    """Where a mark stands: row r fills r - 0.5 .. r + 0.5."""
    return row + (kind - (count - 1) / 2) * PITCH / (PITCH * count + ROOM)


def _domain(at: int, count: int) -> list[float]:
    share = (1 - GAP * (count - 1)) / count
    return [at * (share + GAP), at * (share + GAP) + share]


def _axes(
    sheet: Sheet, at: int, count: int, rows: Sequence[tuple[str, str]], x_range: tuple[float, float], log: bool
) -> None:
    xaxis, yaxis = _names(at)
    span = np.log10(x_range).tolist() if log else list(x_range)
    sheet.axis(
        xaxis,
        domain=_domain(at, count),
        anchor=yaxis,
        range=[span[0] - 0.02 * (span[1] - span[0]), span[1] + 0.02 * (span[1] - span[0])],
        type="log" if log else "linear",
        showgrid=True,
        gridcolor=FAINT,
        tickangle=0,
        nticks=6 if count < 3 else 4,
        exponentformat="power",
        dtick=4 if log else None,
    )
    sheet.axis(
        yaxis,
        anchor=xaxis,
        range=[len(rows) - 0.5, -0.5],
        tickmode="array",
        tickvals=list(range(len(rows))),
        ticktext=[escape(name) for name, _ in rows],
        showticklabels=at == 0,
        ticklabelstandoff=6,
        showgrid=False,
    )


def _heading(sheet: Sheet, at: int, count: int, panel: ForestPanel) -> None:
    sheet.text(
        text=f"<b>{escape(panel.title)}</b>",
        x=_domain(at, count)[0],
        y=1,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        yshift=4,
        size=12,
    )


def _line(sheet: Sheet, at: int, name: str, value: float, rows: int, log: bool) -> None:
    xaxis, yaxis = _names(at)
    line = {"color": OUTLINE, "width": 1.5, "dash": "dot"}
    sheet.shape(type="line", xref=xaxis, yref=yaxis, x0=value, x1=value, y0=-0.5, y1=rows - 0.5, line=line)
    sheet.text(
        text=escape(name),
        x=np.log10(value).item() if log else value,
        y=rows - 0.5,
        xref=xaxis,
        yref=yaxis,
        xanchor="left" if not log else "center",
        yanchor="top",
        yshift=-18,
        size=10,
        hovertext=power(value) if log else f"{value:.3g}",
    )


def _legend(sheet: Sheet, series: Sequence[str]) -> None:
    """What the symbols mean, left of the axis title."""
    signs = {"circle": "●", "diamond": "◆", "triangle-up": "▲", "square": "■"}
    said = "   ".join(f"{signs[SYMBOLS[at]]} {escape(name)}" for at, name in enumerate(series))
    place: dict[str, Any] = {"x": 0, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "bottom"}
    sheet.text(text=said, **place, xshift=-6, yshift=5, size=11)
