"""The reader's own row: where each scheme's attention goes, with the place that holds the answer marked."""

import numpy as np
import streamlit as st

from models.lens import asked
from pages.codes import wide
from pages.codes.carried_work import SHORT, Answered, schemes
from pages.shared.figure import figure_block
from viz.matrices import Panel, matrices

DRAWN, FEW = 128, 16  # symbols of an attention map; of one so small that six stand beside each other
HEADS = ("mean", "1", "2", "3", "4")
LOOKED = (
    "A weight says where a head reads, not what it makes of it. A scheme may keep its attention in place and still "
    "answer wrongly, or answer rightly through another layer or head than the one shown."
)


def choose() -> tuple[int, str]:
    """Layer (from 0), and head: "mean" or its number from 1."""
    layer = st.segmented_control("Layer", ("1", "2"), default="1", required=True, key="cl", bind="query-params")
    head = st.segmented_control("Head", HEADS, default="mean", required=True, key="ch", bind="query-params")
    return int(layer or 1) - 1, head or "mean"


def draw(found: Answered, place: int, layer: int, head: str) -> None:
    """The maps of one layer and head under every scheme, with the place to be read marked."""
    wide.measure()
    if len(found.tokens) > DRAWN:
        raise ValueError(f"Attention is drawn to {DRAWN} symbols here; this row has {len(found.tokens)}.")
    maps = {key: _map(found, key, layer, head) for key in schemes()}
    source = asked.source(found.task, found.tokens, place)
    causal = found.task != "order"
    hidden = np.triu(np.ones((len(found.tokens),) * 2, dtype=bool), 1) & causal
    figure = matrices(
        [Panel("", SHORT[key], np.where(hidden, np.nan, values)) for key, values in maps.items()],
        found.tokens,
        found.tokens,
        limits=(0.0, max(0.2, max(float(values.max()) for values in maps.values()))),
        per_line=wide.per_line(6 if len(found.tokens) <= FEW else 3),
        colour_title="weight",
        marked=(place, source) if source is not None else None,
        axes=("query", "key"),
        width=wide.whole(),
    )
    figure_block(
        "carried_attention",
        looks(found, maps, place, source),
        figure,
        ("Hatched: later places, which the causal mask hides. " if causal else "")
        + ("The frame marks the asked place and the place where its answer stands." if source is not None else ""),
        lambda: {
            "query": list(range(1, len(found.tokens) + 1)),
            **{f"{SHORT[k]} from {at + 1}": m[:, at].tolist() for k, m in maps.items() for at in range(len(m))},
        },
        maps,
        LOOKED,
        f"positions-attention-{found.task}",
        question="Where does each scheme look?",
    )


def _map(found: Answered, key: str, layer: int, head: str) -> np.ndarray:
    """One head's weights [T, T], or the mean of all heads."""
    record = found.records[key]
    if head != "mean":
        return record.map(layer, int(head) - 1)
    return np.mean([record.map(layer, at) for at in range(record.of()[layer].heads)], axis=0)


def looks(found: Answered, maps: dict[str, np.ndarray], place: int, source: int | None) -> str:
    """The scheme with the most weight on the place that holds the answer; even attention beside it."""
    if source is None:
        spread = {
            key: float(np.abs(values - values.mean(axis=0)).sum(axis=1).mean() / 2) for key, values in maps.items()
        }
        most = max(spread, key=lambda key: spread[key])
        return f"The rows of {SHORT[most]} differ most from each other (by {spread[most]:.2f} of their weight)"
    weights = {key: float(values[place, source]) for key, values in maps.items()}
    most, least = max(weights, key=lambda k: weights[k]), min(weights, key=lambda k: weights[k])
    return (
        f"From place {place + 1} {SHORT[most]} puts {weights[most]:.2f} on the place with the answer, "
        f"{SHORT[least]} {weights[least]:.2f}; even attention {1 / (place + 1):.2f}"
    )
