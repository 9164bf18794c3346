"""One look for every figure: a colour an architecture, two colour scales, one layout.

Figures carry no text colour, no background and no proportional font, so that Streamlit's light and dark themes and
the standalone page can each set their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

SEQUENTIAL = "Cividis"  # perceptually uniform and safe for colour-blind readers
DIVERGING = [  # blue, pale, orange: only with limits (-m, m)
    [step / 8, colour]
    for step, colour in enumerate(
        ["#00436B", "#0067A3", "#3B8FC4", "#8ABCDD", "#F3EEEA", "#EFB184", "#E07F35", "#BF5400", "#803700"],
    )
]
MONOSPACE = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
NEUTRAL = "rgba(128,128,128,0.45)"  # thin lines that show on white and on black
HATCH = "rgba(128,128,128,0.75)"  # strokes of masked or undefined cells
OUTLINE = "#808080"  # 4:1 on white and on black
AXIS = {"automargin": False, "zeroline": False}


@dataclass(frozen=True)
class Look:
    """How one architecture is drawn everywhere: its name, colour, dash and marker."""

    title: str
    colour: str
    dash: str = "solid"
    symbol: str = "circle"
    outlined: bool = False  # the colour alone has less than 3:1 on white or on black


ARCHITECTURES = {
    "mlp": Look("Fully connected", "#6B7280", "dot", "square"),
    "cnn": Look("Convolution", "#E69F00", "solid", "triangle-up", True),
    "cnn-dilated": Look("Convolution, dilated", "#E69F00", "dash", "triangle-up-open", True),
    "rnn": Look("RNN", "#CC79A7", "dashdot", "diamond", True),
    "lstm": Look("LSTM", "#D55E00", "solid", "circle"),
    "lstm-bias4": Look("LSTM, forget bias 4", "#D55E00", "dash", "circle-open"),
    "gru": Look("GRU", "#882255", "longdash", "pentagon", True),
    "transformer": Look("Attention", "#0072B2", "solid", "star"),
    "vit": Look("Vision Transformer", "#0072B2", "dash", "star-open"),
    "hybrid": Look("Hybrid", "#009E73", "longdashdot", "hexagon"),
}


def look(key: str) -> Look:
    """The look of architecture `key`; a card's name such as "agreement-far-lstm" is not an architecture."""
    if key not in ARCHITECTURES:
        raise ValueError(f"architecture must be one of {', '.join(ARCHITECTURES)}; got {key!r}")
    return ARCHITECTURES[key]


def translucent(colour: str, opacity: float) -> str:
    """A "#RRGGBB" colour with an opacity between 0 and 1, as plotly and CSS write it."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def common(title: str, height: int, margin: tuple[int, int, int, int] = (0, 0, 0, 0)) -> dict[str, Any]:
    """The common layout; `margin` is left, right, top, bottom in pixels.

    The title is the figure's finding. It is kept in `layout.meta.title`: the figure block draws it as a heading, which
    wraps and can be read aloud, where plotly's own title does neither.
    """
    left, right, top, bottom = margin
    return {
        "meta": {"title": title},
        "height": height,
        "margin": {"l": left, "r": right, "t": top, "b": bottom, "pad": 0, "autoexpand": False},
        "showlegend": False,
        "hoverlabel": {"align": "left", "namelength": -1, "font": {"family": MONOSPACE, "size": 12}},
        "modebar": {"orientation": "h"},
        "dragmode": "zoom",
    }


def finish(figure: go.Figure, title: str, height: int, margin: tuple[int, int, int, int] = (0, 0, 0, 0)) -> go.Figure:
    """Give a figure the common layout."""
    figure.update_layout(common(title, height, margin))
    figure.update_xaxes(**AXIS)
    figure.update_yaxes(**AXIS)
    return figure


def ink(layout: dict[str, Any], colour: str) -> None:
    """Set the colour of every text of a plain layout that has none of its own."""
    layout["font"] = {"color": colour} | layout.get("font", {})
    for name, axis in layout.items():
        if name[1:5] == "axis":
            _ink_axis(axis, colour)
    bar = layout.get("coloraxis", {}).get("colorbar", {})
    if "title" in bar:
        _ink_axis(bar, colour)


def _ink_axis(axis: dict[str, Any], colour: str) -> None:
    """The tick labels and the title of an axis or a colour bar."""
    axis["tickfont"] = {"color": colour} | axis.get("tickfont", {})
    title = axis.get("title", {})
    title = {"text": title} if isinstance(title, str) else title
    axis["title"] = title | {"font": {"color": colour} | title.get("font", {})}


def hatch(x: list[float], y: list[float]) -> dict:
    """A scatter trace's settings: slanted strokes over the rectangle from (x[0], y[0]) to (x[1], y[1]).

    They mean masked or undefined. Drawn below a heat map, whose undefined cells are NaN, hence transparent.
    """
    faint = "rgba(128,128,128,0.06)"
    return {
        "x": [x[0], x[1], x[1], x[0]],
        "y": [y[0], y[0], y[1], y[1]],
        "mode": "lines",
        "line": {"width": 0},
        "fill": "toself",
        "fillcolor": faint,
        "fillpattern": {"shape": "/", "fgcolor": HATCH, "bgcolor": faint, "size": 6, "solidity": 0.2},
        "hoverinfo": "skip",
        "name": "undefined",
        "zorder": 0,
    }
