"""One query of one head taken apart: a column of bars a step, a row a key, each column computed from those before.

Arrays come from `models.lens.attention.anatomy`: product [Tk, d], raw, scaled, bias, capped, mask and weights [Tk],
weighted [Tk, dv] and output [dv]. Columns of one `group` share their limits, so that addends can be compared by eye.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from viz.labels import aliases, escape
from viz.matrices import Panel, matrices
from viz.sheet import Sheet
from viz.theme import NEUTRAL, hatch
from viz.words import word_axis

UP, DOWN, SHARE = "#D55E00", "#0072B2", "#808080"  # above and below zero, as in the maps around zero; shares of one
MOST = 24  # keys that have a row
ROW, TOP, FOOT, LEFT, GAP = 22, 44, 12, 112, 0.02
NUMBER = 46  # pixels of a number beside its bar
TIGHT = 120  # pixels of a column below which numbers stand in a line of their own, at its right end
WIDE = 1000  # pixels of a page whose width is not known


@dataclass(frozen=True)
class Step:
    """One column: a value a key [Tk]; -inf where the mask forbids. `share` columns run from 0 to 1."""

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
    steps += [Step("+ mask", mask), Step("= score", capped + mask), Step("softmax", weights, "share")]
    return steps


def unused(scaled: np.ndarray, bias: np.ndarray, capped: np.ndarray, mask: np.ndarray, sink: float) -> str:
    """A sentence about what this head does not add, and about the mass that its sink takes."""
    absent = [] if np.any(bias) else ["no position bias (position, if any, is inside q and k or the embeddings)"]
    if not np.isneginf(mask).any():
        absent.append("no mask for this query")
    said = f"This head adds {' and '.join(absent)}." if absent else ""
    return f"{said} A learned sink takes {sink:.3f} of the row.".strip() if sink > 0 else said


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


def products(product: np.ndarray, keys: Sequence[str], *, width: int | None = None, title: str = "") -> go.Figure:
    """q × k element by element, [Tk, d]: a row's sum is that key's q·k."""
    return _signed(product, keys, "q × k", ("key", "dimension"), width, title)


def mixture(
    weighted: np.ndarray, output: np.ndarray, keys: Sequence[str], *, width: int | None = None, title: str = ""
) -> go.Figure:
    """Weight × value, [Tk, dv], and below it the sum of all rows: what the head hands on for this query."""
    if np.shape(output) != np.shape(weighted)[1:]:
        raise ValueError(f"wanted output of shape {np.shape(weighted)[1:]}; got {np.shape(output)}")
    rows = np.vstack([weighted, output])
    return _signed(rows, [*keys, "Σ sum"], "weight × value", ("key", "dimension"), width, title, len(keys))


def vectors(
    query: np.ndarray, key: np.ndarray, product: np.ndarray, names: tuple[str, str], *, title: str = ""
) -> go.Figure:
    """q, k and q × k of one pair, a bar a dimension; the third line's bars add up to the raw score."""
    sizes = {np.shape(each) for each in (query, key, product)}
    if len(sizes) != 1 or np.ndim(query) != 1:
        raise ValueError(
            f"wanted query, key and product of one shape [d]; got {[np.shape(e) for e in (query, key, product)]}"
        )
    sheet = Sheet(layout={"bargap": 0.15})
    heads = (f"q of {names[0]}", f"k of {names[1]}", f"q × k, adds up to {_number(float(np.sum(product)))}")
    sheet.axis("x", title={"text": "dimension", "font": {"size": 11}}, showgrid=False, anchor="y3")
    for at, (head, values) in enumerate(zip(heads, (query, key, product), strict=True)):
        name, top = ("y" if at == 0 else f"y{at + 1}"), 1 - at * 0.35
        limit = float(np.abs(values).max()) or 1.0
        ticks = {"tickvals": [-limit, 0, limit], "ticktext": [_number(each) for each in (-limit, 0.0, limit)]}
        sheet.axis(name, domain=[top - 0.24, top], range=[-1.1 * limit, 1.1 * limit], gridcolor=NEUTRAL, **ticks)
        sheet.trace(
            "bar",
            x=np.arange(len(values)),
            y=_floats(values),
            yaxis=name,
            **_paint(values),
            hovertemplate="%{x}: <b>%{y:.4f}</b><extra></extra>",
        )
        place = {"x": 0, "y": top, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
        sheet.text(text=escape(head), size=12, yshift=2, **place)
    return sheet.figure(title, 340, (64, 12, 24, 44))


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
        x=_floats(np.where(finite, values, 0)),
        y=np.arange(len(values)),
        xaxis=xaxis,
        yaxis="y",
        text=[_number(value) for value in values],
        textposition="none" if tight else "outside",
        textangle=0,
        textfont={"size": 11},
        cliponaxis=False,
        customdata=[known[str(at)] for at in range(len(values))],
        hovertemplate=f"%{{customdata}}<br>{escape(step.title)} <b>%{{text}}</b><extra></extra>",
        **_paint(values, step.group == "share"),
    )
    if tight:
        sheet.trace(
            "scatter",
            mode="text",
            x=[span[1]] * len(values),
            y=np.arange(len(values)),
            xaxis=xaxis,
            yaxis="y",
            text=[_number(value) for value in values],
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


def _signed(
    values: np.ndarray,
    keys: Sequence[str],
    name: str,
    axes: tuple[str, str],
    width: int | None,
    title: str,
    row: int | None = None,
) -> go.Figure:
    """A map of signed numbers around zero, rows are keys; `row` is framed."""
    limit = float(np.nanmax(np.abs(values))) or 1.0
    columns = [str(at) for at in range(np.shape(values)[1])]
    return matrices(
        [Panel("", "", np.asarray(values))],
        keys,
        columns,
        limits=(-limit, limit),
        scale="diverging",
        per_line=1,
        colour_title=name,
        width=width,
        axes=axes,
        title=title,
        marked=None if row is None else (row, None),
    )


def _check(keys: Sequence[str], steps: Sequence[Step], marked: int | None) -> None:
    if not steps or not 1 <= len(keys) <= MOST:
        raise ValueError(f"wanted steps and 1 to {MOST} keys; got {len(steps)} steps and {len(keys)} keys")
    for step in steps:
        if np.shape(step.values) != (len(keys),):
            raise ValueError(f"{step.title}: wanted {len(keys)} values; got shape {np.shape(step.values)}")
    if marked is not None and not 0 <= marked < len(keys):
        raise ValueError(f"marked key must be from 0 to {len(keys) - 1}; got {marked}")


def _paint(values: np.ndarray, shares: bool = False) -> dict:
    """Bars coloured by sign, or shares of one in grey."""
    signed = [UP if value >= 0 else DOWN for value in np.asarray(values).tolist()]
    return {"marker": {"color": SHARE if shares else signed}}


def _number(value: float) -> str:
    """Three digits after the point; -inf as its sign."""
    if np.isneginf(value):
        return "−∞"
    text = f"{value:.3f}" if abs(value) < 10 else f"{value:.4g}"
    return "0.000" if text == "-0.000" else text.replace("-", "−")


def _floats(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, dtype=np.float64)
