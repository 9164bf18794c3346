"""Deletion: pixels go in the order of a map, and the class's probability is followed, beside a random order."""

from typing import Any

import numpy as np
import streamlit as st

from pages.seen import work
from pages.seen.asked import Asked, title
from pages.shared import progress
from pages.shared.figure import figure_block
from viz.lines import Line, lines
from viz.theme import OUTLINE, Look

LOOKS = {
    "gradient": Look("gradient", "#D55E00", "solid", "circle"),
    "occlusion": Look("occlusion", "#0072B2", "dash", "square"),
    "Grad-CAM": Look("Grad-CAM", "#E69F00", "longdash", "triangle-up", True),
    "rollout": Look("rollout", "#009E73", "dashdot", "diamond"),
    "ink": Look("ink", "#6B7280", "dot", "x"),
    "centre": Look("centre", "#6B7280", "longdashdot", "cross"),
    "random": Look("random", OUTLINE, "solid", "circle-open"),
}


def draw(asked: Asked) -> None:
    """One network at a time."""
    titles = {title(name): name for name in asked.models}
    chosen = st.segmented_control(
        "Network", titles, default=next(iter(titles)), required=True, key="deleting", bind="query-params"
    )
    name = titles.get(chosen or "", asked.models[0])
    found = progress.result("pictures_deleted", work.deleted, asked, name)
    if found is None:
        return
    target, curves = found
    label = asked.labels[target]
    figure = lines(
        [_line(kind, values, curves.share) for kind, values in _all(curves).items()],
        x_title="pixels deleted, %",
        y_title=f"probability of {label}, %",
        y_range=(0, 100),
    )
    area = curves.area
    figure_block(
        "pictures_deleted",
        finding(area, title(name)),
        figure,
        sentence(area),
        lambda: table(curves),
        {"share": curves.share, **_all(curves)},
        "A curve that falls faster than a random order shows that the map points at pixels that matter to this network "
        "with this fill. Deleting leaves pictures unlike any in training; black pixels deleted to black change "
        "nothing, so the order of brightness alone falls fast. One picture is an anecdote.",
        f"deletion-{name}",
        question="Does the map find what matters?",
    )


def _all(curves: Any) -> dict[str, np.ndarray]:
    return {**curves.probability, "random": curves.random}


def _line(kind: str, values: np.ndarray, share: np.ndarray) -> Line:
    return Line("", kind, 100 * share, 100 * values, look=LOOKS[kind])


def finding(area: dict[str, float], name: str) -> str:
    """Which map is best, and whether it beats a random order and the ink."""
    maps = {kind: value for kind, value in area.items() if kind not in ("random", "ink", "centre")}
    best = min(maps, key=lambda kind: maps[kind])
    if maps[best] >= area["random"]:
        return f"{name}: even the best map, {best}, does not beat a random order"
    return f"{name}: {best} beats a random order {'and' if maps[best] < area['ink'] else 'but not'} the ink"


def sentence(area: dict[str, float]) -> str:
    """The areas, smallest first."""
    parts = [f"{kind} {value:.2f}" for kind, value in sorted(area.items(), key=lambda pair: pair[1])]
    return f"Area under each curve, smaller is better: {', '.join(parts)}. Random is the mean of eight orders."


def table(curves: Any) -> dict[str, list]:
    """One row a share of deleted pixels."""
    return {"pixels deleted": curves.share.tolist(), **{kind: each.tolist() for kind, each in _all(curves).items()}}
