"""Which units of every layer feed one output: a row of units a layer, or the squares of a picture in perspective."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from viz.labels import escape, shorten
from viz.sheet import Sheet
from viz.theme import NEUTRAL, OUTLINE, look, translucent

ROW, FOOT, LEFT, RIGHT = 30, 42, 120, 96  # pixels
MOST_ROWS, MOST_UNITS, MOST_LINES = 40, 64, 600
DEEP, HIGH = 0.42, 0.30  # perspective: how far a row of the picture moves right and up, as shares of its distance
FLOOR = 62  # pixels between two maps in perspective


@dataclass(frozen=True)
class Row:
    """One map: `length` units; those from `first` to `last` feed the output; unit i stands at start + i stride."""

    name: str
    length: int
    first: int
    last: int
    start: float
    stride: int
    size: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1

    def at(self, unit: float) -> float:
        return self.start + unit * self.stride


@dataclass(frozen=True)
class Reads:
    """How a map reads the one below: unit u takes u stride - before + j dilation for j = 0 ... kernel - 1."""

    kernel: int
    stride: int
    before: int
    dilation: int


def pyramid(rows: Sequence[Row], reads: Sequence[Reads], *, title: str = "") -> go.Figure:
    """Rows from the input (below) to the output (above), units at the input positions that they look at.

    Filled: a unit that feeds the output; hollow: padding; faint: other units. Rows of more than MOST_UNITS feeding
    units are a bar. `reads[l]` says how row l + 1 reads row l.
    """
    if len(rows) < 2 or len(reads) != len(rows) - 1:
        raise ValueError(f"wanted rows and one way of reading less; got {len(rows)} and {len(reads)}")
    kept = thinned(len(rows))
    sheet = Sheet()
    colour = look("cnn").colour
    for height, at in enumerate(kept):
        if height and kept[height - 1] == at - 1:
            _links(sheet, rows[at], rows[at - 1], reads[at - 1], height)
        _units(sheet, rows[at], height, colour)
        _beside(sheet, rows[at], height)
    names = [escape(shorten(rows[at].name, 18)) for at in kept]
    low, high = min(row.at(row.first) for row in rows), max(row.at(row.last) for row in rows)
    pad = max(1.0, 0.02 * (high - low))
    sheet.axis("x", title={"text": "input position"}, range=[low - pad, high + pad], showgrid=False, ticks="outside")
    ticks = {"tickmode": "array", "tickvals": list(range(len(kept))), "ticktext": names}
    sheet.axis("y", range=[-0.6, len(kept) - 0.4], showgrid=False, **ticks)
    return sheet.figure(title, max(220, ROW * len(kept)) + FOOT, (LEFT, RIGHT, 6, FOOT))


def thinned(count: int, most: int = MOST_ROWS) -> list[int]:
    """Rows that are drawn: all, or evenly chosen ones with the first and the last."""
    if count <= most:
        return list(range(count))
    return sorted({round(at * (count - 1) / (most - 1)) for at in range(most)})


def _units(sheet: Sheet, row: Row, height: int, colour: str) -> None:
    """The units of a map that feed the output, and some beside them."""
    inside = range(max(0, row.first), min(row.length - 1, row.last) + 1)
    if row.count > MOST_UNITS:
        _bar(sheet, row, height, colour)
        return
    beside = [unit for unit in range(row.first - row.count, row.last + row.count + 1) if 0 <= unit < row.length]
    others = [unit for unit in beside if unit not in inside]
    padding = [unit for unit in range(row.first, row.last + 1) if unit not in inside]
    faint = {"size": 5, "color": NEUTRAL}
    full = {"size": 9, "color": colour, "line": {"color": OUTLINE, "width": 1}}
    hollow = {"size": 8, "symbol": "circle-open", "color": OUTLINE}
    for units, marker, what in (
        (others, faint, "feeds no part"),
        (padding, hollow, "padding"),
        (inside, full, "feeds"),
    ):
        _dots(sheet, row, list(units), height, marker, what)


def _dots(sheet: Sheet, row: Row, units: list[int], height: int, marker: dict, what: str) -> None:
    if units:
        sheet.trace(
            "scatter",
            x=[row.at(unit) for unit in units],
            y=[height] * len(units),
            mode="markers",
            marker=marker,
            customdata=units,
            hovertemplate=f"{escape(row.name)}, unit %{{customdata}}: {what}<extra></extra>",
        )


def _bar(sheet: Sheet, row: Row, height: int, colour: str) -> None:
    """Too many units for dots: a bar over them, hatched nowhere, paler where it is padding."""
    first, last = max(0, row.first), min(row.length - 1, row.last)
    for start, end, opacity in ((row.first, row.last, 0.25), (first, last, 0.9)):
        corners = {"x0": row.at(start - 0.5), "x1": row.at(end + 0.5), "y0": height - 0.16, "y1": height + 0.16}
        sheet.shape(
            type="rect", xref="x", yref="y", fillcolor=translucent(colour, opacity), line={"width": 0}, **corners
        )


def _links(sheet: Sheet, upper: Row, lower: Row, reads: Reads, height: int) -> None:
    """Lines from each feeding unit to what it reads, or the two outer ones where they are many."""
    if upper.count * reads.kernel > MOST_LINES or lower.count > MOST_UNITS:
        ends = [(upper.first, lower.first), (upper.last, lower.last)]
    else:
        taps = [tap * reads.dilation - reads.before for tap in range(reads.kernel)]
        ends = [(unit, unit * reads.stride + tap) for unit in range(upper.first, upper.last + 1) for tap in taps]
    xs: list[float | None] = []
    ys: list[float | None] = []
    for unit, source in ends:
        xs += [upper.at(unit), lower.at(source), None]
        ys += [height, height - 1, None]
    sheet.trace("scatter", x=xs, y=ys, mode="lines", line={"color": NEUTRAL, "width": 1}, hoverinfo="skip")


def _beside(sheet: Sheet, row: Row, height: int) -> None:
    """Count of feeding units and size of the field at the right."""
    text = f"{row.count} unit{'s' if row.count > 1 else ''}, sees {row.size}"
    place = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6, "y": height, "yref": "y", "yanchor": "middle"}
    sheet.text(text=text, size=10, **place)


def perspective(rows: Sequence[Row], *, most: int = 8, title: str = "") -> go.Figure:
    """The maps of a picture above each other, the squares that feed one output filled and joined at their corners."""
    if len(rows) < 2:
        raise ValueError(f"wanted at least two maps; got {len(rows)}")
    kept = thinned(len(rows), most)
    side = float(max(rows[0].length, 1))
    step = 0.62 * side  # between two maps, in input positions
    sheet = Sheet()
    colour = look("cnn").colour
    for height, at in enumerate(kept):
        row, floor = rows[at], height * step
        _outline(sheet, row, floor)
        if height:
            _edges(sheet, rows[kept[height - 1]], row, floor - step, floor)
        _region(sheet, row, floor, colour)
        x, y = _seen(row.at(row.length - 0.5), row.at(row.length - 0.5), floor)
        inside = min(row.length - 1, row.last) - max(0, row.first) + 1
        text = f"<b>{escape(shorten(row.name, 16))}</b><br>{inside} × {inside} of {row.length} × {row.length}"
        sheet.text(
            text=text, x=x, y=y, xref="x", yref="y", xanchor="left", yanchor="middle", align="left", xshift=10, size=11
        )
    hidden = {"visible": False}
    sheet.axis("x", range=[-0.12 * side, 2.1 * side], **hidden)
    sheet.axis("y", range=[-0.08 * side, len(kept) * step + 0.1 * side], **hidden)
    return sheet.figure(title, 40 + FLOOR * len(kept), (8, 8, 4, 4))


def _seen(column: float, depth: float, floor: float) -> tuple[float, float]:
    """Where a place of a map is drawn: rows of the picture run away from the reader."""
    return column + DEEP * depth, floor + HIGH * depth


def _corners(first: float, last: float, floor: float) -> tuple[list[float], list[float]]:
    """A square first ... last along both axes, closed."""
    places = [(first, first), (last, first), (last, last), (first, last), (first, first)]
    drawn = [_seen(column, depth, floor) for column, depth in places]
    return [x for x, _ in drawn], [y for _, y in drawn]


def _outline(sheet: Sheet, row: Row, floor: float) -> None:
    x, y = _corners(row.at(-0.5), row.at(row.length - 0.5), floor)
    sheet.trace("scatter", x=x, y=y, mode="lines", line={"color": OUTLINE, "width": 1}, hoverinfo="skip")


def _region(sheet: Sheet, row: Row, floor: float, colour: str) -> None:
    """What feeds the output, cut at the map's edge."""
    first, last = max(0, row.first), min(row.length - 1, row.last)
    x, y = _corners(row.at(first - 0.5), row.at(last + 0.5), floor)
    line, fill = {"color": colour, "width": 2}, {"fill": "toself", "fillcolor": translucent(colour, 0.45)}
    name = f"{escape(row.name)}: units {first} to {last} of {row.length} along each axis"
    sheet.trace("scatter", x=x, y=y, mode="lines", line=line, text=name, hoverinfo="text", hoveron="fills", **fill)


def _edges(sheet: Sheet, lower: Row, upper: Row, below: float, above: float) -> None:
    """Lines from the corners of one region to those of the next."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    ends = [
        _corners(row.at(max(0, row.first) - 0.5), row.at(min(row.length - 1, row.last) + 0.5), floor)
        for row, floor in ((lower, below), (upper, above))
    ]
    for corner in range(4):
        xs += [ends[0][0][corner], ends[1][0][corner], None]
        ys += [ends[0][1][corner], ends[1][1][corner], None]
    sheet.trace(
        "scatter", x=xs, y=ys, mode="lines", line={"color": NEUTRAL, "width": 1, "dash": "dot"}, hoverinfo="skip"
    )
