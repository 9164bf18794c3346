"""Through time: trained networks on a sentence, a bare cell with exact theory, and a bound that is often misquoted."""

from collections.abc import Callable

import streamlit as st

from pages.flow import bare, bound, sentence
from pages.shared import errors

SHOWN: dict[str, Callable[[], None]] = {
    "Networks on a sentence": sentence.draw,
    "A bare cell": bare.draw,
    "The bound": bound.draw,
}


def draw() -> None:
    """One of the three."""
    names = list(SHOWN)
    name = st.segmented_control(
        "Of", names, default=names[0], required=True, key="clock", bind="query-params", label_visibility="collapsed"
    )
    with errors.guarded():
        SHOWN[name or names[0]]()
