"""View "Theory": what one unit can see by its wiring, from a layer list that the reader edits."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from models.lens.receptive_field_layer import Layer, on_axis
from models.lens.receptive_field_region import Level, levels
from models.presets.pictures import PHOTOGRAPHS
from pages.reach import branches, listed, stacks
from pages.reach.card import photo_card, test_card
from pages.shared import errors
from pages.shared.figure import figure_block
from viz.boxes import Box, boxes
from viz.pyramid import Reads, Row, perspective, pyramid

LAST = "_last_stack"
LIST, DRAWN = 470, 556  # pixels; below each other where the page is narrower than both
CARD = "test card"
DRAWINGS = ("Box", "Units", "Maps")
WARNING = (
    "This is what a unit can see by its wiring. It says nothing about how much of it is used: see the view Measured. "
    "A unit near the border sees padding for a part of its field."
)


@dataclass(frozen=True)
class Stack:
    """A list that can be drawn: the network's name, its layers, and every map on an input of `size`."""

    name: str
    titles: tuple[str, ...]
    layers: tuple[Layer, ...]
    size: int
    levels: tuple[Level, ...]


def draw() -> None:
    """The list beside the drawing, and the paths that the network joins below both."""
    with st.container(horizontal=True, gap="medium"):
        left, right = st.container(width=LIST), st.container(width=DRAWN)
    with left:
        name, size = stacks.choose()
        with errors.guarded():
            st.session_state[LAST] = ask(name, size)
    stack: Stack | None = st.session_state.get(LAST)
    if stack is not None:
        with right, errors.guarded():
            show(stack)
    with errors.guarded():
        branches.draw(name, size)


def ask(name: str, size: int) -> Stack:
    """The list of layers; ValueError where it cannot be."""
    st.caption(errors.plain(stacks.about(name, size)))
    titles, layers = listed.edit(name, size)
    return Stack(name, titles, tuple(layers), size, tuple(levels(layers, size)))


def show(stack: Stack) -> None:
    """One of the drawings."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        drawing = st.segmented_control(
            "Drawing", DRAWINGS, default="Box", required=True, key="fdraw", bind="query-params"
        )
        depth = len(stack.layers)
        at = depth
        if depth > 1:
            at = st.slider("Up to layer", 1, depth, depth, key=f"fdepth{depth}", bind="query-params", width=150)
        over = CARD
        if drawing == "Box":
            over = st.selectbox("Over", (CARD, *PHOTOGRAPHS), key="fover", bind="query-params", width=140) or CARD
    seen = levels(stack.layers[:at], stack.size)
    if drawing == "Box":
        _box(stack, at, over)
    elif drawing == "Units":
        _pyramid(stack, seen, at, flat=True)
    else:
        _pyramid(stack, seen, at, flat=False)


def _box(stack: Stack, at: int, over: str) -> None:
    under = test_card(stack.size) if over == CARD else photo_card(over, stack.size)
    found = [Box(stack.titles[depth - 1], *stack.levels[depth].box) for depth in range(1, len(stack.levels))]
    level = stack.levels[at]
    figure_block(
        "field_box",
        finding(stack, level),
        boxes(under, stack.size, found, at - 1, level.field.stride),
        sentence(stack, at),
        lambda: table(stack),
        lambda: arrays(stack),
        WARNING,
        "receptive-field",
        question="What can it see?",
    )


def _pyramid(stack: Stack, seen: list[Level], at: int, flat: bool) -> None:
    names = ("input", *stack.titles[:at])
    rows = [
        Row(name, level.length, level.first, level.last, level.field.centre(0), level.field.stride, level.field.size)
        for name, level in zip(names, seen, strict=True)
    ]
    steps = [layer.step() for layer in stack.layers[:at]]
    reads = [
        Reads(on_axis(layer.kernel, 0), step.stride, step.before or 0, on_axis(layer.dilation, 0))
        for layer, step in zip(stack.layers, steps, strict=False)
    ]
    figure_block(
        "field_units" if flat else "field_maps",
        feeding(seen, flat),
        pyramid(rows, reads) if flat else perspective(rows),
        "Orange: units that feed the middle unit of the last map; hollow: padding; grey: units beside them."
        if flat
        else "Orange: the square of each map that feeds the middle unit of the last one.",
        lambda: table(stack),
        lambda: arrays(stack),
        WARNING,
        "receptive-field-pyramid",
        question="Which units feed it?",
    )


def finding(stack: Stack, level: Level) -> str:
    """Size against the picture."""
    size = level.field.size
    beside = "more than the whole picture" if size > stack.size else f"{(size / stack.size) ** 2:.0%} of the picture"
    if size <= stack.size and size**2 < 0.01 * stack.size**2:
        beside = f"{(size / stack.size) ** 2:.2%} of the picture"
    return f"{size:,} × {size:,} pixels, {beside}"


def sentence(stack: Stack, at: int) -> str:
    """Size, stride, padding and centre in words."""
    level = stack.levels[at]
    field = level.field
    return (
        f"{stack.titles[at - 1]}: size {field.size:,}, stride {field.stride:,} (dotted: the next unit's box), padding "
        f"{field.padding:,}; a map of {level.length} × {level.length}. Unit {level.unit} looks at pixel "
        f"{field.centre(level.unit):g}."
    )


def feeding(seen: list[Level], flat: bool) -> str:
    """How many inputs feed one output."""
    first, last = seen[0].inside
    count = last - first + 1
    if flat:
        return f"{count:,} of {seen[0].length:,} input positions feed one unit"
    return f"{count**2:,} of {seen[0].length ** 2:,} pixels feed one unit"


def table(stack: Stack) -> dict[str, list]:
    """A row a layer."""
    rows = list(zip(stack.titles, stack.layers, stack.levels[1:], strict=True))
    return {
        "layer": [title for title, _, _ in rows],
        "kernel": [on_axis(layer.kernel, 0) for _, layer, _ in rows],
        "size": [level.field.size for _, _, level in rows],
        "stride": [level.field.stride for _, _, level in rows],
        "padding": [level.field.padding for _, _, level in rows],
        "units": [level.length for _, _, level in rows],
        "centre of unit 0": [level.field.centre(0) for _, _, level in rows],
    }


def arrays(stack: Stack) -> dict[str, np.ndarray]:
    """Columns of the table as numbers."""
    return {name.replace(" ", "_"): np.array(values) for name, values in table(stack).items()}
