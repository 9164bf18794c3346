"""Pictures and maps over them, side by side: rows are kinds of map, columns are networks, limits shared in a row.

Columns stand under those of the page's board. The edge of the picture can be drawn over a map, so that both compare.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import plotly.graph_objects as go

from viz.grid import GAP, LEFT, RIGHT, wrap
from viz.labels import escape, shorten
from viz.scale import check_limits, colours
from viz.sheet import Sheet
from viz.theme import ARCHITECTURES, DIVERGING, NEUTRAL, OUTLINE, SEQUENTIAL

GREY = [[0.0, "#000000"], [1.0, "#FFFFFF"]]
SCALES = {"sequential": SEQUENTIAL, "diverging": DIVERGING, "grey": GREY}
HEAD, FOOT, BETWEEN, CAPTION, MOST, LEAST = 22, 4, 8, 15, 190, 66  # pixels
EDGE = 0.35  # brightness at which the picture's edge is drawn over a map
CALM = {"showticklabels": False, "ticks": "", "showgrid": False, "zeroline": False}


@dataclass(frozen=True)
class Tile:
    """One picture or map [h, w]; None with a note that says why there is none. `caption` stands below it."""

    values: np.ndarray | None
    note: str = ""
    caption: str = ""


@dataclass(frozen=True)
class Strip:
    """A row of tiles, one a column, with a name, shared limits, a scale, and the unit beside its colour bar.

    Values beyond the limits have the last colour, and the bar's end then says so.

    edges: a picture [h, w] a column (or None) whose edge is drawn over the map.
    """

    name: str
    tiles: Sequence[Tile]
    limits: tuple[float, float]
    scale: str = "sequential"
    unit: str = ""
    edges: Sequence[np.ndarray | None] = field(default=())


@dataclass(frozen=True)
class Layout:
    """Where tiles stand: x in shares of the width between the margins, y of the height; tops and tall in pixels."""

    columns: int
    side: int
    tops: tuple[int, ...]
    tall: tuple[int, ...]
    height: int

    def x(self, across: int) -> list[float]:
        share = (1 - GAP * (self.columns - 1)) / self.columns
        start = across * (share + GAP)
        return [start, start + share]

    def y(self, down: int) -> list[float]:
        top = self.tops[down]
        return [1 - (top + self.tall[down]) / self.height, 1 - top / self.height]


def gallery(
    columns: Sequence[tuple[str, str]], rows: Sequence[Strip], *, width: int, title: str = "", most: int = MOST
) -> go.Figure:
    """Small multiples. columns: (architecture or "", title); width: the page's, in pixels; most: a tile's side."""
    _check(columns, rows)
    share = (1 - GAP * (len(columns) - 1)) / len(columns)
    side = int(min(most, (width - LEFT - RIGHT) * share))
    between = BETWEEN + (CAPTION if any(tile.caption for row in rows for tile in row.tiles) else 0)
    tall = tuple(_tall(row, side) for row in rows)
    tops = tuple(HEAD + sum(tall[:at]) + at * between for at in range(len(rows)))
    layout = Layout(len(columns), side, tops, tall, tops[-1] + tall[-1] + between + FOOT)
    sheet = Sheet()
    for at, (key, name) in enumerate(columns):
        _heading(sheet, layout, at, key, name)
    for down, row in enumerate(rows):
        _name(sheet, layout, down, row)
        for across in range(len(columns)):
            _tile(sheet, layout, (down, across), row)
    return sheet.figure(title, layout.height, (LEFT, RIGHT, 0, 0))


def _tall(row: Strip, side: int) -> int:
    """Height of a row in pixels: that of its tallest tile, with room for its name and colour bar."""
    return min(side, max(LEAST, *(_height(tile, side) for tile in row.tiles)))


def _height(tile: Tile, side: int) -> int:
    """Height of a tile that is `side` pixels wide."""
    return side if tile.values is None else round(side * tile.values.shape[0] / tile.values.shape[1])


def _check(columns: Sequence[tuple[str, str]], rows: Sequence[Strip]) -> None:
    if not columns or not rows:
        raise ValueError(f"wanted at least one column and one row; got {len(columns)} and {len(rows)}")
    for row in rows:
        if row.scale not in SCALES:
            raise ValueError(f"scale must be one of {', '.join(SCALES)}; got {row.scale!r}")
        check_limits(row.limits, "diverging" if row.scale == "diverging" else "sequential")
        if len(row.tiles) != len(columns) or (row.edges and len(row.edges) != len(columns)):
            raise ValueError(f"{row.name}: wanted {len(columns)} tiles and edges; got {len(row.tiles)}")
        for tile in row.tiles:
            if tile.values is not None and np.ndim(tile.values) != 2:
                raise ValueError(f"{row.name}: wanted maps [h, w]; got shape {np.shape(tile.values)}")


def _heading(sheet: Sheet, layout: Layout, at: int, key: str, name: str) -> None:
    """The coloured bar and the name above a column."""
    x0, x1 = layout.x(at)
    top = 1 - HEAD / layout.height
    colour = ARCHITECTURES[key].colour if key in ARCHITECTURES else OUTLINE
    bar: dict[str, Any] = {"xref": "paper", "yref": "paper", "x0": x0, "x1": x1, "ysizemode": "pixel", "yanchor": top}
    sheet.shape(type="rect", **bar, y0=2, y1=4.5, fillcolor=colour, line={"width": 0})
    spot: dict[str, Any] = {"x": x0, "y": top, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    sheet.text(text=escape(shorten(name, max(6, layout.side // 7))), hovertext=escape(name), yshift=4, **spot)


def _name(sheet: Sheet, layout: Layout, down: int, row: Strip) -> None:
    """The row's name in the left margin and, at its foot, what the row's colours mean."""
    y0, y1 = layout.y(down)
    spot: dict[str, Any] = {"x": 0, "xref": "paper", "yref": "paper", "xanchor": "left", "align": "left"}
    sheet.text(text=wrap(row.name, LEFT - 12), y=y1, yanchor="top", xshift=-LEFT, **spot)
    low, high = row.limits
    sheet.layout[_coloraxis(down)] = {
        "cmin": low,
        "cmax": high,
        "colorscale": SCALES[row.scale],
        "colorbar": {
            "orientation": "h",
            "title": {"text": escape(row.unit), "side": "top", "font": {"size": 10}},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "xpad": 14,
            "y": y0,
            "yanchor": "bottom",
            "ypad": 0,
            "lenmode": "pixels",
            "len": LEFT - 32,
            "thickness": 7,
            "outlinewidth": 0,
            "tickvals": [low, high],
            "ticktext": _ends(row),
            "tickfont": {"size": 9},
            "ticklen": 2,
        },
    }


def _ends(row: Strip) -> list[str]:
    """The limits as text, with "≤" or "≥" where values lie beyond and share the last colour."""
    drawn = [tile.values for tile in row.tiles if tile.values is not None]
    low, high = row.limits
    below = any(bool((values < low).any()) for values in drawn)
    above = any(bool((values > high).any()) for values in drawn)
    return [("≤ " if below else "") + _short(low), ("≥ " if above else "") + _short(high)]


def _coloraxis(down: int) -> str:
    """Plotly's name of a row's colour axis."""
    return f"coloraxis{down + 1}" if down else "coloraxis"


def _short(value: float) -> str:
    return f"{value:.2g}".replace("-", "−")


def _tile(sheet: Sheet, layout: Layout, place: tuple[int, int], row: Strip) -> None:
    """One panel: a heat map, the picture's edge over it, a caption; or a dashed frame with the note."""
    down, across = place
    tile = row.tiles[across]
    (x0, x1), (_, y1) = layout.x(across), layout.y(down)
    y0 = y1 - min(layout.tall[down], _height(tile, layout.side)) / layout.height
    spot: dict[str, Any] = {"x": x0, "xref": "paper", "yref": "paper", "xanchor": "left", "align": "left"}
    if tile.caption:
        sheet.text(text=escape(tile.caption), y=y0, yanchor="top", yshift=-1, size=10, **spot)
    if tile.values is None:
        frame: dict[str, Any] = {"type": "rect", "xref": "paper", "yref": "paper", "y0": y0, "y1": y1}
        across_pixels = {"xsizemode": "pixel", "xanchor": x0, "x0": 0, "x1": layout.side}
        sheet.shape(**frame, **across_pixels, line={"color": NEUTRAL, "width": 1, "dash": "dash"})
        words = wrap(tile.note, layout.side - 16)
        sheet.text(text=words, y=(y0 + y1) / 2, yanchor="middle", xshift=8, size=11, **spot)
        return
    number = down * layout.columns + across + 1
    suffix = "" if number == 1 else str(number)
    height, width = tile.values.shape
    left = {"constrain": "domain", "constraintoward": "left", "anchor": f"y{suffix}"}
    square = {"constrain": "domain", "constraintoward": "top", "scaleanchor": f"x{suffix}", "anchor": f"x{suffix}"}
    sheet.axis(f"x{suffix}", domain=[x0, x1], range=[-0.5, width - 0.5], **left, **CALM)
    sheet.axis(f"y{suffix}", domain=[y0, y1], range=[height - 0.5, -0.5], **square, **CALM)
    axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
    hover = "row %{y}, column %{x}<br>%{z:.3g}<extra></extra>"
    values = colours(tile.values, row.limits, "sequential")
    paint = {"coloraxis": _coloraxis(down), "hoverongaps": False}
    sheet.trace("heatmap", z=values, name=escape(row.name), hovertemplate=hover, **paint, **axes)
    if row.edges and (edge := row.edges[across]) is not None:
        _edge(sheet, edge, (height, width), axes)


def _edge(sheet: Sheet, picture: np.ndarray, shape: tuple[int, int], axes: dict[str, str]) -> None:
    """The picture's edge, white on a dark line, over a map of any size."""
    places = [
        (np.arange(n) + 0.5) * size / n - 0.5  # pixel centres in cells of the map
        for size, n in zip(shape, picture.shape, strict=True)
    ]
    for colour, thick in (("#101418", 2.2), ("#FFFFFF", 0.9)):
        sheet.trace(
            "contour",
            x=places[1],
            y=places[0],
            z=np.ascontiguousarray(picture, dtype=np.float32),
            autocontour=False,
            contours={"start": EDGE, "end": EDGE, "size": 1, "coloring": "none"},
            line={"color": colour, "width": thick, "smoothing": 0},
            showscale=False,
            hoverinfo="skip",
            **axes,
        )
