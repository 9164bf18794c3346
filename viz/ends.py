"""Names at the ends of lines, moved apart so that none covers another."""

from collections.abc import Sequence

import numpy as np

from viz.curves import Axis, Line, look_of
from viz.labels import escape, shorten
from viz.sheet import Sheet
from viz.theme import translucent

NAME_PITCH = 16  # pixels between two names


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Places between 0 and 1 as near as may be to the wanted ones, in their order, at least `gap` apart."""
    order = np.argsort(wanted, kind="stable")
    count = len(order)
    gap = min(gap, 1 / max(1, count - 1)) if count > 1 else gap
    offsets = np.arange(count) * gap
    free = np.clip(np.asarray(wanted, dtype=np.float64)[order], 0, 1) - offsets
    blocks: list[tuple[float, int]] = []
    for value in free:
        blocks.append((float(value), 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (mean_b, size_b), (mean_a, size_a) = blocks.pop(), blocks.pop()
            blocks.append(((mean_a * size_a + mean_b * size_b) / (size_a + size_b), size_a + size_b))
    level = np.concatenate([np.full(size, mean) for mean, size in blocks]).clip(0, max(0.0, 1 - offsets[-1]))
    placed = np.empty(count)
    placed[order] = level + offsets
    return placed.tolist()


def name_ends(sheet: Sheet, series: Sequence[Line], axis: Axis, edge: float, pixels: int) -> None:
    """Names to the right of the plot, each tied to its line's last point."""
    ends = []
    for line in series:
        defined = np.flatnonzero(np.isfinite(np.asarray(line.y, dtype=np.float64)))
        at = int(defined[-1]) if len(defined) else 0
        height = float(axis.heights(line.y)[at]) if len(defined) else axis.low
        ends.append((float(line.x[at]), height))
    places = spread([axis.share(height) for _, height in ends], NAME_PITCH / pixels)
    for line, (x, height), place in zip(series, ends, places, strict=True):
        style = look_of(line)
        tie = {"color": translucent(style.colour, 0.8), "width": 1, "dash": "dot"}
        ys = {"yref": "paper", "y0": min(1.0, max(0.0, axis.share(height))), "y1": place}
        sheet.shape(type="line", xref="x", x0=x, x1=edge, **ys, line=tie, layer="below")
        sheet.text(
            text=f'<span style="color:{style.colour}">■</span> {escape(shorten(line.title, 19))}',
            hovertext=escape(line.title),
            x=1,
            y=place,
            xref="paper",
            yref="paper",
            xanchor="left",
            yanchor="middle",
            xshift=2,
            size=12,
        )
