"""A player over recorded moments: plotly's own frames, so that playing and stepping ask nothing of the server."""

from collections.abc import Sequence

import plotly.graph_objects as go

from viz.theme import OUTLINE

ROOM = 84  # pixels below the figure
PACE = 110  # milliseconds a moment
TEXT = "#808080"  # readable on white, on black, and on the pale button that the mouse rests on


def add_replay(
    figure: go.Figure, moments: Sequence[int], moving: Sequence[int], frames: Sequence[Sequence[dict]]
) -> go.Figure:
    """Play, pause and a slider below the figure: at `moments[i]` the traces `moving` take the settings `frames[i]`.

    The figure itself shows the last moment; its bottom margin and height grow by `ROOM`.
    """
    if len(frames) != len(moments) or any(len(frame) != len(moving) for frame in frames):
        raise ValueError(
            f"wanted {len(moments)} frames of {len(moving)} traces; got {[len(frame) for frame in frames]}"
        )
    figure.frames = [
        go.Frame(name=str(moment), traces=list(moving), data=list(frame))
        for moment, frame in zip(moments, frames, strict=True)
    ]
    now = {"mode": "immediate", "transition": {"duration": 0}}
    play = {**now, "fromcurrent": True, "frame": {"duration": PACE, "redraw": True}}
    still = {**now, "frame": {"duration": 0, "redraw": True}}
    margin, below = figure.layout.margin, (figure.layout.margin.b or 0) - 8
    inner = figure.layout.height - margin.t - margin.b
    place = {"x": 0, "y": 0, "xanchor": "left", "yanchor": "top"}
    menu = {
        "type": "buttons",
        "direction": "left",
        "showactive": False,
        "buttons": [
            {"label": "▶ Play", "method": "animate", "args": [None, play]},
            {"label": "❚❚ Pause", "method": "animate", "args": [[None], still]},
        ],
        **place,
        "pad": {"t": below + 18},
        "bgcolor": "rgba(128,128,128,0.12)",
        "bordercolor": OUTLINE,
        "font": {"color": TEXT, "size": 12},
    }
    slider = {
        **place,
        "active": len(moments) - 1,
        "len": 1,
        "pad": {"t": below + 14, "l": 176, "r": 8},
        "currentvalue": {"prefix": "step ", "font": {"size": 12}, "xanchor": "right", "offset": 4},
        "minorticklen": 0,
        "ticklen": 3,
        "font": {"size": 10},
        "steps": [{"label": str(at), "method": "animate", "args": [[str(at)], still]} for at in moments],
    }
    height = margin.t + inner + margin.b + ROOM
    if figure.layout.coloraxis.colorbar.y is not None:  # it stands at the bottom of the figure
        name = f"{figure.layout.coloraxis.colorbar.title.text}<br>\u00a0"  # an empty line, or the bar covers its name
        figure.update_layout(coloraxis_colorbar={"y": ROOM / height, "title": {"text": name}})
    return figure.update_layout(updatemenus=[menu], sliders=[slider], height=height, margin_b=margin.b + ROOM)
