"""A page with the two components of attention and nothing else, for the browser tests."""

import sys
from pathlib import Path

import numpy as np
import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pages.shared.head_view import head_view
from pages.shared.mosaic import mosaic

LAYERS, HEADS, SIDE, LENGTH = (
    int(st.query_params.get(name, value)) for name, value in (("l", 3), ("h", 5), ("s", 31), ("t", 7))
)
WORDS = [f"<b>{at}</b>" for at in range(LENGTH)]


def bands() -> np.ndarray:
    """A band a head that widens with the layer and the head."""
    apart = np.abs(np.subtract.outer(np.arange(SIDE), np.arange(SIDE)))
    widths = np.arange(1, LAYERS + 1)[:, None] * (1 + np.arange(HEADS))[None] / 3
    return (np.exp(-apart / widths[..., None, None]) * 160).astype(np.uint8)


def causal() -> np.ndarray:
    """The first layer looks back only, the others everywhere."""
    reach = np.ones((LAYERS, SIDE, SIDE), np.uint8)
    reach[0] = np.tri(SIDE, dtype=np.uint8)
    return reach


def following() -> np.ndarray:
    """.75 on the token after (the first, after the last), the rest spread evenly."""
    return (0.75 * np.roll(np.eye(LENGTH), 1, axis=1) + 0.25 / LENGTH).astype(np.float32)


@st.fragment
def overview() -> None:
    st.session_state.setdefault("head", (1, 2))
    names = [[f"layer {layer} head {head}: <b>band</b>" for head in range(HEADS)] for layer in range(LAYERS)]
    notes = [(2, "layers 3 and 4: no attention map")]
    st.session_state.head = mosaic(bands(), lambda: names, st.session_state.head, "all", missing=notes, reach=causal())
    st.text(f"chosen {st.session_state.head}")
    if st.button("First head"):
        st.session_state.head = (0, 0)
        st.rerun(scope="fragment")


overview()
even = np.full((LENGTH, LENGTH), 1 / LENGTH, dtype=np.float32)
pieces = [*WORDS[:-1], "##last"]
head_view(WORDS, WORDS, {"next": following(), "even": even}, "lines", top=2, pieces=(pieces, pieces))
