"""What a figure will hold, gathered as plain values and handed to plotly once.

Plotly checks all shapes again for each one added; gathered first, seven panels are built three times as fast, and not
checked at all where nobody looks inside (late.py).
"""

from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go

from viz.late import Late
from viz.theme import AXIS, common


@dataclass
class Sheet:
    """Traces, shapes, texts and axes of a figure in the making."""

    traces: list[dict] = field(default_factory=list)
    shapes: list[dict] = field(default_factory=list)
    texts: list[dict] = field(default_factory=list)
    layout: dict = field(default_factory=dict)

    def trace(self, kind: str, **settings: object) -> None:
        """Add a trace such as "heatmap" or "scatter"."""
        self.traces.append({"type": kind, **settings})

    def shape(self, **settings: object) -> None:
        """Add a rectangle or a line."""
        self.shapes.append(settings)

    def text(self, text: str, size: int = 12, **settings: Any) -> None:
        """Add words without an arrow; `text` is escaped by the caller."""
        self.texts.append({"text": text, "font": {"size": size}, "showarrow": False, "borderpad": 0, **settings})

    def axis(self, name: str, **settings: object) -> None:
        """Set an axis by plotly's short name ("x", "y2"), or add to it."""
        self.layout.setdefault(f"{name[0]}axis{name[1:]}", {}).update(settings)

    def figure(self, title: str, height: int, margin: tuple[int, int, int, int]) -> go.Figure:
        """The figure, in the common layout."""
        own = {name: {**AXIS, **each} if name[1:5] == "axis" else each for name, each in self.layout.items()}
        drawn = {"shapes": self.shapes, "annotations": self.texts}
        return Late(self.traces, {**own, **drawn, **common(title, height, margin)})
