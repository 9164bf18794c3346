"""The same networks under two conditions: one panel of accuracy a condition, every panel with the same axes."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from viz.curves import Axis, Line, axis_of, draw
from viz.ends import name_ends
from viz.learning import ACCURACY_RANGE, FOOT, LEFT, RIGHT, TOP, chance_line, panel_axes
from viz.sheet import Sheet

GAP = 0.07  # of the width, between two panels


@dataclass(frozen=True)
class Condition:
    """One panel: its name and a curve a network; every panel has the same networks in the same order."""

    name: str
    lines: Sequence[Line]


def seeds(conditions: Sequence[Condition], *, chance: float, title: str = "", height: int = 340) -> go.Figure:
    """Accuracy against the step; names stand at the ends of the last panel's lines, colours and dashes hold in all."""
    names = [[line.title for line in panel.lines] for panel in conditions]
    if not names or any(row != names[0] for row in names):
        raise ValueError(f"wanted the same networks in every panel; got {names}")
    last = max(float(line.x[-1]) for panel in conditions for line in panel.lines)
    sheet, axis = Sheet(), axis_of([line for panel in conditions for line in panel.lines], False, ACCURACY_RANGE)
    for at, panel in enumerate(conditions):
        suffix = _suffix(at, len(conditions))
        for line in panel.lines:
            draw(sheet, line, axis, f"x{suffix}", f"y{suffix}", "step")
        panel_axes(sheet, axis, suffix, _span(at, len(conditions)), last, panel.name)
        chance_line(sheet, chance, suffix)
    name_ends(sheet, conditions[-1].lines, Axis(*ACCURACY_RANGE, False), last * 1.03, height - FOOT - TOP)
    return sheet.figure(title, height, (LEFT, RIGHT, TOP, FOOT))


def _suffix(at: int, count: int) -> str:
    """Plotly's names of a panel's axes: the last panel has the plain ones, to which names at line ends are tied."""
    return "" if at == count - 1 else str(at + 2)


def _span(at: int, count: int) -> list[float]:
    """The share of the width that a panel takes."""
    width = (1 - GAP * (count - 1)) / count
    return [at * (width + GAP), at * (width + GAP) + width]
