"""Two experiments beside the anatomy: why scores are divided by the root of d, and how heads must be split."""

from functools import cache

import numpy as np
import streamlit as st

from models.lens import attention
from models.lens.attention_anatomy import Scaling
from models.trace import AttentionLayer
from pages.heads import room
from pages.shared import errors
from pages.shared.figure import figure_block
from viz.matrices import Panel, matrices
from viz.scaling import scaling

WIDTHS = (4, 8, 16, 32, 64, 128, 256)
TOKENS = 64  # maps of both splits are drawn to this length
PANELS = 8


@cache
def measured() -> Scaling:
    """Random q and k of unit variance, 200 rows of 32 keys a width."""
    return attention.scaling(WIDTHS)


def draw(layer: AttentionLayer) -> None:
    """Both, on request."""
    if st.toggle("Why divide by √d?", key="scaling", bind="query-params"):
        with errors.guarded():
            _scaling(layer)
    if st.toggle("How heads are split", key="split", bind="query-params"):
        with errors.guarded():
            _split(layer)


def _scaling(layer: AttentionLayer) -> None:
    assert layer.query is not None
    found = measured()
    width = int(layer.query.shape[-1])
    figure_block(
        "scaling",
        f"Undivided, the softmax gradient falls from {found.gradient[1].max():.2f} to {found.gradient[1, -1]:.2f}",
        scaling(WIDTHS, found.entropy, found.gradient, marked=width),
        f"Random queries and keys, 32 keys a row; dotted: this head's width, {width}.",
        lambda: {
            "width": list(WIDTHS),
            **{
                f"{what}, {how}": [float(value) for value in getattr(found, what)[line]]
                for what in ("spread", "entropy", "gradient")
                for line, how in enumerate(("divided", "not divided"))
            },
        },
        {"entropy": found.entropy, "gradient": found.gradient, "spread": found.spread},
        "Queries and keys of a trained model are not independent with variance 1: the division sets the start of "
        "training, not the entropy that training reaches.",
        "attention-scaling",
    )


def _split(layer: AttentionLayer) -> None:
    """The same queries and keys cut into `heads` chunks, and into chunks of size `heads`."""
    if layer.query is None or layer.key is None or layer.query.shape != layer.key.shape:
        raise ValueError("Only a layer whose queries and keys have one shape can be cut anew.")
    heads, length, width = layer.query.shape
    if length > TOKENS:
        raise ValueError(f"The two splits are drawn to {TOKENS} tokens; this input has {length}.")
    query, key = (part.transpose(1, 0, 2).reshape(length, -1) for part in (layer.query, layer.key))
    right, wrong = (attention.split_maps(query, key, heads, how) for how in ("into", "of size"))
    panels = [Panel("transformer", f"head {at + 1}", right[at]) for at in range(min(PANELS // 2, heads))]
    panels += [Panel("", f"chunk {at + 1}", wrong[at]) for at in range(min(PANELS // 2, len(wrong)))]
    words = [str(place + 1) for place in range(length)]
    top = round(max(0.1, float(np.percentile(right, 99))), 2)
    figure_block(
        "split",
        f"Into {heads} chunks: {heads} heads of width {width}. Chunks of size {heads}: {len(wrong)} of width {heads}",
        matrices(
            panels,
            words,
            words,
            limits=(0.0, top),
            per_line=4,
            colour_title="weight",
            axes=("query", "key"),
            width=room.whole(),
        ),
        "First the split of multi-head attention, then the slip of handing num_heads to a split by size.",
        lambda: {"split": ["into", "of size"], "heads": [heads, len(wrong)], "width": [width, heads]},
        {"into": right, "of_size": wrong},
        "Masks and position biases are left out of both, so that only the split differs.",
        "attention-split",
    )
