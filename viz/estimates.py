"""One estimate on a value axis: its marker, the interval as a line through it, single runs as small dots."""

from collections.abc import Sequence
from dataclasses import dataclass

from viz.labels import escape
from viz.sheet import Sheet
from viz.theme import OUTLINE

SYMBOLS = ("circle", "diamond", "triangle-up", "square")


@dataclass(frozen=True)
class Mark:
    """One estimate: its value, interval and single runs [n]; `text` is what the hover says."""

    value: float
    low: float | None = None
    high: float | None = None
    runs: Sequence[float] = ()
    text: str = ""


def draw(
    sheet: Sheet, place: tuple[str, str, float], mark: Mark, colour: str, symbol: str, floor: float | None
) -> None:
    """Draw at `place` (x axis, y axis, height); with a floor, that of a log axis, nothing stands below it."""
    xaxis, yaxis, y = place
    where = {"xaxis": xaxis, "yaxis": yaxis}

    def held(value: float) -> float:
        return value if floor is None else max(value, floor)

    if mark.low is not None and mark.high is not None:
        line = {"color": colour, "width": 2}
        span = [held(mark.low), held(mark.high)]
        sheet.trace("scatter", x=span, y=[y, y], mode="lines", line=line, hoverinfo="skip", **where)
    if len(mark.runs):
        small = {"color": colour, "size": 4, "opacity": 0.6}
        runs = [held(value) for value in mark.runs]
        sheet.trace("scatter", x=runs, y=[y] * len(runs), mode="markers", marker=small, hoverinfo="skip", **where)
    below = floor is not None and mark.value <= floor
    sheet.trace(
        "scatter",
        x=[held(mark.value)],
        y=[y],
        mode="markers",
        marker={
            "color": colour,
            "size": 9,
            "symbol": "triangle-left-open" if below else symbol,
            "line": {"color": OUTLINE, "width": 1},
        },
        customdata=[escape(mark.text or f"{mark.value:.3g}") + (", drawn at the floor" if below else "")],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
        **where,
    )
