"""Loss and accuracy against the step, training and validation, one colour a network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from viz.curves import Axis, Line, draw, style_y
from viz.ends import name_ends
from viz.labels import escape
from viz.sheet import Sheet
from viz.theme import OUTLINE, translucent
from viz.variants import variant

LOSS_RANGE = (1e-3, 1e1)
ACCURACY_RANGE = (0.0, 1.03)
LEFT, RIGHT, TOP, FOOT = 56, 150, 24, 44  # pixels around the plots
PANELS = ([0.0, 0.44], [0.54, 1.0])


@dataclass(frozen=True)
class Learner:
    """One network: steps [n], loss and accuracy [2, n] (training, validation); `ended` says why it stopped early."""

    key: str
    steps: np.ndarray
    loss: np.ndarray
    accuracy: np.ndarray
    ended: str = ""


def learning(
    learners: Sequence[Learner],
    *,
    last: int,
    chance: float,
    accuracy: str = "accuracy",
    title: str = "",
    height: int = 340,
) -> go.Figure:
    """Two panels over steps 0 to `last`: loss on a log axis with a fixed range, accuracy from 0 to 1.

    Thick lines are validation, thin pale ones training. A loss that left the range, or is no number, gets a cross at
    the top edge where that happened.
    """
    _check(learners)
    sheet = Sheet()
    for at, (name, span, log) in enumerate((("loss", LOSS_RANGE, True), ("accuracy", ACCURACY_RANGE, False))):
        axis, suffix = Axis(*span, log), "2" if at == 0 else ""
        for learner in learners:
            _curves(sheet, learner, getattr(learner, name), axis, suffix)
        panel_axes(sheet, axis, suffix, PANELS[at], last, accuracy if at else "loss (log)")
    lines = [_line(learner, learner.accuracy[1]) for learner in learners]
    name_ends(sheet, lines, Axis(*ACCURACY_RANGE, False), last * 1.03, height - FOOT - TOP)
    chance_line(sheet, chance)
    return sheet.figure(title, height, (LEFT, RIGHT, TOP, FOOT))


def _check(learners: Sequence[Learner]) -> None:
    if not learners:
        raise ValueError("wanted at least one network; got none")
    for learner in learners:
        wanted = (2, len(learner.steps))
        if np.shape(learner.loss) != wanted or np.shape(learner.accuracy) != wanted or not len(learner.steps):
            raise ValueError(
                f"{learner.key}: wanted loss and accuracy {wanted}, at least one step; "
                f"got {np.shape(learner.loss)} and {np.shape(learner.accuracy)}"
            )


def _line(learner: Learner, values: np.ndarray) -> Line:
    look = variant(learner.key)
    title = f"{look.title}, diverged" if learner.ended else look.title
    return Line(learner.key, title, learner.steps, values, look=look)


def _curves(sheet: Sheet, learner: Learner, values: np.ndarray, axis: Axis, suffix: str) -> None:
    """One network in one panel: training thin, validation as every curve, and a cross where it left the range."""
    x, y, colour = f"x{suffix}", f"y{suffix}", variant(learner.key).colour
    shown = np.where(np.isfinite(values) & (values <= axis.high * (1 + 1e-9)), values, np.nan)
    thin = {"color": translucent(colour, 0.55), "width": 1}
    hover = {"name": f"{escape(variant(learner.key).title)}, training", "hovertemplate": "step %{x}<br>%{y:.3g}"}
    sheet.trace(
        "scatter", x=learner.steps, y=axis.heights(shown[0]), mode="lines", line=thin, xaxis=x, yaxis=y, **hover
    )
    draw(sheet, _line(learner, shown[1]), axis, x, y, "step")
    gone = np.isnan(shown).any(axis=0)
    if gone.any():
        mark = {"symbol": "x", "size": 10, "color": colour, "line": {"width": 1, "color": OUTLINE}}
        sheet.trace(
            "scatter",
            x=learner.steps[gone],
            y=np.full(int(gone.sum()), axis.high),
            mode="markers",
            marker=mark,
            cliponaxis=False,
            name=f"{escape(variant(learner.key).title)}, outside the range",
            customdata=[f"{value:.3g}" for value in values[1][gone]],
            hovertemplate="step %{x}<br><b>%{customdata}</b>, outside the range",
            xaxis=x,
            yaxis=y,
        )


def panel_axes(sheet: Sheet, axis: Axis, suffix: str, domain: list[float], last: float, name: str) -> None:
    """One panel's axes, and its name above it."""
    span = [-0.02 * last, max(1, last) * 1.03]
    sheet.axis(
        f"x{suffix}",
        domain=domain,
        anchor=f"y{suffix}",
        range=span,
        showgrid=False,
        ticks="outside",
        ticklen=4,
        nticks=6,
        title={"text": "step", "standoff": 4},
    )
    style_y(sheet, axis, f"y{suffix}", "", anchor=f"x{suffix}")
    place: dict[str, Any] = {"x": domain[0], "y": 1, "xref": "paper", "yref": "paper", "xanchor": "left"}
    text = f"<b>{escape(name)}</b>"
    sheet.text(text=text, yanchor="bottom", yshift=7, size=11, **place)


def chance_line(sheet: Sheet, chance: float, suffix: str = "") -> None:
    """A dotted line where an answer that ignores the input stands."""
    across, up = f"x{suffix} domain", f"y{suffix}"
    line = {"color": OUTLINE, "width": 1, "dash": "dot"}
    sheet.shape(type="line", xref=across, x0=0, x1=1, yref=up, y0=chance, y1=chance, line=line)
    place: dict[str, Any] = {"x": 1, "xref": across, "xanchor": "right", "y": chance, "yref": up, "yanchor": "bottom"}
    sheet.text(text="chance", **place, size=10, opacity=0.8)
