"""One query of one head taken apart: a column of bars a step, a row a key, each column computed from those before.

Arrays come from `models.lens.attention.anatomy`: raw, scaled, bias, capped, mask and weights [Tk]. Columns of one
`group` share their limits, so that addends can be compared by eye.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import plotly.graph_objects as go

from viz.labels import aliases, escape
from viz.sheet import Sheet
from viz.theme import NEUTRAL, hatch
from viz.words import word_axis

UP, DOWN, SHARE = "#D55E00", "#0072B2", "#808080"  # above and below zero, as in the maps around zero; shares of one
MOST = 24  # keys that have a row
SCORE, SOFTMAX, SINK = "= score", "softmax", "[sink]"
ROW, TOP, FOOT, LEFT, GAP = 22, 44, 12, 112, 0.02
NUMBER = 46  # pixels of a number beside its bar
TIGHT = 120  # pixels of a column below which numbers stand in a line of their own, at its right end
WIDE = 1000  # pixels of a page whose width is not known


@dataclass(frozen=True)
class Step:
    """One column: a value a key [Tk]; -inf where the mask forbids, NaN where a row has no such number.

    `share` columns run from 0 to 1.
    """

    title: str
    values: np.ndarray
    group: str = "score"


def score_steps(
    raw: np.ndarray,
    scale: float,
    scaled: np.ndarray,
    bias: np.ndarray,
    capped: np.ndarray,
    mask: np.ndarray,
    weights: np.ndarray,
) -> list[Step]:
    """From q·k to the softmax. Position and cap have a column only where they change a number: `unused` names them."""
    steps = [Step("q·k", raw, "raw"), Step(f"× {scale:.3g} (content)", scaled)]
    if np.any(bias):
        steps.append(Step("+ position", bias))
    if not np.array_equal(capped, scaled + bias):
        steps.append(Step("capped", capped))
    steps += [Step("+ mask", mask), Step(SCORE, capped + mask), Step(SOFTMAX, weights, "share")]
    return steps


def with_sink(steps: Sequence[Step], score: float, share: float) -> list[Step]:
    """The steps with one more row, a learned sink's: it has a score and a share of the row, and no key (NaN)."""
    own = {SCORE: score, SOFTMAX: share}
    return [replace(step, values=np.append(step.values, own.get(step.title, np.nan))) for step in steps]


def unused(scaled: np.ndarray, bias: np.ndarray, capped: np.ndarray, mask: np.ndarray, sink: float) -> str:
    """A sentence about what this head does not add, and about the mass that its sink takes."""
    absent = [] if np.any(bias) else ["no position bias (position, if any, is inside q and k or the embeddings)"]
    if not np.isneginf(mask).any():
        absent.append("no mask for this query")
    said = f"This head adds {' and '.join(absent)}." if absent else ""
    return f"{said} A learned sink, a score without a key, takes {sink:.3f} of the row.".strip() if sink > 0 else said


def strongest_rows(weights: np.ndarray, most: int = MOST) -> np.ndarray:
    """Indices of the `most` greatest weights, in the order of the keys."""
    return np.sort(np.argsort(-np.asarray(weights), kind="stable")[:most])


def bars(
    keys: Sequence[str],
    steps: Sequence[Step],
    *,
    marked: int | None = None,
    width: int | None = None,
    title: str = "",
) -> go.Figure:
    """Columns of horizontal bars with their numbers; `marked` frames a key's row. At most `MOST` keys: choose them."""
    _check(keys, steps, marked)
    sheet = Sheet(layout={"barmode": "overlay", "bargap": 0.25, "showlegend": False})
    high = ROW * len(keys)
    labels, _ = word_axis(keys, high, turn=False)
    sheet.axis("y", **labels, range=[len(keys) - 0.5, -0.5], anchor="free", position=0)
    share = (1 - GAP * (len(steps) - 1)) / len(steps)
    across = share * ((width or WIDE) - LEFT - 8)
    tight = across < TIGHT
    room = min(0.65 if tight else 0.4, NUMBER / across)
    spans = {
        step.group: _span([other.values for other in steps if other.group == step.group], room, tight) for step in steps
    }
    for at, step in enumerate(steps):
        start = at * (share + GAP)
        _column(sheet, f"x{at + 1}" if at else "x", step, [start, start + share], spans[step.group], keys, tight)
    if marked is not None:
        sheet.shape(
            type="rect",
            xref="paper",
            x0=0,
            x1=1,
            y0=marked - 0.5,
            y1=marked + 0.5,
            line={"color": NEUTRAL, "width": 1.5},
            fillcolor="rgba(128,128,128,0.10)",
            layer="below",
        )
    return sheet.figure(title, high + TOP + FOOT, (LEFT, 8, TOP, FOOT))


