"""Pictures and maps over them, side by side: rows are kinds of map, columns are networks, limits shared in a row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import plotly.graph_objects as go

from viz.grid import wrap
from viz.labels import escape, shorten
from viz.scale import check_limits, colours
from viz.sheet import Sheet
from viz.theme import ARCHITECTURES, DIVERGING, NEUTRAL, OUTLINE, SEQUENTIAL

GREY = [[0.0, "#000000"], [1.0, "#FFFFFF"]]
SCALES = {"sequential": SEQUENTIAL, "diverging": DIVERGING, "grey": GREY}
HEAD, FOOT, GAP, SIDE = 22, 6, 10, 196  # pixels: names above, room below, between panels, most of a panel's side
NAME = 104  # pixels at the left for a row's name and its colour bar
EDGE = 0.35  # brightness at which the picture's outline is drawn over a map
CALM = {"showticklabels": False, "ticks": "", "showgrid": False, "zeroline": False}


@dataclass(frozen=True)
class Tile:
    """One picture or map [h, w]; None with a note that says why there is none. `caption` stands below it."""

    values: np.ndarray | None
    note: str = ""
    caption: str = ""


@dataclass(frozen=True)
class Strip:
    """A row of tiles, one a column, with a name, shared limits, a scale and the unit on its colour bar."""

    name: str
    tiles: Sequence[Tile]
    limits: tuple[float, float]
    scale: str = "sequential"
    unit: str = ""
    outline: Sequence[np.ndarray | None] = field(default=())


def gallery(
    columns: Sequence[tuple[str, str]], rows: Sequence[Strip], *, width: int, title: str = "", most: int = SIDE
) -> go.Figure:
    """Small multiples. columns are (architecture or "", title); `width` is the room in pixels.

    `outline` of a row holds a picture a column whose edge is drawn over the map, so that both can be compared.
    """
    _check(columns, rows)
    left = NAME if any(row.name for row in rows) else 4
    side = int(min(most, (width - left - GAP * (len(columns) - 1)) / len(columns)))
    caption = 16 if any(tile.caption for row in rows for tile in row.tiles) else 0
    line = side + caption + GAP
    sheet = Sheet()
    height = HEAD + len(rows) * line + FOOT
    place = _Place(left, side, line, width, height)
    for at, (key, name) in enumerate(columns):
        _heading(sheet, place, at, key, name)
    for down, row in enumerate(rows):
        _bar(sheet, place, down, row)
        for across, tile in enumerate(row.tiles):
            outline = row.outline[across] if row.outline else None
            _tile(sheet, place, down, across, len(columns), row, tile, outline)
    return sheet.figure(title, height, (0, 0, 0, 0))


@dataclass(frozen=True)
class _Place:
    """Where tiles stand, in shares of the figure."""

    left: int
    side: int
    line: int
    width: int
    height: int

    def x(self, across: int) -> list[float]:
        start = self.left + across * (self.side + GAP)
        return [start / self.width, (start + self.side) / self.width]

    def y(self, down: int) -> list[float]:
        top = HEAD + down * self.line
        return [1 - (top + self.side) / self.height, 1 - top / self.height]


def _check(columns: Sequence[tuple[str, str]], rows: Sequence[Strip]) -> None:
    if not columns or not rows:
        raise ValueError(f"wanted at least one column and one row; got {len(columns)} and {len(rows)}")
    for row in rows:
        if row.scale not in SCALES:
            raise ValueError(f"scale must be one of {', '.join(SCALES)}; got {row.scale!r}")
        check_limits(row.limits, "diverging" if row.scale == "diverging" else "sequential")
        if len(row.tiles) != len(columns):
            raise ValueError(f"{row.name}: wanted {len(columns)} tiles; got {len(row.tiles)}")
        for tile in row.tiles:
            if tile.values is not None and np.ndim(tile.values) != 2:
                raise ValueError(f"{row.name}: wanted maps [h, w]; got shape {np.shape(tile.values)}")


def _heading(sheet: Sheet, place: _Place, at: int, key: str, name: str) -> None:
    x0, x1 = place.x(at)
    top = 1 - HEAD / place.height
    colour = ARCHITECTURES[key].colour if key in ARCHITECTURES else OUTLINE
    bar: dict[str, Any] = {"xref": "paper", "yref": "paper", "x0": x0, "x1": x1, "ysizemode": "pixel", "yanchor": top}
    sheet.shape(type="rect", **bar, y0=2, y1=4.5, fillcolor=colour, line={"width": 0})
    spot: dict[str, Any] = {"x": x0, "y": top, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    sheet.text(text=escape(shorten(name, max(6, place.side // 7))), hovertext=escape(name), yshift=4, **spot)


def _bar(sheet: Sheet, place: _Place, down: int, row: Strip) -> None:
    """The row's name and, below it, what its colours mean."""
    if not row.name:
        return
    y0, y1 = place.y(down)
    spot: dict[str, Any] = {"x": 0, "xref": "paper", "yref": "paper", "xanchor": "left"}
    sheet.text(text=wrap(row.name, NAME - 14), y=y1, yanchor="top", align="left", **spot)
    low, high = row.limits
    sheet.layout[f"coloraxis{down + 1}"] = {
        "cmin": low,
        "cmax": high,
        "colorscale": SCALES[row.scale],
        "colorbar": {
            "orientation": "h",
            "title": {"text": escape(row.unit), "side": "top", "font": {"size": 10}},
            "x": 0,
            "xanchor": "left",
            "xpad": 0,
            "y": y0,
            "yanchor": "bottom",
            "ypad": 0,
            "lenmode": "pixels",
            "len": NAME - 18,
            "thickness": 7,
            "outlinewidth": 0,
            "tickvals": [low, high],
            "ticktext": [_short(low), _short(high)],
            "tickfont": {"size": 9},
            "ticklen": 2,
        },
    }


