"""Anatomy of one query: vectors, products, scores and their addends, softmax, values, sum; each from the one before."""

from typing import Any

import numpy as np
import streamlit as st

from models.lens import attention
from models.lens.attention import Anatomy
from pages.heads import room, scaled, work
from pages.heads.choice import Choice, name
from pages.heads.subject import Subject
from pages.shared import errors, progress
from pages.shared.figure import figure_block
from viz import anatomy as drawing
from viz import anatomy_vectors as parts

PARTS = ("raw", "scaled", "bias", "capped", "mask", "weights")
WARNING = (
    "These are the numbers of one row of one head. What the head adds to the text also passes an output matrix and is "
    "summed with the other heads and the residual."
)


def draw(subject: Subject, choice: Choice) -> None:
    """Controls, then the row step by step."""
    layer = subject.attention.of(choice.kind)[choice.place]
    if layer.query is None:
        raise ValueError("This layer gave finished maps only, so its row cannot be taken apart.")
    queries, keys = (axis.tokens for axis in subject.sides(choice.kind, layer.map(choice.head).shape))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        row = _token("Query", queries, "heads_query", len(queries) - 1)
        divided = st.toggle("Use the model's scale", value=True, key="divided", bind="query-params")
    found = attention.anatomy(layer, choice.head, row, None if divided else 1.0)
    st.caption(_measures(found, attention.anatomy(layer, choice.head, row), divided))
    with errors.guarded():
        _scores(found, keys, f"{name(subject, choice)}, query “{queries[row]}”")
    with errors.guarded():
        _pair(found, queries[row], keys)
    with errors.guarded():
        _values(subject, choice, row, divided, keys)
    scaled.draw(layer)


def _token(what: str, tokens: tuple[str, ...], key: str, default: int) -> int:
    """A position by its number and word; the text stays out of the address."""
    at = min(default, len(tokens) - 1)
    chosen = st.selectbox(
        what, range(len(tokens)), index=at, format_func=lambda i: f"{i + 1}  {tokens[i]}", key=key, width=240
    )
    return min(int(chosen), len(tokens) - 1)


def _measures(found: Anatomy, own: Anatomy, divided: bool) -> str:
    """Scale, entropy and softmax gradient, beside the model's own where the scale is switched off."""
    text = f"Scale {found.scale:.3g} · entropy {found.entropy:.2f} bits · softmax gradient {found.gradient:.3f}"
    if divided:
        return text
    return f"{text} (the model's own scale: {own.scale:.3g}, {own.entropy:.2f} bits, {own.gradient:.3f})"


def _scores(found: Anatomy, keys: tuple[str, ...], label: str) -> None:
    """All addends as bars, the keys with the greatest weights and a learned sink."""
    sunk = np.isfinite(found.sink_score)
    shown = drawing.strongest_rows(found.weights, drawing.MOST - sunk)
    steps = drawing.score_steps(
        found.raw[shown],
        found.scale,
        found.scaled[shown],
        found.bias[shown],
        found.capped[shown],
        found.mask[shown],
        found.weights[shown],
    )
    labels = [keys[place] for place in shown]
    if sunk:
        steps, labels = drawing.with_sink(steps, found.sink_score, found.sink), [*labels, drawing.SINK]
    best = int(found.weights.argmax())
    left = "" if len(shown) == len(keys) else f"The {len(shown)} strongest of {len(keys)} keys. "
    figure_block(
        "anatomy_scores",
        f"“{keys[best]}” gets {found.weights[best]:.2f}: q·k = {found.raw[best]:.2f}, score "
        f"{found.capped[best] + found.mask[best]:.2f}",
        drawing.bars(labels, steps, width=room.whole()),
        left + drawing.unused(found.scaled, found.bias, found.capped, found.mask, found.sink),
        lambda: score_table(found, keys),
        {
            **{part: getattr(found, part) for part in PARTS},
            "query": found.query,
            "keys": found.keys,
            "product": found.product,
            **({"sink": np.array([found.sink_score, found.sink])} if sunk else {}),
        },
        WARNING,
        "attention-anatomy",
        question=f"{label[:1].upper()}{label[1:]}.",
    )


def score_table(found: Anatomy, keys: tuple[str, ...]) -> dict[str, list]:
    """Every addend of every key; a learned sink has a score and a weight alone."""
    columns = {**{part: getattr(found, part) for part in PARTS[:-1]}, "score": found.capped + found.mask}
    table: dict[str, list] = {"key": list(keys), **{part: list(map(float, values)) for part, values in columns.items()}}
    table["weights"] = list(map(float, found.weights))
    if np.isfinite(found.sink_score):
        own: dict[str, Any] = {"key": drawing.SINK, "score": found.sink_score, "weights": found.sink}
        for part, values in table.items():
            values.append(own.get(part))
    return table


def _pair(found: Anatomy, query: str, keys: tuple[str, ...]) -> None:
    """q, k and their product for one key, a bar a dimension."""
    at = _token("Key", keys, "heads_key", int(found.weights.argmax()))
    product = found.product[at]
    top = int(np.abs(product).argmax())
    figure_block(
        "anatomy_pair",
        f"Dimension {top} adds {product[top]:+.2f}, the largest part of q·k = {found.raw[at]:.2f}",
        parts.vectors(found.query, found.keys[at], product, (query, keys[at])),
        "The products of the third line add up to the raw score.",
        lambda: {
            "dimension": list(range(len(product))),
            "q": [float(value) for value in found.query],
            "k": [float(value) for value in found.keys[at]],
            "product": [float(value) for value in product],
        },
        {"q": found.query, "k": found.keys[at], "product": product},
        "A dimension has no meaning of its own: q and k can be turned together without any change of the scores.",
        "attention-anatomy-pair",
    )


def _values(subject: Subject, choice: Choice, row: int, divided: bool, keys: tuple[str, ...]) -> None:
    """weight x value and its sum; where the run kept no values, another run that does is made first."""
    has = subject.attention.of(choice.kind)[choice.place].value is not None
    kept: Subject | None = subject if has else progress.result("values", work.traced, subject.request, True)
    if kept is None:
        return
    layer = kept.attention.of(choice.kind)[choice.place]
    found = attention.anatomy(layer, choice.head, row, None if divided else 1.0)
    if found.weighted is None or found.output is None:
        raise ValueError("This run kept no values, so the chain ends at the weights.")
    rows, labels = parts.gathered(found.weighted, drawing.strongest_rows(found.weights), keys)
    sizes = np.linalg.norm(found.weighted, axis=1)
    beyond = "" if len(labels) == len(keys) else f", and one for the {len(keys) - drawing.MOST} of the least weight"
    best, length = int(sizes.argmax()), float(np.linalg.norm(found.output))
    figure_block(
        "anatomy_values",
        f"“{keys[best]}” hands on the longest part: {sizes[best]:.2f}; the sum is {length:.2f} long",
        parts.mixture(rows, found.output, labels),
        f"Weight times value, a row a key{beyond}; the last row is the sum over all {len(keys)} keys.",
        lambda: {"key": list(keys), "weight": list(map(float, found.weights)), "length": list(map(float, sizes))},
        {"weighted": found.weighted, "values": np.asarray(found.values), "output": found.output},
        WARNING,
        "attention-anatomy-values",
    )
