"""A page with the two components of attention and nothing else, for the browser tests."""

import sys
from pathlib import Path

import numpy as np
import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pages.shared.mosaic import mosaic

LAYERS, HEADS, LENGTH = (int(st.query_params.get(name, value)) for name, value in (("l", 5), ("h", 7), ("t", 23)))
SIDE = int(st.query_params.get("s", 31))


@st.cache_data
def tiles(layers: int, heads: int, size: int) -> np.ndarray:
    """A band a head that widens with the layer, and one bright cell that names the head."""
    apart = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    widths = np.arange(1, layers + 1)[:, None] * (1 + np.arange(heads))[None] / 3
    bands = np.exp(-apart / widths[..., None, None]) * 160
    return bands.astype(np.uint8)


st.session_state.setdefault("head", (1, 2))
names = [[f"layer {layer} head {head}: <b>band</b>" for head in range(HEADS)] for layer in range(LAYERS)]
missing = [(2, "layers 2-3: recurrent, no attention map")] if "missing" in st.query_params else ()


@st.fragment
def overview() -> None:
    st.session_state.head = mosaic(tiles(LAYERS, HEADS, SIDE), names, st.session_state.head, "all", missing=missing)
    st.text(f"chosen {st.session_state.head}")
    if st.button("first"):
        st.session_state.head = (0, 0)
        st.rerun(scope="fragment")


overview()
