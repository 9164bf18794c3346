"""The heat map of the chosen head, with its numbers and its limits."""

import numpy as np
import streamlit as st

from pages.heads import measures
from pages.heads.choice import Choice, Shown, name, shown
from pages.heads.subject import Subject
from pages.heads.words import finding, strongest
from pages.shared.figure import figure_block
from viz.matrices import Panel, matrices

SCALES = {"linear": (0.0, 1.0), "log": (1e-4, 1.0)}
WARNING = (
    "A weight says where a head reads from, not what it makes of it, and not why the model answers as it does: the "
    "values, the other heads and the layers above decide that. Different weights can give the same answer."
)
FINDING_TOKENS = 512  # beyond, the finding is the largest weight: a pattern takes too long for each click


def drawn(subject: Subject, choice: Choice) -> Shown:
    """The chosen head as it is shown."""
    weights = subject.attention.map(choice.place, choice.head, choice.kind)
    return shown(weights, *subject.sides(choice.kind, weights.shape), choice.special)


def draw(subject: Subject, choice: Choice, width: int | None = None) -> None:
    """The block: controls, figure, sentence, files."""
    scale = st.segmented_control(
        "Colour",
        SCALES,
        default="linear",
        required=True,
        key="scale",
        bind="query-params",
        label_visibility="collapsed",
    )
    show = drawn(subject, choice)
    label = name(subject, choice)
    figure_block(
        "heat",
        title(subject, choice, show),
        figure(show, label, scale or "linear", width),
        f"{strongest(show.weights, show.rows, show.columns)} {show.note}".strip(),
        lambda: table(show),
        {"weights": show.weights, "queries": np.array(show.rows, str), "keys": np.array(show.columns, str)},
        WARNING,
        f"attention-{label.replace(', ', '-').replace(' ', '-')}",
        question="One head. Row: the token that reads. Column: the token it reads from.",
    )


def title(subject: Subject, choice: Choice, show: Shown) -> str:
    """What the head does, scored against an even head."""
    layer = subject.attention.of(choice.kind)[choice.place]
    label = name(subject, choice)
    if max(show.weights.shape) > FINDING_TOKENS:
        return f"{label[:1].upper()}{label[1:]} over {show.weights.shape[0]:,} tokens"
    found = measures.measure(subject, choice.kind, layer, range(choice.head, choice.head + 1))
    return finding(label, found.patterns)


def figure(show: Shown, label: str, scale: str, width: int | None):  # type: ignore[no-untyped-def]
    """One matrix; its colours end at the 99.5th percentile on the linear scale."""
    top = round(min(1.0, max(0.1, float(np.percentile(show.weights, 99.5)))), 2)
    return matrices(
        [Panel("", label, show.weights)],
        show.rows,
        show.columns,
        limits=(0.0, top) if scale == "linear" else SCALES["log"],
        scale="sequential" if scale == "linear" else "log",
        per_line=1,
        colour_title="weight",
        width=width,
        axes=("reads", "from"),
    )


def table(show: Shown) -> dict[str, list]:
    """Every cell: query and key with their places, and the weight."""
    cells = list(np.ndindex(show.weights.shape))
    return {
        "query": [show.rows[row] for row, _ in cells],
        "query place": [row + 1 for row, _ in cells],
        "key": [show.columns[column] for _, column in cells],
        "key place": [column + 1 for _, column in cells],
        "weight": [float(show.weights[cell]) for cell in cells],
    }
