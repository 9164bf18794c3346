"""Saliency: what an infinitesimal change of each pixel would do, and what a covered square does."""

import numpy as np
import streamlit as st

from models.pictures_ranks import partial
from pages.seen import work
from pages.seen.asked import Asked, file_name, title
from pages.shared import progress
from pages.shared.figure import figure_block
from viz.pictures import Strip, Tile, gallery

CUT = 99.5  # percentile of a gradient map from which on all pixels have the last colour
FILLS = {"black": 0.0, "grey": 0.5, "white": 1.0}


def fill() -> float:
    """What covers a square, and what deleted pixels become."""
    chosen = st.segmented_control(
        "Cover with", FILLS, default="black", required=True, key="fill", bind="query-params", width="content"
    )
    return FILLS[chosen or "black"]


def named(fill: float) -> str:
    """A fill's name."""
    return next(name for name, value in FILLS.items() if value == fill)


def draw(asked: Asked, width: int) -> None:
    """Two rows of maps, a column a network."""
    found = progress.result("pictures_saliency", work.saliency, asked)
    if found is None:
        return
    rows = strips(asked, found)
    figure = gallery(asked.columns(), rows, width=width)
    agree = {name: partial(found.gradient[name], found.drop[name]) for name in asked.models}
    figure_block(
        "pictures_saliency",
        finding(agree),
        figure,
        sentence(asked, found),
        lambda: table(asked, found, agree),
        {f"{kind}_{file_name(name)}": values[name] for kind, values in _kinds(found).items() for name in asked.models},
        "A large gradient says that a tiny change of the pixel would move the class's score, not that the pixel made "
        "the decision: where units saturate it is near zero for pixels that decide everything. A covered square leaves "
        "a picture unlike any in training, so a drop can also mean “strange”. Black, grey and white squares barely "
        "agree. A pixel's loss is the mean over all squares that cover it. Gradients of different networks are in "
        f"logits of different size; their colours end at the {CUT:g}th percentile of the steepest map.",
        "saliency",
        question="Which pixels matter?",
    )


def _kinds(found: work.Maps) -> dict[str, dict[str, np.ndarray]]:
    return {"gradient": found.gradient, "occlusion": found.drop}


def strips(asked: Asked, found: work.Maps) -> list[Strip]:
    """The gradient against its greatest value over all networks, the drop between minus and plus its greatest."""
    edges = asked.edges(len(asked.models))
    slope = steepest(found) or 1.0
    drop = max(float(np.abs(values).max()) for values in found.drop.values()) or 1.0
    named = {at: asked.label(name, found.target[name]) for at, name in enumerate(asked.models)}
    return [
        Strip(
            "Gradient: an infinitesimal change",
            [Tile(found.gradient[name], caption=f"for {named[at]}") for at, name in enumerate(asked.models)],
            (0.0, slope),
            unit="logits a unit",
            edges=edges,
        ),
        Strip(
            covering(found),
            [Tile(found.drop[name], caption=f"for {named[at]}") for at, name in enumerate(asked.models)],
            (-drop, drop),
            "diverging",
            "probability lost",
            edges,
        ),
    ]


def steepest(found: work.Maps) -> float:
    """Where the gradients' colours end: at the steepest map's percentile, so that single pixels do not dim the rest."""
    return max(float(np.percentile(values, CUT)) for values in found.gradient.values())


def covering(found: work.Maps) -> str:
    """The row's name: how large the squares are and how far apart."""
    square, stride = found.window
    return f"Occlusion: a square of {square} pixels, every {stride}"


def finding(agree: dict[str, float]) -> str:
    """How far the two kinds of map agree."""
    known = {name: value for name, value in agree.items() if np.isfinite(value)}
    if not known:
        return "Covering a square changes nothing here, so there is nothing to compare"
    low, high = min(known, key=lambda name: known[name]), max(known, key=lambda name: known[name])
    if low == high:
        return f"Gradient and occlusion agree at {signed(known[low])}"
    ends = (f"{signed(known[name])} ({title(name)})" for name in (low, high))
    return f"Gradient and occlusion agree from {' to '.join(ends)}"


def signed(value: float) -> str:
    """ "+0.25" or "−0.32"."""
    return f"{value:+.2f}".replace("-", "−")


def sentence(asked: Asked, found: work.Maps) -> str:
    """The largest drop of each network, what fills the square, and what the colours leave out."""
    drops = [f"{title(name)} {100 * float(values.max()):.0f}" for name, values in found.drop.items()]
    return (
        f"Greatest mean loss on a pixel under {named(asked.fill)} squares, in points of probability: "
        f"{', '.join(drops)}. Agreement: Spearman's rank correlation. "
        f"Gradients above {steepest(found):.2g} share one colour."
    )


def table(asked: Asked, found: work.Maps, agree: dict[str, float]) -> dict[str, list]:
    """One row a network."""
    names = asked.models
    return {
        "network": [title(name) for name in names],
        "explained class": [asked.label(name, found.target[name]) for name in names],
        "gradient against occlusion": [agree[name] for name in names],
        "gradient against brightness": [partial(found.gradient[name], asked.grey) for name in names],
        "occlusion against brightness": [partial(found.drop[name], asked.grey) for name in names],
        "largest mean drop on a pixel": [float(found.drop[name].max()) for name in names],
    }
