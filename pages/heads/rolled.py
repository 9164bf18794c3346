"""Attention rollout: where a stack of layers looks in the end, if weights alone moved information."""

import numpy as np
import streamlit as st

from models.lens.attention import rollout
from pages.heads.choice import Choice
from pages.heads.subject import Subject
from pages.shared.figure import figure_block
from viz.matrices import Panel, matrices


def draw(subject: Subject, choice: Choice) -> None:
    """The toggle, and the map when it is on."""
    if not st.toggle("Rollout through all layers", key="rollout", bind="query-params"):
        return
    layers = subject.attention.of(choice.kind)
    if choice.kind == "cross":
        raise ValueError("Rollout multiplies maps of one side; cross-attention joins two.")
    if [layer.index for layer in layers] != list(range(len(layers))) or _skips(subject, len(layers)):
        raise ValueError("Rollout needs a map in every layer; this model has layers without one.")
    maps = np.stack([np.mean([layer.map(head) for head in range(layer.heads)], axis=0) for layer in layers])
    total = rollout(maps)
    queries, keys = subject.sides(choice.kind, (total.shape[0], total.shape[1]))
    column = total.mean(axis=0)
    at = int(column.argmax())
    figure = matrices(
        [Panel("", "rollout", total)],
        queries.tokens,
        keys.tokens,
        limits=(0.0, round(max(0.1, float(np.percentile(total, 99))), 2)),
        per_line=1,
        colour_title="share",
        axes=("output", "input"),
    )
    figure_block(
        "rollout",
        f"“{keys.tokens[at]}” gets the largest share, {column[at]:.0%} on average",
        figure,
        "Product of (I + A) / 2 over the layers, A averaged over heads (Abnar and Zuidema 2020).",
        lambda: {"input": list(keys.tokens), "mean share": [float(value) for value in column]},
        {"rollout": total},
        "Rollout follows weights, not values. On a causal model it piles up on the first token whatever the text says.",
        "attention-rollout",
    )


def _skips(subject: Subject, count: int) -> bool:
    """Whether a bundled hybrid has more layers than maps; for others the trace says so in a note."""
    if subject.about.task:
        return len(subject.trace.hidden) - 1 != count
    return any("no attention map" in note for note in subject.trace.notes)
