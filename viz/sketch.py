"""A figure of heat maps as SVG text, from the same plain values that plotly gets: to show it before plotly is there.

Plotly's script is 4.7 MB, more than half of what a first page costs a browser. A sketch has the figure's cells, words,
names and colour bar in the same places; what it lacks is hovering and zooming.
"""

import base64
import html
import re
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sequential

from viz.png import data_uri, png

Box = tuple[float, float, float, float]
BASELINE = {"top": 0.95, "middle": 0.35, "bottom": -0.25}  # of the type size, below the anchor
ANCHORS = {"left": "start", "center": "middle", "right": "end"}
LINE = 1.3  # of the type size, from line to line


def sketch(figure: go.Figure, width: int) -> str:
    """SVG of a figure that viz/matrices.py gathered, for a page `width` pixels wide; "" if it holds anything else."""
    plain = figure.to_dict()
    if any(trace["type"] != "heatmap" or np.isnan(values(trace)).any() for trace in plain["data"]):
        return ""
    return Sketch(plain, width).draw()


def values(trace: dict[str, Any]) -> np.ndarray:
    """A heat map's values [rows, columns], packed as raw bytes or not."""
    z = trace["z"]
    if not isinstance(z, dict):
        return np.asarray(z, dtype=float)
    shape = [int(part) for part in z["shape"].split(",")]
    return np.frombuffer(base64.b64decode(z["bdata"]), z["dtype"]).reshape(shape).astype(float)


