"""The paths over the surface from above and in three dimensions, and their values by step."""

from typing import Any

import numpy as np

from pages.descent.findings import arrays, finding, sentence, table
from pages.descent.request import Request, tracks, walks
from pages.shared.figure import figure_block
from viz.curves import Line
from viz.descent import contour, relief
from viz.lines import lines
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
    found, ground = tracks(request), request.ground
    figure = contour(x, y, values, found, lowest=ground.lowest, minima=ground.minima)
    _block(request, "paths", figure, found, {"surface": values})


def spatial(request: Request) -> None:
    """The relief."""
    x, y, values = request.ground.grid(POINTS["relief"])
    found = tracks(request)
    _block(request, "relief", relief(x, y, values, found, lowest=request.ground.lowest), found, {"surface": values})


def by_step(request: Request) -> None:
    """Height above the lowest point against the step."""
    found, lowest = tracks(request), request.ground.lowest
    series = [
        Line(track.key, track.look.title, np.arange(len(track.values)), track.values - lowest, look=track.look)
        for track in found
    ]
    figure = lines(series, x_title="step", y_title="value above the lowest", log_y=True, y_range=HEIGHTS, height=440)
    _block(request, "heights", figure, found, {})


def _block(request: Request, key: str, figure: Any, found: list[Track], more: dict[str, np.ndarray]) -> None:
    ground = request.ground
    figure_block(
        key,
        finding(found, ground.lowest),
        figure,
        f"{ground.about} {sentence(found, ground.lowest)}{rates(request)}",
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
