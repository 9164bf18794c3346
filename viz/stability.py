"""Learning rate against curvature: the lines beyond which a fixed rate diverges, and where a run stood."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from viz.labels import escape
from viz.sheet import Sheet
from viz.theme import NEUTRAL, OUTLINE
from viz.tracks import OPTIMIZERS, Track

RANGE_X, RANGE_Y = (1e-2, 1e4), (1e-5, 1e1)
WIDEST, THINNER = 15, 5  # pixels of the first bar; how much thinner each next one is


def stability(
    limits: Mapping[str, np.ndarray],
    curvature: np.ndarray,
    spans: Sequence[tuple[Track, float, float, float]],
    *,
    title: str = "",
    height: int = 420,
) -> go.Figure:
    """limits: optimizer -> largest rate [n] over `curvature` [n]; spans: (track, rate, lowest, highest curvature met).

    Both axes are logarithmic with fixed ranges. A bar that crosses its own line has met slopes that throw it back.
    """
    sheet = Sheet()
    for name, rates in limits.items():
        look = OPTIMIZERS[name]
        if np.shape(rates) != np.shape(curvature):
            raise ValueError(f"{name}: wanted {np.shape(curvature)} rates; got {np.shape(rates)}")
        line = {"color": look.colour, "width": 2, "dash": look.dash}
        hover = f"{escape(look.title)} diverges above %{{y:.3g}}<br>at curvature %{{x:.3g}}<extra></extra>"
        sheet.trace("scatter", x=curvature, y=rates, mode="lines", line=line, name=look.title, hovertemplate=hover)
    for at, (track, rate, low, high) in enumerate(spans):
        _bar(sheet, track, rate, low, high, max(WIDEST - at * THINNER, THINNER))
    for name, span, word in (("x", RANGE_X, "curvature λ (log)"), ("y", RANGE_Y, "learning rate (log)")):
        decades = np.log10(span).tolist()
        grid = {"gridcolor": NEUTRAL, "exponentformat": "power", "dtick": 1}
        sheet.axis(name, type="log", range=decades, title={"text": word, "standoff": 6}, **grid)
    _key(sheet, limits)
    return sheet.figure(title, height, (70, 190, 12, 50))


def _bar(sheet: Sheet, track: Track, rate: float, low: float, high: float, width: int) -> None:
    """One run: a bar over the curvatures it met, thinner than the one below; off the axis it lies at the edge, open."""
    look, held = track.look, float(np.clip(rate, *RANGE_Y))
    ends, off = np.clip([low, high], *RANGE_X), beside(rate)
    hover = f"{escape(look.title)}: rate {rate:.3g}{off and f', {off} the axis'}, curvature {low:.3g} to {high:.3g}"
    hover += "<extra></extra>"
    marker = {
        "symbol": {"": look.symbol, "above": "triangle-up-open", "below": "triangle-down-open"}[off],
        "size": max(7, width),
        "color": look.colour,
        "line": {"color": OUTLINE, "width": 1},
    }
    line = {"color": look.colour, "width": width}
    sheet.trace("scatter", x=ends, y=[held, held], mode="lines+markers", line=line, marker=marker, hovertemplate=hover)


def beside(rate: float) -> str:
    """ "above" or "below" for a rate that the axis does not hold, else nothing."""
    return "above" if rate > RANGE_Y[1] else "below" if rate < RANGE_Y[0] else ""


def _key(sheet: Sheet, limits: Mapping[str, np.ndarray]) -> None:
    """What the lines and bars are, in the right margin."""
    place: dict[str, Any] = {
        "x": 1,
        "y": 1,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "top",
        "xshift": 10,
    }
    sheet.text(text="diverges above the line", size=11, **place)
    for at, name in enumerate(limits, 1):
        look = OPTIMIZERS[name]
        text = f'<span style="color:{look.colour}">■</span> {escape(look.title)}'
        sheet.text(text=text, yshift=-20 * at, **place)
    sheet.text(
        text="bars: the curvatures<br>each run met", size=11, align="left", yshift=-20 * len(limits) - 28, **place
    )
