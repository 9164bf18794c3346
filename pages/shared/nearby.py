"""Parts of a page that are drawn when the reader comes near them, so that the first screen is there sooner.

A figure costs the browser about as long as half an empty page. What is in view is asked for at once, what lies within
a screen of it when the browser is at rest, and the rest when it is scrolled to.
"""

import streamlit as st

from viz.board import asset

_near = st.components.v2.component("sightlines_near", html="<i></i>", js=asset("js", "reports", "places", "near"))


def near(key: str, height: int) -> bool:
    """Whether the reader has come near this place; until then it holds `height` pixels free.

    Call it inside a fragment, first thing: coming near then reruns that fragment alone.
    """
    state = st.session_state.get(f"near_{key}")
    seen = bool(state and state.get("near"))
    data = {"height": height, "near": seen}
    _near(key=f"near_{key}", data=data, default={"near": False}, on_near_change=_noted)
    return seen


def _noted() -> None:
    """Coming near needs no work of its own: the rerun that it causes reads it."""