class Sketch:
    """Where plotly puts things: margins, axes with domain and range, and `paper`, the share of the room between."""

    def __init__(self, plain: dict[str, Any], width: int) -> None:
        self.traces, self.layout = plain["data"], plain["layout"]
        margin = self.layout["margin"]
        self.size = (width, self.layout["height"])
        self.room: Box = (margin["l"], margin["t"], width - margin["r"], self.layout["height"] - margin["b"])

    def draw(self) -> str:
        """The whole picture; its type follows the page's colour."""
        parts = [self._map(trace) for trace in self.traces]
        parts += [self._rectangle(shape) for shape in self.layout.get("shapes", ())]
        parts += [self._text(note) for note in self.layout.get("annotations", ())]
        for name in self.layout:
            if name[1:5] == "axis":
                parts += self._labels(name)
        parts += self._bar()
        box = f"0 0 {self.size[0]} {self.size[1]}"
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" aria-hidden="true">{"".join(parts)}</svg>'

    def at(self, ref: str, value: float) -> float:
        """Pixels of a value on the axis `ref` ("x2", "y"), or of a share of the room (refs that end in "paper")."""
        across = ref[0] == "x"
        start, end = (self.room[0], self.room[2]) if across else (self.room[3], self.room[1])
        if ref.endswith("paper"):
            return start + value * (end - start)
        axis = self.layout[f"{ref[0]}axis{ref[1:]}"]
        (low, high), (first, last) = axis["domain"], axis["range"]
        return start + (low + (value - first) / (last - first) * (high - low)) * (end - start)

    def _map(self, trace: dict[str, Any]) -> str:
        found = values(trace)
        low, high = (self.layout["coloraxis"][name] for name in ("cmin", "cmax"))
        levels = np.rint(np.clip((found - low) / (high - low), 0, 1) * 255).astype(np.uint8)
        rows, columns = found.shape
        x0, x1 = (self.at(trace["xaxis"], edge - 0.5) for edge in (0, columns))
        y0, y1 = (self.at(trace["yaxis"], edge - 0.5) for edge in (0, rows))
        uri = data_uri(png(levels, self._palette()))
        place = f'x="{x0:.1f}" y="{y0:.1f}" width="{x1 - x0:.1f}" height="{y1 - y0:.1f}" preserveAspectRatio="none"'
        return f'<image {place} style="image-rendering:pixelated" href="{uri}"/>'

    def _palette(self) -> np.ndarray:
        """uint8 [256, 3]: the colours of the figure's scale, evenly spaced."""
        scale = self.layout["coloraxis"]["colorscale"]
        stops = getattr(sequential, scale) if isinstance(scale, str) else [colour for _, colour in scale]
        known = np.array([[int(stop[at : at + 2], 16) for at in (1, 3, 5)] for stop in stops])
        place = np.linspace(0, len(stops) - 1, 256)
        mixed = [np.interp(place, np.arange(len(stops)), known[:, channel]) for channel in range(3)]
        return np.rint(np.stack(mixed, axis=1)).astype(np.uint8)

    def _rectangle(self, shape: dict[str, Any]) -> str:
        x0, x1 = (self.at(_ref("x", shape["xref"]), shape[name]) for name in ("x0", "x1"))
        if shape.get("ysizemode") == "pixel":
            anchor = self.at(_ref("y", shape["yref"]), shape["yanchor"])
            y0, y1 = anchor - shape["y0"], anchor - shape["y1"]
        else:
            y0, y1 = (self.at(_ref("y", shape["yref"]), shape[name]) for name in ("y0", "y1"))
        line = shape.get("line", {})
        drawn = f'fill="{shape.get("fillcolor", "none")}" stroke="{line.get("color", "none")}"'
        drawn += f' stroke-width="{line.get("width", 0)}"' + (' stroke-dasharray="6 4"' if line.get("dash") else "")
        place = f'x="{min(x0, x1):.1f}" y="{min(y0, y1):.1f}"'
        return f'<rect {place} width="{abs(x1 - x0):.1f}" height="{abs(y1 - y0):.1f}" {drawn}/>'

    def _text(self, note: dict[str, Any]) -> str:
        """An annotation: its lines, already escaped as plotly wants them."""
        size = note["font"]["size"]
        x = self.at(_ref("x", note["xref"]), note["x"]) + note.get("xshift", 0)
        y = self.at(_ref("y", note["yref"]), note["y"]) - note.get("yshift", 0)
        lines = note["text"].split("<br>")
        above = {"top": 0.0, "middle": 0.5, "bottom": 1.0}[note["yanchor"]] * (len(lines) - 1) * LINE * size
        y += BASELINE[note["yanchor"]] * size - above
        drawn = (_words(x, y + at * LINE * size, line, size, note["xanchor"]) for at, line in enumerate(lines))
        return "".join(drawn)

    def _labels(self, name: str) -> list[str]:
        """The words along an axis: below its panels, or on the left of its line of panels."""
        axis, ref = self.layout[name], name[0] + name[5:]
        if "ticktext" not in axis:
            return []
        size, family = axis["tickfont"]["size"], axis["tickfont"]["family"]
        pairs = zip(axis["tickvals"], axis["ticktext"], strict=True)
        if ref[0] == "y":
            return [_words(self.room[0] - 4, self.at(ref, v) + 0.35 * size, t, size, "right", family) for v, t in pairs]
        below = self.at("ypaper", self.layout[f"yaxis{self._row(ref)[1:]}"]["domain"][0])
        if not axis["tickangle"]:
            return [_words(self.at(ref, v), below + 3 + size, t, size, "center", family) for v, t in pairs]
        found = []
        for value, text in pairs:
            turn = f"translate({self.at(ref, value) + 0.35 * size:.1f} {below + 4:.1f}) rotate(-90)"
            found.append(_words(0, 0, text, size, "right", family, turn))
        return found

    def _row(self, ref: str) -> str:
        """The row axis of the panel whose column axis is `ref`."""
        return next(trace["yaxis"] for trace in self.traces if trace["xaxis"] == ref)

    def _bar(self) -> list[str]:
        """The colour bar in the lower left corner: its title, the ramp, and what its ends mean."""
        scale = self.layout["coloraxis"]
        bar, (low, high) = scale["colorbar"], (scale["cmin"], scale["cmax"])
        x, length, thick = bar["xpad"], bar["len"], bar["thickness"]
        foot = self.size[1] - 16 - thick
        ramp = data_uri(png(np.arange(256, dtype=np.uint8)[None], self._palette()))
        place = f'x="{x}" y="{foot}" width="{length}" height="{thick}" preserveAspectRatio="none"'
        parts = [f'<image {place} href="{ramp}"/>', _words(x, foot - 5, bar["title"]["text"], 11, "left")]
        for value, text in zip(bar["tickvals"], bar["ticktext"], strict=True):
            parts.append(_words(x + (value - low) / (high - low) * length, self.size[1] - 3, text, 10, "center"))
        return parts


def _ref(axis: str, ref: str) -> str:
    return f"{axis}paper" if ref == "paper" else ref


def _words(x: float, y: float, text: str, size: float, anchor: str, family: str = "", turn: str = "") -> str:
    """Escaped words; plotly's own entities are undone first, so that nothing is escaped twice."""
    shown = html.escape(html.unescape(re.sub(r"<[^>]*>", "", text)))
    style = f' font-family="{html.escape(family)}"' if family else ""
    style += f' transform="{turn}"' if turn else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{ANCHORS[anchor]}"{style}>{shown}</text>'
