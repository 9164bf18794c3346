"""The paths over the surface from above and in three dimensions, and their values by step."""

from typing import Any

import numpy as np
import streamlit as st

from pages.descent.findings import arrays, diverged, finding, moment, outside, sentence, table
from pages.descent.request import Request, tracks, walks
from pages.shared.figure import figure_block
from viz.curves import Line
from viz.descent import contour, relief
from viz.flow import flow
from viz.tracks import Track

POINTS = {"above": 81, "relief": 61}
HEIGHTS = (1e-12, 1e4)
WARNING = (
    "Two coordinates are not a network's millions: valleys, noise and saddles differ there. Which optimizer wins "
    "depends on the rate, the start and the number of steps: change them before you believe a ranking. All settings "
    "but the rate are torch's defaults, the momentum is 0.9."
)


def above(request: Request) -> None:
    """Contours."""
    x, y, values = request.ground.grid(POINTS["above"])
    found, ground, at = tracks(request), request.ground, shown(request)
    figure = contour(x, y, values, found, lowest=ground.lowest, minima=ground.minima, at=at)
    _block(request, "paths", figure, found, {"surface": values}, at)


def spatial(request: Request) -> None:
    """The relief."""
    x, y, values = request.ground.grid(POINTS["relief"])
    found, at = tracks(request), shown(request)
    figure = relief(x, y, values, found, lowest=request.ground.lowest, at=at)
    _block(request, "relief", figure, found, {"surface": values}, at)


def shown(request: Request) -> int | None:
    """The step at which the marks stand, one back or on at a press; None for the end."""
    if (st.session_state.get("at") or 0) > request.steps:  # the run has become shorter
        st.session_state["at"] = None
    return st.number_input(
        "Step shown",
        0,
        request.steps,
        None,
        key="at",
        bind="query-params",
        width=150,
        placeholder="the end",
        help="Moves every mark to this step; − and + go one step back and on. Empty: the end.",
    )


def by_step(request: Request) -> None:
    """Height above the lowest point against the step."""
    found, lowest = tracks(request), request.ground.lowest
    series = [
        Line(track.key, ended(track), np.arange(len(track.values)), track.values - lowest, look=track.look)
        for track in found
    ]
    figure = flow(series, x_title="step", y_title="value above the lowest", y_range=HEIGHTS, height=440)
    _block(request, "heights", figure, found, {})


def ended(track: Track) -> str:
    """An optimizer's name at the end of its line."""
    return f"{track.look.title}, diverged" if track.diverged is not None else track.look.title


def _block(
    request: Request, key: str, figure: Any, found: list[Track], more: dict[str, np.ndarray], at: int | None = None
) -> None:
    ground = request.ground
    lost = diverged(found) + (outside(found, ground.box) if key != "heights" else "")
    now = moment(found, at) if at is not None else ""
    figure_block(
        key,
        finding(found, ground.lowest),
        figure,
        f"{ground.about} {sentence(found, ground.lowest)}{lost}{now}{rates(request)}",
        lambda: table(found, [walk.rates for walk in walks(request)]),
        {**arrays(found), **more},
        WARNING,
        f"optimizers-{key}-{ground.name}",
        question="How fast does each come down?" if key == "heights" else "Where does each go?",
    )


def rates(request: Request) -> str:
    """The rate of each, where each has its own."""
    if request.rate is not None:
        return ""
    said = ", ".join(f"{track.look.title} {walk.settings['lr']:.2g}" for track, walk in _pairs(request))
    return f" Rates: {said}."


def _pairs(request: Request) -> list[tuple[Track, Any]]:
    return list(zip(tracks(request), walks(request), strict=True))
