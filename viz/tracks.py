"""Paths of optimizers: how each is drawn, their names at the margin, and the player that moves a mark along them.

The player is plotly's own: frames travel with the figure, so playing, pausing and stepping ask nothing of the server.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from viz.labels import escape
from viz.sheet import Sheet
from viz.theme import OUTLINE, Look

OPTIMIZERS = {
    "sgd": Look("SGD", "#808080", "solid", "circle"),
    "momentum": Look("Momentum", "#C8641E", "dash", "square"),
    "nesterov": Look("Nesterov", "#B0528F", "dot", "diamond"),
    "adagrad": Look("Adagrad", "#5B8C1F", "dashdot", "x"),
    "rmsprop": Look("RMSprop", "#0F8C8C", "longdash", "cross"),
    "adam": Look("Adam", "#3F7FD0", "solid", "square"),
    "adamw": Look("AdamW", "#9366CE", "longdashdot", "diamond"),
}
FRAMES, PAUSE = 101, 90  # frames at most; milliseconds a frame
NAMES_ROOM, PLAYER_ROOM = 196, 76  # pixels at the right and below
NAME_PITCH = 20  # pixels between two names
TEXT = "#808080"  # readable on white, on black, and on the pale button that the mouse rests on


@dataclass(frozen=True)
class Track:
    """points [k + 1, 2] with their values [k + 1]; `diverged`: the step at which the run was stopped, else None."""

    key: str
    points: np.ndarray
    values: np.ndarray
    diverged: int | None = None

    @property
    def look(self) -> Look:
        return OPTIMIZERS[self.key]

    def at(self, step: int) -> np.ndarray:
        """The point at a step; a track that ended stays at its end."""
        return np.asarray(self.points[min(step, len(self.points) - 1)])


def check(tracks: Sequence[Track]) -> None:
    """ValueError unless there are tracks and each has one value a point."""
    if not tracks:
        raise ValueError("wanted at least one track; got none")
    for track in tracks:
        if track.key not in OPTIMIZERS:
            raise ValueError(f"optimizer must be one of {', '.join(OPTIMIZERS)}; got {track.key!r}")
        if np.shape(track.points) != (len(track.values), 2):
            raise ValueError(f"{track.key}: wanted points {(len(track.values), 2)}; got {np.shape(track.points)}")


def said(track: Track) -> str:
    """What stands beside a name: the last value, or at which step the run was stopped."""
    if track.diverged is not None:
        return f"diverged, step {track.diverged}"
    return f"{track.values[-1]:.2g}"


def name_column(sheet: Sheet, tracks: Sequence[Track]) -> None:
    """Names in the right margin, the lowest end first."""
    ends = [np.inf if track.diverged is not None else track.values[-1] for track in tracks]
    place: dict[str, Any] = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top"}
    sheet.text(text="value at the end", x=1, y=1, xshift=10, size=11, **place)
    for at, track in enumerate((tracks[i] for i in np.argsort(ends, kind="stable")), 1):
        mark = f'<span style="color:{track.look.colour}">■</span>'
        text = f"{mark} {escape(track.look.title)}: {escape(said(track))}"
        sheet.text(text=text, x=1, y=1, xshift=10, yshift=-at * NAME_PITCH, **place)


def last_step(tracks: Sequence[Track]) -> int:
    """The step at which the longest track ends."""
    return max(len(track.points) for track in tracks) - 1


def frame_steps(tracks: Sequence[Track], at: int) -> list[int]:
    """The steps that get a frame: all of them, or evenly thinned to `FRAMES`, the last and step `at` included."""
    last = last_step(tracks)
    return sorted({at, *np.linspace(0, last, min(FRAMES, last + 1)).round().astype(int).tolist()})


def add_player(
    figure: go.Figure, tracks: Sequence[Track], moving: int, marks: Callable[[int], dict], redraw: bool, at: int
) -> go.Figure:
    """Play, pause and a slider that moves trace number `moving`; `marks(step)` gives its settings, `at` is now."""
    steps = frame_steps(tracks, at)
    figure.frames = [go.Frame(name=str(step), traces=[moving], data=[marks(step)]) for step in steps]
    now = {"mode": "immediate", "transition": {"duration": 0}}
    play = {**now, "fromcurrent": True, "frame": {"duration": PAUSE, "redraw": redraw}}
    still = {**now, "frame": {"duration": 0, "redraw": redraw}}
    buttons = [
        {"label": "▶ Play", "method": "animate", "args": [None, play]},
        {"label": "❚❚ Pause", "method": "animate", "args": [[None], still]},
    ]
    menu = {
        "type": "buttons",
        "direction": "left",
        "showactive": False,
        "buttons": buttons,
        "x": 0,
        "y": 0,
        "xanchor": "left",
        "yanchor": "top",
        "pad": {"t": 38, "l": 0},
        "bgcolor": "rgba(128,128,128,0.12)",
        "bordercolor": OUTLINE,
        "font": {"color": TEXT, "size": 12},
    }
    slider = {
        "active": steps.index(at),
        "x": 0,
        "len": 1,
        "y": 0,
        "xanchor": "left",
        "yanchor": "top",
        "pad": {"t": 34, "l": 176, "r": 8},
        "currentvalue": {"prefix": "step ", "font": {"size": 12}, "xanchor": "right", "offset": 4},
        "minorticklen": 0,
        "ticklen": 3,
        "font": {"size": 10},
        "steps": [{"label": str(step), "method": "animate", "args": [[str(step)], still]} for step in steps],
    }
    figure.update_layout(updatemenus=[menu], sliders=[slider])
    return figure
