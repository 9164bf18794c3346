"""Deletion: pixels go in the order of a map, and the class's probability is followed, beside a random order."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from pages.seen import compare, work
from pages.seen.asked import Asked, facts, file_name, title
from pages.shared import progress
from pages.shared.figure import figure_block
from viz.lines import Line, lines
from viz.theme import OUTLINE, Look

WARNING = (
    "A curve that falls faster than a random order shows that the map points at pixels that matter to this network "
    "with this fill. Deleting leaves pictures unlike any in training. "
)
NOTHING = {  # what deleting to each fill leaves as it was
    "black": "Black pixels deleted to black change nothing, so the order of brightness alone falls fast.",
    "grey": "Pixels that are grey already change nothing.",
    "white": "White pixels deleted to white change nothing, while the black ground becomes bright.",
}
LOOKS = {  # the colours of kinds of map; those of architectures stay theirs
    "gradient": Look("gradient", "#3F7FD0", "solid", "circle"),
    "occlusion": Look("occlusion", "#C8641E", "dash", "square"),
    "Grad-CAM": Look("Grad-CAM", "#5B8C1F", "longdash", "triangle-up"),
    "rollout": Look("rollout", "#9366CE", "dashdot", "diamond"),
    "ink": Look("ink", OUTLINE, "dot", "x"),
    "centre": Look("centre", OUTLINE, "longdashdot", "cross"),
    "random": Look("random", OUTLINE, "solid", "circle-open"),
}
ONE, MANY = "this picture", "test pictures"


def draw(asked: Asked) -> None:
    """One network at a time: over the picture above, or the stored mean over test pictures."""
    titles = {title(name): name for name in asked.models}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            "Network", titles, default=next(iter(titles)), required=True, key="deleting", bind="query-params"
        )
        name = titles.get(chosen or "", asked.models[0])
        stored = facts(name).metrics.get("deletion")
        over = ONE
        if stored:
            over = st.segmented_control(
                "Over", (ONE, MANY), default=ONE, required=True, key="over", bind="query-params"
            )
        many = stored if over == MANY else None
        fill = 0.0 if many else compare.fill()  # the stored curves were measured with black
    if many:
        _many(name, many)
    else:
        _one(replace(asked, fill=fill), name)


def _many(name: str, stored: dict[str, Any]) -> None:
    """The mean curves that were measured when the network was bundled."""
    share, curves = np.array(stored["share"]), {kind: np.array(each) for kind, each in stored["curves"].items()}
    area = {kind: mean for kind, (mean, _) in stored["area"].items()}
    errors = {kind: error for kind, (_, error) in stored["area"].items()}
    said = ", ".join(f"{kind} {mean:.3f} ± {2 * error:.3f}" for kind, (mean, error) in _ranked(stored["area"]))
    figure_block(
        "pictures_deleted_many",
        finding(area, title(name), errors),
        lines(
            [_line(kind, values, share) for kind, values in curves.items()],
            x_title="pixels deleted, %",
            y_title="probability of its own answer, %",
            y_range=(0, 100),
        ),
        f"Mean over the first {stored['count']} test pictures, deleted to black. Area, smaller is better, with twice "
        f"its standard error: {said}.",
        lambda: {"pixels deleted": share.tolist(), **{kind: each.tolist() for kind, each in curves.items()}},
        {"share": share, **curves},
        WARNING + NOTHING["black"],
        f"deletion-{file_name(name)}-many",
        question="Do the maps find what matters?",
    )


def _ranked(area: dict[str, list[float]]) -> list[tuple[str, list[float]]]:
    return sorted(area.items(), key=lambda pair: pair[1][0])


def _one(asked: Asked, name: str) -> None:
    """The curves of the picture above."""
    found = progress.result("pictures_deleted", work.deleted, asked, name)
    if found is None:
        return
    target, curves = found
    label = asked.label(name, target)
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
        f"{WARNING}{NOTHING[compare.named(asked.fill)]} One picture is an anecdote.",
        f"deletion-{file_name(name)}",
        question="Does the map find what matters?",
    )


def _all(curves: Any) -> dict[str, np.ndarray]:
    return {**curves.probability, "random": curves.random}


def _line(kind: str, values: np.ndarray, share: np.ndarray) -> Line:
    return Line("", kind, 100 * share, 100 * values, look=LOOKS[kind])


def finding(area: dict[str, float], name: str, errors: dict[str, float] | None = None) -> str:
    """Which map is best, and whether it beats a random order and the ink.

    A tie, for one picture: equal at two decimals, as the sentence shows them; for means over many, with their standard
    errors: a difference of less than twice its own error, as if the two were independent.
    """
    maps = {kind: value for kind, value in area.items() if kind not in ("random", "ink", "centre")}
    best = min(maps, key=lambda kind: maps[kind])

    def behind(other: str) -> float:
        """By how much the other curve's area is larger; 0 for a tie."""
        if errors is None:
            return round(area[other], 2) - round(area[best], 2)
        beyond = 2 * math.hypot(errors[best], errors[other])
        gap = area[other] - area[best]
        return gap if abs(gap) >= beyond else 0.0

    if behind("random") <= 0:
        return f"{name}: even the best map, {best}, does not beat a random order"
    if behind("ink") == 0:
        return f"{name}: {best} beats a random order and is level with the ink"
    return f"{name}: {best} beats a random order {'and' if behind('ink') > 0 else 'but not'} the ink"


def sentence(area: dict[str, float]) -> str:
    """The areas, smallest first."""
    parts = [f"{kind} {value:.2f}" for kind, value in sorted(area.items(), key=lambda pair: pair[1])]
    return f"Area under each curve, smaller is better: {', '.join(parts)}. Random is the mean of eight orders."


def table(curves: Any) -> dict[str, list]:
    """One row a share of deleted pixels."""
    return {"pixels deleted": curves.share.tolist(), **{kind: each.tolist() for kind, each in _all(curves).items()}}
