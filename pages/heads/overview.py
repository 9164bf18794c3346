"""Overview: all heads as one mosaic, the chosen one as a heat map and as lines between two columns of tokens."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import streamlit as st

from models.lens.attention_reach import reach
from pages.heads import choice as choices
from pages.heads import files, heat, linked, measures, over, room, whole
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
WARNING = (
    "A bright cell is the greatest weight of its part of the map. How many weights stand there, and what they are "
    "worth to the answer, a tile does not show."
)


def tiles(report: Callable[..., None], subject: Subject, kind: str) -> np.ndarray:
    """All heads of a kind, uint8 [L, H, s, s], the largest tiles that stay below 1 MB."""
    layers = subject.attention.of(kind)
    counts = sorted({layer.heads for layer in layers})
    if len(counts) > 1:
        named = f"{', '.join(map(str, counts[:-1]))} or {counts[-1]}"
        raise ValueError(f"The layers have {named} heads, so they make no mosaic. Choose layer and head above.")
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
        lambda: whole.arrays(layers, numbers),
        "attention-heads",
        "" if whole.fits(layers) else "attention-queries-keys",
        whole.hint(layers),
    )


def texts(subject: Subject, kind: str) -> list[list[str]]:
    """What each tile's head does; its number alone until the heads are scored."""
    scored: tuple[measures.Measured, ...] | None = progress.result("patterns", measures.every, subject, kind)
    layers = subject.attention.of(kind)
    return [
        [
            short(number, head, scored[place].patterns if scored else None, head, choices.traits(layers, place, head))
            for head in range(layer.heads)
        ]
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


def gaps(subject: Subject, kind: str) -> list[tuple[int, str]]:
    """Depths without a map of this kind, each written before the row that follows it, with what is there instead."""
    layers, kinds = subject.attention.of(kind), subject.attention.bare
    found, last = [], -1
    if kind == "cross":
        return []
    for place, layer in enumerate(layers):
        if layer.index > last + 1:
            found.append((place, _bare(range(last + 1, layer.index), kinds)))
        last = max(last, layer.index)
    depth = max(len(subject.trace.hidden) - 1 if subject.about.task else 0, max(kinds, default=-1) + 1)
    if last + 1 < depth:
        found.append((len(layers), _bare(range(last + 1, depth), kinds)))
    return found


def _bare(depths: range, kinds: Mapping[int, str]) -> str:
    named = f"layer {depths[0] + 1}" if len(depths) == 1 else f"layers {depths[0] + 1}–{depths[-1] + 1}"
    instead = " and ".join(sorted({kinds[at] for at in depths if at in kinds}))
    return f"{named}: {instead}, no attention map" if instead else f"{named}: no attention map"
