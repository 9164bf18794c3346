"""One curve on one value axis: its line, marker, band, and what happens below a logarithmic floor.

A logarithmic axis has a fixed range. Values at or below its floor, zero included, are drawn open at the floor and the
hover says so: a gradient that underflowed is a result, not a gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from viz.labels import escape, thinning
from viz.sheet import Sheet
from viz.theme import OUTLINE, Look, look, translucent

MOST_MARKERS, MOST_FLOORED = 24, 12


@dataclass(frozen=True)
class Line:
    """One curve: `y` [n] against `x` [n], with an optional band from `low` to `high` [n]; NaN leaves a gap.

    kind: a line with its name at its end, a thin one without, or marks alone.
    """

    key: str
    title: str
    x: np.ndarray
    y: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    look: Look | None = None
    kind: Literal["line", "thin", "marks"] = "line"


def look_of(line: Line) -> Look:
    """The curve's own look, or its architecture's."""
    return line.look or look(line.key)


@dataclass(frozen=True)
class Axis:
    """How values become heights: the range, whether it is logarithmic, and what is floored."""

    low: float
    high: float
    log: bool

    def heights(self, values: np.ndarray) -> np.ndarray:
        """Values held at the floor of a log axis; unchanged on a linear one."""
        values = np.asarray(values, dtype=np.float64)
        return np.where(values <= self.low, self.low, values) if self.log else values

    def floored(self, values: np.ndarray) -> np.ndarray:
        """Which values lie at or below the floor of a log axis."""
        return self.log & (np.asarray(values, dtype=np.float64) <= self.low)

    def share(self, value: float) -> float:
        """Where a value stands between bottom (0) and top (1)."""
        low, high, value = (np.log10([self.low, self.high, value])) if self.log else (self.low, self.high, value)
        return float((value - low) / (high - low))

    def value(self, share: float) -> float:
        """The axis coordinate (log10 of the value on a log axis) at a share of the height."""
        low, high = np.log10([self.low, self.high]) if self.log else (self.low, self.high)
        return float(low + share * (high - low))


def axis_of(
    series: Sequence[Line],
    log_y: bool,
    y_range: tuple[float, float] | None,
    baselines: Sequence[tuple[str, float]] = (),
) -> Axis:
    """Check the curves and settle the range; a log axis needs one given, so that figures can be compared."""
    if not series:
        raise ValueError("wanted at least one curve; got none")
    for line in series:
        shapes = [np.shape(part) for part in (line.x, line.y, line.low, line.high) if part is not None]
        if len(set(shapes)) != 1 or len(shapes[0]) != 1 or not shapes[0][0]:
            raise ValueError(f"{line.title}: wanted x, y, low and high of one length; got shapes {shapes}")
    if y_range is None:
        if log_y:
            raise ValueError("wanted y_range with log_y; got None")
        parts = [part for line in series for part in (line.y, line.low, line.high) if part is not None]
        values = np.concatenate([*parts, [value for _, value in baselines]])
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        pad = (high - low) * 0.06 or 0.5
        return Axis(low - pad, high + pad, False)
    low, high = y_range
    if not low < high or (log_y and low <= 0):
        raise ValueError(f"wanted y_range low < high{', above zero' if log_y else ''}; got {low:g} and {high:g}")
    return Axis(float(low), float(high), log_y)


def draw(sheet: Sheet, line: Line, axis: Axis, xaxis: str, yaxis: str, x_name: str) -> None:
    """One curve: its band, an outline where the colour is weak, the line, and open markers at the floor."""
    style = line.look or look_of(line)
    x, where = np.asarray(line.x, dtype=np.float64), {"xaxis": xaxis, "yaxis": yaxis}
    heights, floored = axis.heights(line.y), axis.floored(line.y)
    if line.low is not None and line.high is not None:
        edge = {"x": x, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", **where}
        fill = {"fill": "tonexty", "fillcolor": translucent(style.colour, 0.16)}
        sheet.trace("scatter", y=axis.heights(line.low), **edge)
        sheet.trace("scatter", y=axis.heights(line.high), **fill, **edge)
    width, size = {"line": (2, 7), "thin": (1, 0), "marks": (0, 5)}[line.kind]
    if style.outlined and line.kind != "marks":
        around = {"color": OUTLINE, "width": width + 1, "dash": style.dash}
        sheet.trace("scatter", x=x, y=heights, mode="lines", line=around, hoverinfo="skip", **where)
    pairs = zip(np.asarray(line.y).tolist(), floored.tolist(), strict=True)
    sheet.trace(
        "scatter",
        x=x,
        y=heights,
        mode=_mode(line),
        line={"color": style.colour, "width": width, "dash": style.dash},
        marker={"symbol": style.symbol, "size": size, "line": {"color": OUTLINE, "width": int(style.outlined)}},
        name=escape(line.title),
        customdata=[f"{value:.3g}, drawn at the floor" if low else f"{value:.3g}" for value, low in pairs],
        hovertemplate=f"{escape(x_name)} %{{x}}<br><b>%{{customdata}}</b>",
        **where,
    )
    if floored.any():
        _mark_floor(
            sheet,
            x[floored][:: thinning(int(floored.sum()), MOST_FLOORED)],
            axis.low,
            style.colour,
            f"{line.title}, at the floor",
            where,
        )


def _mode(line: Line) -> str:
    if line.kind == "marks":
        return "markers"
    return "lines+markers" if line.kind == "line" and len(line.x) <= MOST_MARKERS else "lines"


def _mark_floor(sheet: Sheet, x: np.ndarray, floor: float, colour: str, name: str, where: dict) -> None:
    """Open triangles on the floor: these values are at or below it, zero included."""
    hollow = {"symbol": "triangle-down-open", "size": 9, "color": colour, "line": {"width": 1.5}}
    sheet.trace(
        "scatter",
        x=x,
        y=np.full(len(x), floor),
        mode="markers",
        marker=hollow,
        cliponaxis=False,
        hoverinfo="skip",
        name=escape(name),
        **where,
    )


def style_y(sheet: Sheet, axis: Axis, name: str, title: str, **more: object) -> None:
    """The value axis: fixed range, whole decades on a log axis."""
    span = np.log10([axis.low, axis.high]).tolist() if axis.log else [axis.low, axis.high]
    sheet.axis(
        name,
        range=span,
        type="log" if axis.log else "linear",
        title={"text": escape(title), "standoff": 6},
        gridcolor="rgba(128,128,128,0.18)",
        exponentformat="power",
        dtick=max(1, round((span[1] - span[0]) / 4)) if axis.log else None,
        **more,
    )
