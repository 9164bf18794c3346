"""Overview: all heads as one mosaic, the chosen one as a heat map and as lines between two columns of tokens."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from pages.heads import choice as choices
from pages.heads import heat, linked, measures, over, room
from pages.heads.choice import Choice
from pages.heads.subject import Subject
from pages.heads.words import short
from pages.shared import errors, progress
from pages.shared.mosaic import mosaic
from viz.mosaic import tile_size

SHARES = (0.44, 0.56)  # of the page


def tiles(report: Callable[..., None], subject: Subject, kind: str) -> np.ndarray:
    """The job: all heads of a kind, uint8 [L, H, s, s], the largest tiles that stay below 1 MB."""
    report(0.2, "Building all maps")
    layers = subject.attention.of(kind)
    return subject.attention.overview(tile_size(len(layers), layers[0].heads), kind)


def draw(subject: Subject, choice: Choice) -> None:
    """Mosaic and lines beside the heat map; a click in the mosaic sets the selectors."""
    show = heat.drawn(subject, choice)
    (left, _), (right, width) = room.columns(SHARES)
    with left, errors.guarded():
        _mosaic(subject, choice)
    with right, errors.guarded():
        if over.fits(subject, choice.kind):
            over.draw(subject, choice, show, width)
        else:
            heat.draw(subject, choice, show, width)
    with left, errors.guarded():
        linked.draw(subject, choice, show)


def _mosaic(subject: Subject, choice: Choice) -> None:
    found = progress.result("tiles", tiles, subject, choice.kind)
    if found is None:
        return
    layers = subject.attention.of(choice.kind)
    numbers = choices.depths(layers)
    st.markdown("#### :gray[All heads.] Click one, or use the arrow keys")
    scored = _scored(subject, choice.kind)
    hover = [
        [short(numbers[place], head, scored[place].patterns if scored else None, head) for head in range(layer.heads)]
        for place, layer in enumerate(layers)
    ]
    mosaic(
        found,
        hover,
        (choice.place, choice.head),
        "mosaic",
        labels=numbers,
        missing=gaps(subject, choice.kind),
        on_choice=lambda place, head: choices.select(layers, place, head),
    )


def _scored(subject: Subject, kind: str) -> tuple[measures.Measured, ...] | None:
    """Patterns for the hover, where the input is short enough."""
    if max(subject.attention.of(kind)[0].map(0).shape) > measures.TOKENS:
        return None
    return progress.result("patterns", measures.every, subject, kind)


def gaps(subject: Subject, kind: str) -> list[tuple[int, str]]:
    """Depths without a map of this kind, each written before the row that follows it."""
    layers = subject.attention.of(kind)
    found, last = [], -1
    for place, layer in enumerate(layers):
        bare = list(range(last + 1, layer.index))
        if bare and kind != "cross":
            found.append((place, _bare(bare)))
        last = max(last, layer.index)
    depth = len(subject.trace.hidden) - 1
    if kind != "cross" and subject.about.task and last + 1 < depth:
        found.append((len(layers), _bare(list(range(last + 1, depth)))))
    return found


def _bare(depths: list[int]) -> str:
    named = f"layer {depths[0] + 1}" if len(depths) == 1 else f"layers {depths[0] + 1}–{depths[-1] + 1}"
    return f"{named}: no attention map"
