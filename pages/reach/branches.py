"""The paths that a network joins: what each sees of the input, and whether they look at one place."""

import numpy as np
import streamlit as st

from models.lens.receptive_field_theory import Field, paths
from pages.reach import stacks
from pages.shared.figure import figure_block
from viz.dots import Dots, dots

UNITS = (0, 1)  # two neighbours tell stride and centre
WARNING = (
    "Only the wiring: a path that sees more need not matter more. A join has one field only where all its paths have "
    "one stride and one centre; then it is that of the widest."
)


def draw(name: str, size: int) -> None:
    """A join of the network, chosen, and its paths; nothing for a chain."""
    net = stacks.graph(name)
    joins = [each for each, node in net.items() if len(node.inputs) > 1]
    if not joins:
        return
    join = st.selectbox("Join", joins, len(joins) - 1, key="fjoin", bind="query-params", width=220) or joins[-1]
    found = paths(net, join, 0, size)
    rows = [(source, unit, field, _ends(field, unit)) for source, field in found.items() for unit in UNITS]
    bounds = [end for *_, ends in rows for end in ends]
    pad = 0.05 * (max(bounds) - min(bounds)) + 1
    figure_block(
        "field_branches",
        finding(found),
        dots(
            [
                Dots("cnn", f"{source}, unit {unit}", field.centre(unit), None, *ends)
                for source, unit, field, ends in rows
            ],
            x_title="input position",
            x_range=(min(bounds) - pad, max(bounds) + pad),
        ),
        "A line: what one unit sees along one axis, padding included; diamond: its centre.",
        lambda: {
            "path": [source for source, *_ in rows],
            "unit": [unit for _, unit, *_ in rows],
            "first": [ends[0] for *_, ends in rows],
            "last": [ends[1] for *_, ends in rows],
            "centre": [field.centre(unit) for _, unit, field, _ in rows],
            "stride": [field.stride for *_, field, _ in rows],
        },
        lambda: {"ends": np.array([ends for *_, ends in rows]), "units": np.array([unit for _, unit, *_ in rows])},
        WARNING,
        "receptive-field-branches",
        question="What do its paths see?",
    )


def finding(found: dict[str, Field]) -> str:
    """Whether the paths agree in stride and centre."""
    strides = sorted({field.stride for field in found.values()})
    twice = sorted({field.size - 1 - 2 * (field.padding or 0) for field in found.values()})
    apart = []
    if len(strides) > 1:
        apart.append(f"strides {' and '.join(map(str, strides))}")
    if len(twice) > 1:
        apart.append(f"unit 0 centred at {' and '.join(f'{each / 2:g}' for each in twice)}")
    if apart:
        return f"{len(found)} paths that look at different places: {', '.join(apart)}"
    sizes = sorted({field.size for field in found.values()})
    return f"{len(found)} paths round one centre; they see {' and '.join(f'{size:,}' for size in sizes)} pixels a side"


def _ends(field: Field, unit: int) -> tuple[float, float]:
    """First and last position that a unit sees."""
    half = (field.size - 1) / 2
    return field.centre(unit) - half, field.centre(unit) + half
