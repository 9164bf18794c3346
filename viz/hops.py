"""How information gets from one word to another: a panel a model, layers upwards, words across, hops as arrows."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from viz.grid import LEFT, RIGHT, Grid, absent, column_width, columns_for, heading, page_width
from viz.labels import escape
from viz.sheet import Sheet
from viz.theme import NEUTRAL, OUTLINE, look
from viz.words import word_axis

PANEL = 120  # pixels

Place = tuple[int, int]


@dataclass(frozen=True)
class HopPanel:
    """One model: its layers, and the hops ((layer, position), (layer, position)), or None with the reason."""

    key: str
    title: str
    layers: int
    hops: Sequence[tuple[Place, Place]] | None
    note: str = ""


def hops(
    panels: Sequence[HopPanel],
    words: Sequence[str],
    start: int,
    end: int,
    *,
    per_line: int,
    width: int | None = None,
    title: str = "",
) -> go.Figure:
    """From word `start` of the input (layer 0, below) to word `end` of the last layer (above)."""
    for name, place in (("start", start), ("end", end)):
        if not 0 <= place < len(words):
            raise ValueError(f"{name} must lie in 0..{len(words) - 1}; got {place}")
    columns = columns_for(len(panels), per_line)
    whole = page_width(per_line, width)
    across = column_width(columns, whole)
    settings, foot = word_axis(words, across, turn=True)
    grid = Grid(len(panels), columns, whole, PANEL, max(26, foot))
    highest = max((panel.layers for panel in panels if panel.hops is not None), default=1)
    sheet = Sheet()
    for at, panel in enumerate(panels):
        heading(sheet, grid, at, panel.key, panel.title)
        if panel.hops is None:
            absent(sheet, grid, at, panel.note)
            continue
        suffix = "" if at == 0 else str(at + 1)
        sheet.axis(f"x{suffix}", **settings, domain=grid.x(at), anchor=f"y{suffix}", range=[-0.6, len(words) - 0.4])
        levels = {
            "tickmode": "array",
            "tickvals": list(range(highest + 1)),
            "showgrid": False,
            "tickfont": {"size": 10},
        }
        levels |= {"title": {"text": "layer" if grid.place(at)[1] == 0 else "", "font": {"size": 11}}}
        sheet.axis(f"y{suffix}", domain=grid.y(at), anchor=f"x{suffix}", range=[-0.4, highest + 0.4], **levels)
        _units(sheet, panel, len(words), suffix)
        _path(sheet, panel, words, start, end, suffix)
    return sheet.figure(title, grid.height, (LEFT, RIGHT, 0, 0))


def _units(sheet: Sheet, panel: HopPanel, count: int, suffix: str) -> None:
    """A faint dot for every unit of every layer."""
    places = [(layer, position) for layer in range(panel.layers + 1) for position in range(count)]
    sheet.trace(
        "scatter",
        x=[position for _, position in places],
        y=[layer for layer, _ in places],
        mode="markers",
        marker={"size": 4, "color": NEUTRAL},
        hoverinfo="skip",
        xaxis=f"x{suffix}",
        yaxis=f"y{suffix}",
    )


def _path(sheet: Sheet, panel: HopPanel, words: Sequence[str], start: int, end: int, suffix: str) -> None:
    """The path: hops solid, staying in place dotted, both ends marked."""
    assert panel.hops is not None
    colour = look(panel.key).colour
    where = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "hoverinfo": "skip"}
    here = (0, start)
    for source, target in [*panel.hops, ((panel.layers, end), (panel.layers, end))]:
        if here != source:
            line = {"color": colour, "width": 1.5, "dash": "dot"}
            sheet.trace("scatter", x=[here[1], source[1]], y=[here[0], source[0]], mode="lines", line=line, **where)
        if source != target:
            line = {"color": colour, "width": 2.5}
            marker = {"symbol": "arrow", "angleref": "previous", "size": [0, 9], "color": colour}
            xs, ys = [source[1], target[1]], [source[0], target[0]]
            sheet.trace("scatter", x=xs, y=ys, mode="lines+markers", line=line, marker=marker, **where)
        here = target
    ends = {"size": 10, "color": colour, "symbol": ["circle-open", "circle"], "line": {"color": OUTLINE, "width": 1.5}}
    hover = [f"from {escape(words[start])}", f"to {escape(words[end])}"]
    where["hoverinfo"] = "text"
    sheet.trace("scatter", x=[start, end], y=[0, panel.layers], mode="markers", marker=ends, text=hover, **where)
