"""Why scores are divided by the root of the width: entropy and softmax gradient against width, with and without."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from viz.curves import Line, axis_of, draw, style_y
from viz.labels import escape
from viz.sheet import Sheet
from viz.theme import NEUTRAL, Look

DIVIDED = Look("divided by √d", "#0072B2", "solid", "circle")
WHOLE = Look("not divided", "#D55E00", "dash", "triangle-down")
PANELS = (("entropy of a row (bits)", [0.0, 0.45]), ("size of the softmax gradient", [0.55, 1.0]))


def scaling(
    widths: Sequence[int], entropy: np.ndarray, gradient: np.ndarray, *, marked: int | None = None, title: str = ""
) -> go.Figure:
    """Two panels against width; entropy and gradient are [2, n], row 0 divided. `marked` is the head's own width."""
    for name, values in (("entropy", entropy), ("gradient", gradient)):
        if np.shape(values) != (2, len(widths)):
            raise ValueError(f"wanted {name} of shape {(2, len(widths))}; got {np.shape(values)}")
    sheet = Sheet()
    for at, values in enumerate((entropy, gradient)):
        _panel(sheet, at, np.log2(widths), np.asarray(values, dtype=np.float64), widths)
    if marked is not None:
        _mark(sheet, marked)
    return sheet.figure(title, 300, (56, 16, 30, 44))


def _panel(sheet: Sheet, at: int, x: np.ndarray, values: np.ndarray, widths: Sequence[int]) -> None:
    """One measure: two lines with their names inside, a tick a width."""
    suffix = "2" if at else ""
    name, domain = PANELS[at]
    series = [Line("", look.title, x, row, look=look) for look, row in zip((DIVIDED, WHOLE), values, strict=True)]
    axis = axis_of(series, False, (0.0, 1.15 * float(values.max()) or 1.0))
    for line in series:
        draw(sheet, line, axis, f"x{suffix}", f"y{suffix}", "log₂ d")
    ticks = {"tickvals": x.tolist(), "ticktext": [f"{width}" for width in widths], "tickangle": 0}
    sheet.axis(
        f"x{suffix}", domain=domain, anchor=f"y{suffix}", showgrid=False, title={"text": "width d of a head"}, **ticks
    )
    style_y(sheet, axis, f"y{suffix}", "", anchor=f"x{suffix}")
    place: dict[str, Any] = {
        "x": domain[0],
        "y": 1,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
    }
    sheet.text(text=f"<b>{escape(name)}</b>", yshift=8, **place)
    for line in series:
        look = line.look or DIVIDED
        spot: dict[str, Any] = {"x": float(x[-1]), "y": float(line.y[-1]), "xref": f"x{suffix}", "yref": f"y{suffix}"}
        text = f'<span style="color:{look.colour}">■</span> {escape(look.title)}'
        below = float(line.y[-1]) < 0.97 * float(line.y[-2:][0])  # a falling line comes from above its name
        side: dict[str, Any] = {"yanchor": "top" if below else "bottom", "yshift": -5 if below else 5}
        sheet.text(text=text, xanchor="right", size=11, **side, **spot)


def _mark(sheet: Sheet, width: int) -> None:
    """A thin line at the width of the head on the page."""
    for suffix in ("", "2"):
        where = {"x0": float(np.log2(width)), "x1": float(np.log2(width)), "y0": 0, "y1": 1}
        line = {"color": NEUTRAL, "width": 1.5, "dash": "dot"}
        sheet.shape(type="line", xref=f"x{suffix}", yref=f"y{suffix} domain", **where, line=line, layer="below")
