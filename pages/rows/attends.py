"""Where does it attend? The attention of one layer and head, and "no attention" where there is none."""

import numpy as np
import streamlit as st

from models.reading import MATRIX_LIMIT
from pages.rows.view import View, article, long_table, sentence, word
from pages.shared.figure import figure_block
from viz.matrices import Panel, matrices

WARNING = (
    "An attention weight says where a head reads from, not what it makes of it, and not why the network answers as it "
    "does: other heads, the values and the layers above decide that. See the influence rows for what reaches the end."
)


@st.fragment
def draw(view: View) -> None:
    """Layer and head above, the maps below."""
    records = {f: r.trace.attention for f, r in view.readings.items() if r.trace.attention is not None}
    if not records:
        st.info("None of the chosen networks has attention. Choose Attention or Hybrid under Models.")
        return
    if len(view.tokens) > MATRIX_LIMIT:
        st.info(f"Attention is drawn here to {MATRIX_LIMIT} tokens; this text has {len(view.tokens)}.")
        return
    depth = max(len(record.of()) for record in records.values())
    heads = max(record.of()[0].heads for record in records.values())
    with st.container(horizontal=True):
        layer = _choice("Attention layer", depth, "layer")
        head = _choice("Head", heads, "head")
    maps = {f: record.map(layer, head) for f, record in records.items()}
    own = {f: f"layer {record.of()[layer].index + 1}" for f, record in records.items()}
    panels = [
        Panel(f, title, maps.get(f), why or "This network has no attention.", own.get(f, ""))
        for f, title, _, why in view.titled()
    ]
    top = max(0.2, float(max(np.percentile(weights, 99.5) for weights in maps.values())))
    figure = matrices(
        panels,
        view.tokens,
        view.tokens,
        limits=(0.0, round(min(1.0, top), 2)),
        per_line=view.per_line,
        colour_title="weight",
        width=view.width,
        axes=("reads", "from"),
    )
    figure_block(
        "attends",
        favourite(view, maps, layer, head),
        figure,
        f"Weights of one head, exact; rows sum to 1, an even one {1 / len(view.tokens):.2f} everywhere. Beside each "
        "name: which of the network's own layers it is.",
        lambda: long_table(view.first.trace.tokens, maps, "weight"),
        {family.replace("-", "_"): weights for family, weights in maps.items()},
        WARNING,
        f"attention-layer-{layer + 1}-head-{head + 1}",
        question="Where does it attend? Row: the word that reads. Column: the word it reads from.",
    )


def _choice(name: str, count: int, key: str) -> int:
    options = [str(i + 1) for i in range(count)]
    chosen = st.segmented_control(name, options, default="1", required=True, key=key, bind="query-params")
    return int(chosen or "1") - 1


def favourite(view: View, maps: dict[str, np.ndarray], layer: int, head: int) -> str:
    """The word that gets the largest mean weight, beside an even head."""
    family = max(maps, key=lambda f: float(maps[f].mean(axis=0).max()))
    column = maps[family].mean(axis=0)
    at = int(column.argmax())
    share, even = float(column[at]), 1 / len(column)
    return sentence(
        f"head {head + 1} of attention layer {layer + 1} of {article(family)} puts {100 * share:.0f} % of its weight "
        f"on {word(view.first.trace.tokens, at)}; an even head would put {100 * even:.0f} %"
    )
