"""Overview: all heads as one mosaic, the chosen one as a heat map and as lines between two columns of tokens."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import streamlit as st

from models.lens.attention_reach import reach
from pages.heads import choice as choices
from pages.heads import files, heat, linked, measures, over, room
from pages.heads.choice import Choice
from pages.heads.subject import Subject
from pages.heads.words import short
from pages.shared import errors, progress
from pages.shared.mosaic import mosaic
from viz.mosaic import tile_size
from viz.mosaic_drawing import drawing
from viz.table import Table

SHARES = (0.44, 0.56)  # of the page
WAIT = 0.7  # seconds: the tiles of twelve layers of twelve heads at 512 tokens take half of it
CELLS = 16_000_000  # weights in one file: 64 MB
WARNING = (
    "A bright cell is the greatest weight of its part of the map. How many weights stand there, and what they are "
    "worth to the answer, a tile does not show."
)


def tiles(report: Callable[..., None], subject: Subject, kind: str) -> np.ndarray:
    """All heads of a kind, uint8 [L, H, s, s], the largest tiles that stay below 1 MB."""
    layers = subject.attention.of(kind)
    side, found = tile_size(len(layers), layers[0].heads), []
    for at, layer in enumerate(layers):
        report(at / len(layers), f"Building the maps of layer {at + 1} of {len(layers)}")
        found.append(replace(subject.attention, layers={kind: (layer,)}).overview(side, kind))
    return np.concatenate(found)


def pictured(report: Callable[..., None], subject: Subject, kind: str) -> tuple[np.ndarray, np.ndarray | None]:
    """The job: the tiles, and where those of each layer are hatched, uint8 [L, s, s]; None where nothing is masked."""
    found = tiles(report, subject, kind)
    return found, reach(subject.attention.of(kind), found.shape[-1])


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
    built = progress.result("tiles", pictured, subject, choice.kind, patience=WAIT)
    if built is None:
        return
    found, masked = built
    layers = subject.attention.of(choice.kind)
    numbers = choices.depths(layers)
    missing = gaps(subject, choice.kind)
    hover: list[list[str]] = []

    def named() -> list[list[str]]:
        hover[:] = texts(subject, choice.kind)
        return hover

    st.markdown("#### :gray[All heads.] Click one, or use the arrow keys")
    mosaic(
        found,
        named,
        (choice.place, choice.head),
        "mosaic",
        labels=numbers,
        missing=missing,
        reach=masked,
        on_choice=lambda place, head: choices.select(layers, place, head),
    )
    files.row(
        "mosaic_files",
        f"All heads of {subject.about.title}",
        "A tile a head, queries down, keys across. Colours follow the root of the weight; a cell shows the greatest "
        f"weight it covers.{'' if masked is None else ' Hatched: outside what the mask or window allows.'}",
        WARNING,
        lambda: drawing(found, hover, numbers, missing, masked),
        lambda: listed(hover, numbers),
        lambda: exact(subject, choice.kind, found),
        "attention-heads",
    )


def texts(subject: Subject, kind: str) -> list[list[str]]:
    """What each tile's head does; its number alone until the heads are scored."""
    scored: tuple[measures.Measured, ...] | None = progress.result("patterns", measures.every, subject, kind)
    layers = subject.attention.of(kind)
    return [
        [short(number, head, scored[place].patterns if scored else None, head) for head in range(layer.heads)]
        for place, (number, layer) in enumerate(zip(choices.depths(layers), layers, strict=True))
    ]


def listed(hover: list[list[str]], numbers: list[str]) -> Table:
    """Every head with what its tile says."""
    cells = [
        (number, head + 1, text) for number, row in zip(numbers, hover, strict=True) for head, text in enumerate(row)
    ]
    return {
        "layer": [int(number) for number, _, _ in cells],
        "head": [head for _, head, _ in cells],
        "pattern": [text.rpartition(": ")[2] for _, _, text in cells],
    }


def exact(subject: Subject, kind: str, found: np.ndarray) -> dict[str, np.ndarray]:
    """Every weight of every head where they fit, [H, Tq, Tk] a layer; else the tiles as they are drawn."""
    layers = subject.attention.of(kind)
    if sum(layer.heads for layer in layers) * layers[0].map(0).size > CELLS:
        return {"tiles": found}
    numbers = choices.depths(layers)
    return {
        f"layer_{number}": np.stack([layer.map(head) for head in range(layer.heads)])
        for number, layer in zip(numbers, layers, strict=True)
    }


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
