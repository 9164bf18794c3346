"""Attention over what it looks at: patches of a picture, moments of a recording."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from viz.grid import GAP, Grid, heading
from viz.labels import escape
from viz.png import as_bytes, data_uri, png
from viz.scale import check_limits, color_axis
from viz.sheet import Sheet
from viz.theme import ARCHITECTURES, NEUTRAL, translucent

FOOT = 58  # pixels below the panels for the colour bar
THROUGH = 0.72  # opacity of the weights over the grey picture
FRAME = (("#FFFFFF", 4), ("#D55E00", 2))
WIDE, SIDE = 620, 8  # pixels of a page whose width is not known; margin on either side
CURVE, SOUND, BETWEEN = 110, 190, 30  # pixels of the two panels of a recording, and between them


def over_picture(
    picture: np.ndarray,
    weights: np.ndarray,
    grid: tuple[int, int],
    *,
    limits: tuple[float, float],
    marked: int | None = None,
    width: int | None = None,
    names: tuple[str, str] = ("picture", "weights over it"),
) -> go.Figure:
    """Two panels: the picture [h, w, 3] with the query's patch framed, and one row of weights [rows x columns] over it.

    `marked` is the patch that asks, from 0, row by row; None where a mark of the model asks. The left panel's patches
    are points that can be chosen. The picture under the weights is grey, so that colour means weight alone.
    """
    rows, columns = grid
    if np.shape(weights) != (rows * columns,):
        raise ValueError(f"wanted one weight for each of {rows} x {columns} patches; got {np.shape(weights)}")
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.shape[0] < rows or picture.shape[1] < columns:
        raise ValueError(f"wanted a picture [h, w, 3] of at least {rows} x {columns} pixels; got {picture.shape}")
    if marked is not None and not 0 <= marked < rows * columns:
        raise ValueError(f"the marked patch must be from 0 to {rows * columns - 1}; got {marked}")
    sheet, across = Sheet(), width or WIDE
    panel = round((across - 2 * SIDE) * (1 - GAP) / 2 * min(2.0, rows / columns))
    place = Grid(2, 2, across, panel, FOOT)
    pixels = as_bytes(picture)
    grey = np.repeat(np.rint(pixels.mean(axis=2, keepdims=True)).astype(np.uint8), 3, axis=2)
    sheet.layout["images"] = [_image(pixels, grid, ""), _image(grey, grid, "2")]
    for at, name in enumerate(names):
        heading(sheet, place, at, "transformer" if at else "", name)
        _patch_axes(sheet, place, at, grid)
    _points(sheet, grid)
    _weights(sheet, np.asarray(weights, dtype=np.float32).reshape(grid))
    _frame(sheet, marked, columns)
    high = check_limits(limits, "sequential")[1]
    sheet.layout["coloraxis"] = color_axis(limits, "sequential", "weight", (False, bool((weights > high).any())))
    return sheet.figure("", place.height, (SIDE, SIDE, 0, 0))


def _image(pixels: np.ndarray, grid: tuple[int, int], suffix: str) -> dict:
    """The picture in units of patches; what is left beside the last whole patch stays outside."""
    high, wide = (size // count for size, count in zip(pixels.shape[:2], grid, strict=True))
    place = {"xref": f"x{suffix}", "yref": f"y{suffix}", "x": -0.5, "y": -0.5, "sizing": "stretch", "layer": "below"}
    size = {"sizex": pixels.shape[1] / wide, "sizey": pixels.shape[0] / high}
    return {"source": data_uri(png(pixels)), **place, **size}


def _patch_axes(sheet: Sheet, place: Grid, at: int, grid: tuple[int, int]) -> None:
    """Axes that count patches and show no ticks: the hover names row and column."""
    suffix = "2" if at else ""
    bare: dict[str, Any] = {"showticklabels": False, "ticks": "", "showgrid": False, "fixedrange": True}
    sheet.axis(f"x{suffix}", domain=place.x(at), anchor=f"y{suffix}", range=[-0.5, grid[1] - 0.5], **bare)
    sheet.axis(f"y{suffix}", domain=place.y(at), anchor=f"x{suffix}", range=[grid[0] - 0.5, -0.5], **bare)
    sheet.axis(f"y{suffix}", scaleanchor=f"x{suffix}", constrain="domain", constraintoward="top")
    sheet.axis(f"x{suffix}", constrain="domain", constraintoward="left")


def _points(sheet: Sheet, grid: tuple[int, int]) -> None:
    """A point that is not seen in the middle of each patch of the left panel, to be clicked."""
    row, column = np.divmod(np.arange(grid[0] * grid[1]), grid[1])
    sheet.trace(
        "scatter",
        x=column,
        y=row,
        mode="markers",
        marker={"size": 18, "symbol": "square", "color": "rgba(128,128,128,0.01)"},
        selected={"marker": {"opacity": 0.01}},
        unselected={"marker": {"opacity": 0.01}},
        customdata=np.stack([row + 1, column + 1], axis=1),
        hovertemplate="row %{customdata[0]}, column %{customdata[1]}<br>click: this patch asks<extra></extra>",
    )


def _weights(sheet: Sheet, values: np.ndarray) -> None:
    places = np.indices(values.shape).transpose(1, 2, 0) + 1
    sheet.trace(
        "heatmap",
        z=np.ascontiguousarray(values),
        customdata=places,
        xaxis="x2",
        yaxis="y2",
        coloraxis="coloraxis",
        opacity=THROUGH,
        hovertemplate="row %{customdata[0]}, column %{customdata[1]}<br>weight <b>%{z:.4f}</b><extra></extra>",
    )


def _frame(sheet: Sheet, marked: int | None, columns: int) -> None:
    """The patch that asks, framed in both panels."""
    if marked is None:
        return
    row, column = divmod(marked, columns)
    for suffix in ("", "2"):
        box = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
        for colour, thick in FRAME:
            line = {"color": colour, "width": thick}
            sheet.shape(type="rect", xref=f"x{suffix}", yref=f"y{suffix}", **box, line=line)


def over_sound(
    spectrogram: np.ndarray,
    weights: np.ndarray,
    seconds: float,
    *,
    length: float,
    even: float,
    marked: int | None = None,
    title: str = "weight",
) -> go.Figure:
    """A row of weights [frames] above the spectrogram [bins, steps], on one axis of time.

    seconds: of one frame; length: of the recording, beyond which the model only sees padding; even: the weight of each
    frame if all had the same, drawn as a dotted line; marked: the frame that asks, None where a word asks.
    """
    frames = len(weights)
    if np.ndim(weights) != 1 or np.ndim(spectrogram) != 2 or not frames or seconds <= 0 or length <= 0:
        raise ValueError(
            f"wanted weights [frames], a spectrogram [bins, steps], times above 0; "
            f"got {np.shape(weights)}, {np.shape(spectrogram)}, {seconds:g} s and {length:g} s"
        )
    sheet, end = Sheet(), min(length, frames * seconds)
    height = CURVE + BETWEEN + SOUND + 40
    top, low = [1 - CURVE / height, 1 - 4 / height], [40 / height, (40 + SOUND) / height]
    shown = np.asarray(weights[: max(1, round(end / seconds))])
    _curve(sheet, shown, seconds, even, top)
    _spectrogram(sheet, spectrogram, frames * seconds, low)
    for suffix in ("", "2"):
        sheet.axis(
            f"x{suffix}", range=[0, end], showgrid=False, anchor=f"y{suffix}", matches=None if not suffix else "x"
        )
    sheet.axis("x", showticklabels=False)
    sheet.axis("x2", title={"text": "time in seconds", "standoff": 4})
    sheet.axis("y", title={"text": escape(title), "standoff": 4})
    if marked is not None:
        _moment(sheet, (marked + 0.5) * seconds)
    return sheet.figure("", height, (60, 12, 0, 0))


def _curve(sheet: Sheet, weights: np.ndarray, seconds: float, even: float, domain: list[float]) -> None:
    """Steps, one a frame, above a dotted line for even attention."""
    colour = ARCHITECTURES["transformer"].colour
    edges = np.arange(len(weights) + 1) * seconds
    sheet.trace(
        "scatter",
        x=edges,
        y=np.append(weights, weights[-1]).astype(np.float32),
        mode="lines",
        line={"shape": "hv", "color": colour, "width": 1.5},
        fill="tozeroy",
        fillcolor=translucent(colour, 0.25),
        hovertemplate="%{x:.2f} s<br>weight <b>%{y:.4f}</b><extra></extra>",
    )
    sheet.axis("y", domain=domain, anchor="x", range=[0, 1.08 * max(float(weights.max()), even)], nticks=4)
    line = {"color": NEUTRAL, "width": 1.5, "dash": "dot"}
    sheet.shape(type="line", xref="x domain", yref="y", x0=0, x1=1, y0=even, y1=even, line=line)
    sheet.text(text="even", x=1, y=even, xref="x domain", yref="y", xanchor="right", yanchor="bottom", size=10)


def _spectrogram(sheet: Sheet, values: np.ndarray, end: float, domain: list[float]) -> None:
    """Greys, so that colour belongs to attention; low frequencies below."""
    low, high = np.percentile(values, (1, 99.8))
    scaled = (values - low) / (float(high - low) or 1.0)
    grey = 255 - as_bytes(np.asarray(scaled[::-1], dtype=np.float32))
    uri = data_uri(png(np.repeat(grey[..., None], 3, axis=2)))
    bins = len(values)
    place = {"xref": "x2", "yref": "y2", "x": 0, "y": bins, "sizex": end, "sizey": bins, "sizing": "stretch"}
    sheet.layout["images"] = [{"source": uri, "layer": "below", **place}]
    sheet.trace("scatter", x=[0, end], y=[0, bins], mode="markers", xaxis="x2", yaxis="y2", opacity=0, hoverinfo="skip")
    sheet.axis("y2", domain=domain, anchor="x2", range=[0, bins], showgrid=False, showticklabels=False)
    sheet.axis("y2", title={"text": "mel bands ↑", "standoff": 4})


def _moment(sheet: Sheet, at: float) -> None:
    """The moment that asks, in both panels."""
    for suffix in ("", "2"):
        for colour, thick in FRAME:
            line = {"color": colour, "width": thick}
            sheet.shape(type="line", xref=f"x{suffix}", yref=f"y{suffix} domain", x0=at, x1=at, y0=0, y1=1, line=line)