def _column(
    sheet: Sheet,
    xaxis: str,
    step: Step,
    domain: list[float],
    span: tuple[float, float],
    keys: Sequence[str],
    tight: bool,
) -> None:
    """One step: its name, bars from zero, numbers beside them or in line, hatching where there is no finite value."""
    values = np.asarray(step.values, dtype=np.float64)
    finite = np.isfinite(values)
    sheet.axis(
        xaxis,
        domain=domain,
        range=list(span),
        showgrid=False,
        zeroline=True,
        zerolinecolor=NEUTRAL,
        showticklabels=False,
        anchor="y",
    )
    for at in np.flatnonzero(~finite):
        sheet.trace("scatter", **hatch(list(span), [at - 0.5, at + 0.5]), xaxis=xaxis, yaxis="y")
    known = aliases(keys)
    sheet.trace(
        "bar",
        orientation="h",
        x=floats(np.where(finite, values, 0)),
        y=np.arange(len(values)),
        xaxis=xaxis,
        yaxis="y",
        text=[number(value) for value in values],
        textposition="none" if tight else "outside",
        textangle=0,
        textfont={"size": 11},
        cliponaxis=False,
        customdata=[known[str(at)] for at in range(len(values))],
        hovertemplate=f"%{{customdata}}<br>{escape(step.title)} <b>%{{text}}</b><extra></extra>",
        **paint(values, step.group == "share"),
    )
    if tight:
        sheet.trace(
            "scatter",
            mode="text",
            x=[span[1]] * len(values),
            y=np.arange(len(values)),
            xaxis=xaxis,
            yaxis="y",
            text=[number(value) for value in values],
            textposition="middle left",
            textfont={"size": 10},
            cliponaxis=False,
            hoverinfo="skip",
        )
    place = {"x": domain[0], "y": 1, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    name = escape(step.title).replace(" (", "<br>(") if tight else escape(step.title)
    sheet.text(text=f"<b>{name}</b>", size=10 if tight else 12, yshift=6, align="left", **place)


def _span(groups: Sequence[np.ndarray], room: float, tight: bool = False) -> tuple[float, float]:
    """Limits that columns share: zero and all finite values, with `room` (a share of the column) for numbers."""
    values = np.concatenate([np.asarray(each, dtype=np.float64) for each in groups])
    values = values[np.isfinite(values)]
    low, high = float(values.min(initial=0)), float(values.max(initial=0))
    if tight:
        return low, high + room / (1 - room) * ((high - low) or 1.0)
    sides = 1 + (low < 0)
    beside = room / (1 - sides * room) * ((high - low) or 1.0)
    return (low - beside if low < 0 else -0.05 * beside), high + beside


def _check(keys: Sequence[str], steps: Sequence[Step], marked: int | None) -> None:
    if not steps or not 1 <= len(keys) <= MOST:
        raise ValueError(f"wanted steps and 1 to {MOST} keys; got {len(steps)} steps and {len(keys)} keys")
    for step in steps:
        if np.shape(step.values) != (len(keys),):
            raise ValueError(f"{step.title}: wanted {len(keys)} values; got shape {np.shape(step.values)}")
    if marked is not None and not 0 <= marked < len(keys):
        raise ValueError(f"marked key must be from 0 to {len(keys) - 1}; got {marked}")


def paint(values: np.ndarray, shares: bool = False) -> dict:
    """Bars coloured by sign, or shares of one in grey."""
    signed = [UP if value >= 0 else DOWN for value in np.asarray(values).tolist()]
    return {"marker": {"color": SHARE if shares else signed}}


def number(value: float) -> str:
    """Three digits after the point; -inf as its sign, nothing for NaN."""
    if np.isnan(value):
        return ""
    if np.isneginf(value):
        return "−∞"
    text = f"{value:.3f}" if abs(value) < 10 else f"{value:.4g}"
    return "0.000" if text == "-0.000" else text.replace("-", "−")


def floats(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, dtype=np.float64)