def _short(value: float) -> str:
    return f"{value:.2g}".replace("-", "−")


def _tile(
    sheet: Sheet,
    place: _Place,
    down: int,
    across: int,
    columns: int,
    row: Strip,
    tile: Tile,
    outline: np.ndarray | None,
) -> None:
    """One panel: a heat map, the picture's edge over it, a caption; or a dashed frame with the note."""
    (x0, x1), (y0, y1) = place.x(across), place.y(down)
    number = down * columns + across + 1
    spot: dict[str, Any] = {"x": x0, "xref": "paper", "yref": "paper", "xanchor": "left"}
    if tile.caption:
        sheet.text(text=escape(tile.caption), y=y0, yanchor="top", yshift=-1, size=10, **spot)
    if tile.values is None:
        frame = {"type": "rect", "xref": "paper", "yref": "paper", "x0": x0, "x1": x1, "y0": y0, "y1": y1}
        sheet.shape(**frame, line={"color": NEUTRAL, "width": 1, "dash": "dash"})
        words = wrap(tile.note, place.side - 16)
        sheet.text(text=words, y=(y0 + y1) / 2, yanchor="middle", xshift=8, align="left", size=11, **spot)
        return
    suffix = "" if number == 1 else str(number)
    height, width = tile.values.shape
    square = {"constrain": "domain", "scaleanchor": f"x{suffix}", "constraintoward": "top"}
    left = {"constrain": "domain", "constraintoward": "left"}
    sheet.axis(f"x{suffix}", domain=[x0, x1], anchor=f"y{suffix}", range=[-0.5, width - 0.5], **left, **CALM)
    sheet.axis(f"y{suffix}", domain=[y0, y1], anchor=f"x{suffix}", range=[height - 0.5, -0.5], **square, **CALM)
    axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
    scaled: dict[str, Any] = (
        {"coloraxis": f"coloraxis{down + 1}"}
        if row.name
        else {"zmin": row.limits[0], "zmax": row.limits[1], "colorscale": SCALES[row.scale], "showscale": False}
    )
    hover = "row %{y}, column %{x}<br>%{z:.3g}<extra></extra>"
    values = colours(tile.values, row.limits, "sequential")
    sheet.trace("heatmap", z=values, name=escape(row.name), hovertemplate=hover, **scaled, **axes)
    if outline is not None:
        _edge(sheet, outline, (height, width), axes)


def _edge(sheet: Sheet, picture: np.ndarray, shape: tuple[int, int], axes: dict[str, str]) -> None:
    """The picture's outline, white on a dark line, over a map of any size."""
    rows, columns = (
        np.linspace(-0.5, size - 0.5, 2 * n + 1)[1::2] for size, n in zip(shape, picture.shape, strict=True)
    )
    for colour, thick in (("#101418", 2.2), ("#FFFFFF", 0.9)):
        sheet.trace(
            "contour",
            x=columns,
            y=rows,
            z=np.ascontiguousarray(picture, dtype=np.float32),
            contours={"start": EDGE, "end": EDGE, "size": 1, "coloring": "none"},
            line={"color": colour, "width": thick, "smoothing": 0},
            showscale=False,
            hoverinfo="skip",
            **axes,
        )
