"""The heat map of the chosen head, with its numbers and its limits."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.heads import measures
from pages.heads.choice import Choice, Shown, name, shown
from pages.heads.subject import Subject, special
from pages.heads.words import finding, strongest
from pages.shared.figure import figure_block, selection
from viz.heatmap import EXACT, Window, heatmap, opened, pooling

SCALES = ("linear", "log")
FAINT = 1e-4  # the low end of the log scale
SPANS = ("rows", "columns")  # the window's ends, in the address
PATCH = re.compile(r"row (\d+), column (\d+)")
LISTED = 20_000  # rows of the table of a long input; the NPZ file has every weight
WARNING = (
    "A weight says where a head reads from, not what it makes of it, and not why the model answers as it does: the "
    "values, the other heads and the layers above decide that. Different weights can give the same answer."
)


def drawn(subject: Subject, choice: Choice) -> Shown:
    """The chosen head as it is shown."""
    layer = subject.attention.of(choice.kind)[choice.place]
    weights = layer.map(choice.head)
    allowed = measures.reach(layer, weights.shape)
    show = shown(weights, *subject.sides(choice.kind, weights.shape), choice.special, allowed)
    return replace(show, names=("target", "source")) if choice.kind == "cross" else show


def draw(subject: Subject, choice: Choice, show: Shown, width: int) -> None:
    """The block: controls, figure of `width` pixels, sentence, files."""
    with st.container(horizontal=True, vertical_alignment="center"):
        scale = st.segmented_control(
            "Colour scale",
            SCALES,
            default="linear",
            required=True,
            key="scale",
            bind="query-params",
            label_visibility="collapsed",
        )
        window = _window(show)
    label = name(subject, choice)
    scored = measures.sampled(subject.attention.of(choice.kind)[choice.place])
    notes = (strongest(show.weights, show.rows, show.columns), show.note, hatched(show), scored)
    brush = _brush(show.tokens, window)
    figure_block(
        "heat",
        title(subject, choice),
        figure(show, scale or "linear", width, window=window).update_layout(dragmode="select" if brush else "zoom"),
        " ".join(note for note in (*notes, pooled(show, window)) if note),
        lambda: table(show),
        {"weights": show.weights, "queries": np.array(show.rows, str), "keys": np.array(show.columns, str)},
        WARNING,
        f"attention-{label.replace(', ', '-').replace(' ', '-')}",
        on_select=brush,
        select="box",
    )


def _window(show: Shown) -> Window | None:
    """The part of a long map that is open: sliders in a popover, also set by a box drawn on the map."""
    shape = show.tokens
    if max(shape) <= EXACT:
        return None
    sides = []
    with st.popover("Window", type="tertiary", help="Or draw a box on the map."):
        for side, size, key in zip(("Queries", "Keys"), shape, SPANS, strict=True):
            if size > EXACT:
                first, last = _span(f"{side} from, to", size, key)
                sides.append((first - 1, last))
            else:
                sides.append((0, size))
    whole = tuple((0, size) for size in shape)
    if tuple(sides) == whole:
        return None
    st.button("Whole map", key="window_whole", type="tertiary", on_click=_set, args=(((0, shape[0]), (0, shape[1])),))
    return sides[0], sides[1]


def _span(label: str, size: int, key: str) -> tuple[int, int]:
    """A slider with two ends; what another, longer map left behind is forgotten."""
    kept = st.session_state.get(key)
    if kept and kept[1] > size:
        del st.session_state[key]
    first, last = st.slider(label, 1, size, (1, size), key=key, bind="query-params")
    return int(first), int(last)


def _set(window: Window) -> None:
    """Put a window into the sliders; call it before they are drawn, in a callback."""
    for key, (start, end) in zip(SPANS, window, strict=True):
        st.session_state[key] = (start + 1, end)


def _brush(shape: tuple[int, int], window: Window | None) -> Callable[[], None] | None:
    """For maps that are pooled: what a box drawn on the map does."""
    if max(shape) <= EXACT:
        return None

    def drawn_box() -> None:
        boxes = selection("heat")["box"]
        if boxes:
            box = ((boxes[0]["y"][0], boxes[0]["y"][1]), (boxes[0]["x"][0], boxes[0]["x"][1]))
            _set(opened(box, shape, window))

    return drawn_box


def hatched(show: Shown) -> str:
    """What hatching means, where there is any."""
    return "" if show.allowed.all() else "Hatched: outside what the mask or window allows."


def pooled(show: Shown, window: Window | None = None) -> str:
    """What a cell stands for, in the whole map or in the window that is open; empty where every weight is drawn."""
    (first, last), (start, end) = window or ((0, show.tokens[0]), (0, show.tokens[1]))
    return pooling(last - first, end - start)


def title(subject: Subject, choice: Choice) -> str:
    """What the head does, scored against an even head."""
    layer = subject.attention.of(choice.kind)[choice.place]
    label = name(subject, choice)
    found = measures.measure(subject, choice.kind, layer, range(choice.head, choice.head + 1))
    keys = subject.sides(choice.kind, measures.size(layer))[1]
    marked = keys.tokens[0] if keys.grid and special(keys)[0] else ""
    return finding(label, found.patterns, unit=measures.unit(keys)[0], first=marked)


def figure(
    show: Shown,
    scale: str,
    width: int,
    limits: tuple[float, float] | None = None,
    window: Window | None = None,
    marked: int | None = None,
) -> go.Figure:
    """The map; on the linear scale colours end at the 99.5th percentile unless limits are given."""
    top = round(min(1.0, max(0.1, float(np.percentile(show.weights, 99.5)))), 2)
    return heatmap(
        show.weights,
        brief(show.rows),
        brief(show.columns),
        limits=(FAINT, 1.0) if scale == "log" else limits or (0.0, top),
        log=scale == "log",
        window=window,
        allowed=show.allowed,
        apart=show.apart,
        pieces=show.pieces,
        width=width,
        axes=show.names,
        marked=marked,
    )


def brief(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names for an axis: of a patch only "r2 c3", so that its column is not cut off."""
    return tuple(PATCH.sub(r"r\1 c\2", name) for name in names)


def table(show: Shown) -> dict[str, list]:
    """Query and key with their places and the weight: every cell, or the strongest of a long input."""
    cells = list(np.ndindex(show.weights.shape)) if show.weights.size <= LISTED else _strongest(show.weights)
    return {
        "query": [show.rows[row] for row, _ in cells],
        "query place": [row + 1 for row, _ in cells],
        "key": [show.columns[column] for _, column in cells],
        "key place": [column + 1 for _, column in cells],
        "weight": [float(show.weights[cell]) for cell in cells],
    }


def _strongest(weights: np.ndarray) -> list[tuple[int, ...]]:
    """The LISTED cells with the largest weights, largest first."""
    flat = weights.ravel()
    best = np.argpartition(-flat, LISTED)[:LISTED]
    best = best[np.argsort(-flat[best], kind="stable")]
    return [tuple(int(place) for place in np.unravel_index(at, weights.shape)) for at in best]
