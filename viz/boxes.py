"""The box that one unit sees, growing over a picture layer by layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from viz.labels import escape
from viz.png import as_bytes, data_uri, png
from viz.sheet import Sheet
from viz.theme import NEUTRAL, OUTLINE, look, translucent

SIDE = 420  # pixels of the drawing
FARTHEST = 3.0  # the drawing shows at most so many picture sides; larger boxes are cut and say so
BELOW, LEFT = 40, 56


@dataclass(frozen=True)
class Box:
    """A square of input positions `first` ... `last` along both axes, and the layer that sees it."""

    name: str
    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


def boxes(
    picture: np.ndarray, side: int, found: Sequence[Box], current: int, stride: int, *, title: str = ""
) -> go.Figure:
    """The picture [n, n, 3], laid out over `side` positions, with the boxes of all layers, the `current` one strong,
    its neighbour's dashed beside it.

    What lies outside the picture is padding. `stride`: positions from a unit's box to the next unit's. Where the
    drawing ends before the current box does, a note gives the box.
    """
    if not found or not 0 <= current < len(found):
        raise ValueError(f"wanted the current box among {len(found)}; got {current}")
    if picture.ndim != 3 or picture.shape[0] != picture.shape[1]:
        raise ValueError(f"wanted a square picture [n, n, 3]; got {picture.shape}")
    sheet = Sheet()
    low, high = _range(side, found[-1])
    sheet.layout["images"] = [_image(picture, side)]
    sheet.trace("scatter", x=[low, high], y=[low, high], mode="markers", marker={"opacity": 0}, hoverinfo="skip")
    for box in found:
        _rectangle(sheet, box.first, box.last, {"color": translucent("#E69F00", 0.55), "width": 1})
    now = found[current]
    _rectangle(sheet, now.first, now.last, {"color": "#FFFFFF", "width": 5})
    _rectangle(sheet, now.first, now.last, {"color": "#B35900", "width": 3})
    if stride < side:
        _rectangle(
            sheet, now.first, now.last, {"color": look("transformer").colour, "width": 1.5, "dash": "dot"}, stride
        )
    if now.first < low or now.last + 1 > high:
        _note(sheet, now)
    _hovers(sheet, found)
    _axes(sheet, low, high)
    return sheet.figure(title, SIDE + BELOW, (LEFT, 8, 6, BELOW))


def _range(side: int, last: Box) -> tuple[float, float]:
    """What is drawn: the picture and the largest box, up to FARTHEST sides."""
    pad = 0.03 * side
    reach = (FARTHEST - 1) / 2 * side
    return max(min(0, last.first) - pad, -reach), min(max(side, last.last + 1) + pad, side + reach)


def _image(picture: np.ndarray, side: int) -> dict:
    """The picture as plotly lays it under the traces; pixel i covers i to i + 1."""
    place = {"xref": "x", "yref": "y", "x": 0, "y": 0, "sizex": side, "sizey": side, "sizing": "stretch"}
    return {"source": data_uri(png(as_bytes(picture))), "layer": "below", "yanchor": "top", **place}


def _rectangle(sheet: Sheet, first: int, last: int, line: dict, right: int = 0) -> None:
    corners = {"x0": first + right, "x1": last + 1 + right, "y0": first, "y1": last + 1}
    sheet.shape(type="rect", xref="x", yref="y", line=line, **corners)


def _note(sheet: Sheet, box: Box) -> None:
    """What the drawing cuts off."""
    text = f"The box is larger than this drawing:<br>{box.size:,} × {box.size:,} px, from {box.first:,} to {box.last:,}"
    place: dict[str, Any] = {
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.98,
        "xanchor": "center",
        "yanchor": "top",
    }
    sheet.text(text.replace("-", "−"), **place)


def _hovers(sheet: Sheet, found: Sequence[Box]) -> None:
    """Invisible points at the upper left corners that name the boxes."""
    sheet.trace(
        "scatter",
        x=[box.first + 0.5 for box in found],
        y=[box.first + 0.5 for box in found],
        mode="markers",
        marker={"size": 6, "color": "#E69F00", "line": {"color": OUTLINE, "width": 1}},
        customdata=[f"{escape(box.name)}: {box.size} × {box.size} px" for box in found],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _axes(sheet: Sheet, low: float, high: float) -> None:
    shared = {"showgrid": False, "ticks": "outside", "ticklen": 3, "nticks": 6, "linecolor": NEUTRAL, "showline": True}
    sheet.axis("x", title={"text": "column, pixels"}, range=[low, high], constrain="domain", **shared)
    sheet.axis("y", title={"text": "row, pixels"}, range=[high, low], scaleanchor="x", constrain="domain", **shared)
