"""Paths of optimizers over a surface: from above as contours, and in three dimensions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from viz.labels import escape
from viz.sheet import Sheet
from viz.theme import NEUTRAL, OUTLINE, finish
from viz.tracks import NAMES_ROOM, PLAYER_ROOM, Track, add_player, check, last_step, name_column

SHADE = [[0.0, "rgba(110,130,160,0.5)"], [1.0, "rgba(110,130,160,0.03)"]]  # low ground is darker
LEFT_ROOM, HEAD_ROOM = 56, 8
DEEP = 1e-3  # of the range: values nearer to the lowest than this look alike


def depth(values: np.ndarray, lowest: float) -> np.ndarray:
    """log10 of the height above the lowest value: without it, a valley beside high walls cannot be seen."""
    span = float(np.nanmax(values)) - lowest or 1.0
    return np.log10(np.maximum(values - lowest, 0) + DEEP * span)


def contour(
    x: np.ndarray,
    y: np.ndarray,
    values: np.ndarray,
    tracks: Sequence[Track],
    *,
    lowest: float,
    minima: Sequence[tuple[float, float]] = (),
    axes: tuple[str, str] = ("x", "y"),
    at: int | None = None,
    title: str = "",
    height: int = 440,
) -> go.Figure:
    """values [y, x] as level lines with every track, marked at step `at` (None: the end); a cross at each minimum."""
    _grid(x, y, values)
    check(tracks)
    now = min(last_step(tracks) if at is None else at, last_step(tracks))
    sheet = Sheet()
    ground: dict[str, Any] = {"x": x, "y": y, "z": depth(values, lowest), "showscale": False}
    sheet.trace("heatmap", **ground, colorscale=SHADE, zsmooth="best", hoverinfo="skip")
    sheet.trace(
        "contour",
        **ground,
        customdata=values,
        ncontours=18,
        contours={"coloring": "none"},
        line={"width": 0.7, "color": NEUTRAL},
        hovertemplate=f"{escape(axes[0])} %{{x:.3g}}, {escape(axes[1])} %{{y:.3g}}<br>value %{{customdata:.4g}}"
        "<extra></extra>",
    )
    if len(minima):
        lowest_at = np.asarray(minima, dtype=np.float64)
        cross = {"symbol": "cross-thin", "size": 11, "line": {"width": 2, "color": OUTLINE}}
        sheet.trace(
            "scatter",
            x=lowest_at[:, 0],
            y=lowest_at[:, 1],
            mode="markers",
            marker=cross,
            hoverinfo="skip",
            name="minimum",
        )
    for track in tracks:
        _path(sheet, track)
    sheet.trace("scatter", **_marks(tracks, now))
    box = (float(x[0]), float(x[-1])), (float(y[0]), float(y[-1]))
    for name, (low, high), word in zip("xy", box, axes, strict=True):
        sheet.axis(name, range=[low, high], title={"text": escape(word), "standoff": 4}, showgrid=False)
    name_column(sheet, tracks)
    figure = sheet.figure(title, height, (LEFT_ROOM, NAMES_ROOM, HEAD_ROOM, PLAYER_ROOM + 24))
    return add_player(figure, tracks, len(sheet.traces) - 1, lambda step: _marks(tracks, step), redraw=False, at=now)


def _grid(x: np.ndarray, y: np.ndarray, values: np.ndarray) -> None:
    if np.shape(values) != (len(y), len(x)):
        raise ValueError(f"wanted values of shape {(len(y), len(x))}; got {np.shape(values)}")


def _path(sheet: Sheet, track: Track) -> None:
    """The whole way as a line; its start is a ring."""
    points, style = np.asarray(track.points, dtype=np.float64), track.look
    few = len(points) <= 60
    sheet.trace(
        "scatter",
        x=points[:, 0],
        y=points[:, 1],
        mode="lines+markers" if few else "lines",
        line={"color": style.colour, "width": 2, "dash": style.dash},
        marker={"size": 4, "symbol": style.symbol},
        name=escape(style.title),
        customdata=np.stack([np.arange(len(points)), track.values], axis=-1),
        hovertemplate=f"{escape(style.title)}, step %{{customdata[0]:.0f}}<br>value %{{customdata[1]:.4g}}"
        "<extra></extra>",
    )


def _marks(tracks: Sequence[Track], step: int) -> dict[str, Any]:
    """One mark a track, where it stands at a step."""
    now = np.array([track.at(step) for track in tracks])
    marker = {
        "size": 12,
        "symbol": [track.look.symbol for track in tracks],
        "color": [track.look.colour for track in tracks],
        "line": {"color": OUTLINE, "width": 1.5},
    }
    return {"x": now[:, 0], "y": now[:, 1], "mode": "markers", "marker": marker, "hoverinfo": "skip", "name": "now"}


def relief(
    x: np.ndarray,
    y: np.ndarray,
    values: np.ndarray,
    tracks: Sequence[Track],
    *,
    lowest: float,
    axes: tuple[str, str] = ("x", "y"),
    at: int | None = None,
    title: str = "",
    height: int = 500,
) -> go.Figure:
    """The same in three dimensions; the height is the logarithm of the value above the lowest, as in `contour`.

    What a track does outside the drawn box is left out.
    """
    _grid(x, y, values)
    check(tracks)
    now = min(last_step(tracks) if at is None else at, last_step(tracks))
    top = float(np.nanmax(values))
    lift = 0.02 * (float(np.ptp(depth(values, lowest))) or 1.0)
    span = top - lowest or 1.0

    def raised(heights: np.ndarray) -> np.ndarray:
        return np.log10(np.maximum(heights - lowest, 0) + DEEP * span) + lift

    traces = [_surface(x, y, depth(values, lowest))]
    for track in tracks:
        inside = _inside(track, x, y)
        kept = np.where(inside[:, None], track.points, np.nan)
        line = {"color": track.look.colour, "width": 6}
        spot = {"x": kept[:, 0], "y": kept[:, 1], "z": raised(track.values)}
        traces.append({"type": "scatter3d", **spot, "mode": "lines", "line": line, "name": escape(track.look.title)})

    def marks(step: int) -> dict[str, Any]:
        shown = [track for track in tracks if _inside(track, x, y)[min(step, len(track.points) - 1)]]
        spots = np.array([track.at(step) for track in shown]).reshape(-1, 2)
        level = raised(np.array([track.values[min(step, len(track.values) - 1)] for track in shown]))
        marker = {"size": 6, "color": [track.look.colour for track in shown], "line": {"color": "#FFFFFF", "width": 1}}
        spot = {
            "x": spots[:, 0],
            "y": spots[:, 1],
            "z": level,
            "mode": "markers",
            "marker": marker,
            "hoverinfo": "skip",
        }
        return {"type": "scatter3d", **spot, "name": "now"}

    traces.append(marks(now))
    sheet = Sheet()
    name_column(sheet, tracks)
    figure = finish(
        go.Figure(data=traces, layout={"scene": _scene(x, y, axes), "annotations": sheet.texts}),
        title,
        height,
        (0, NAMES_ROOM, 0, PLAYER_ROOM + 24),
    )
    return add_player(figure, tracks, len(traces) - 1, marks, redraw=True, at=now)


def _surface(x: np.ndarray, y: np.ndarray, heights: np.ndarray) -> dict[str, Any]:
    """The ground that the tracks run over, in a scale that no track's colour is lost on."""
    return {
        "type": "surface",
        "x": x,
        "y": y,
        "z": heights,
        "colorscale": [[0, "#5B6F92"], [1, "#D9DEE8"]],
        "showscale": False,
        "opacity": 0.85,
        "hoverinfo": "skip",
    }


def _scene(x: np.ndarray, y: np.ndarray, axes: tuple[str, str]) -> dict[str, Any]:
    """Axes over the drawn box, and where the reader looks from."""
    return {
        "xaxis": {"title": {"text": escape(axes[0])}, "range": [float(x[0]), float(x[-1])]},
        "yaxis": {"title": {"text": escape(axes[1])}, "range": [float(y[0]), float(y[-1])]},
        "zaxis": {"title": {"text": "log₁₀ height"}},
        "camera": {"eye": {"x": 1.4, "y": -1.6, "z": 1.1}, "center": {"x": 0, "y": 0, "z": -0.2}},
        "aspectratio": {"x": 1.2, "y": 1.2, "z": 0.7},
    }


def _inside(track: Track, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """[k + 1] bool: which points lie in the drawn box."""
    a, b = np.asarray(track.points, dtype=np.float64).T
    return (a >= x[0]) & (a <= x[-1]) & (b >= y[0]) & (b <= y[-1])
