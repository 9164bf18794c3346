"""A pad to write a digit on: 28 x 28 pixels, by pointer or keyboard."""

import streamlit as st

from viz.board import asset

PAD = """<div class="draw"><canvas width="224" height="224" tabindex="0" role="application"
aria-label="Drawing pad: draw with the pointer, or move with the arrow keys and press space to lower or lift the pen">
</canvas><button type="button">Clear</button></div>"""
SIDE = 28

_pad = st.components.v2.component("sightlines_draw", html=PAD, css=asset("css", "draw"), js=asset("js", "draw"))


def draw(key: str) -> bytes | None:
    """What was drawn as 28 x 28 bytes, 0 black; None while the pad is empty."""
    state = st.session_state.get(key)
    before = str(state["drawn"]) if state and state.get("drawn") else ""
    sent = _pad(key=key, data={"drawn": before}, default={"drawn": ""}, on_drawn_change=_noted)
    drawn = bytes.fromhex(str(sent.drawn)) if sent.drawn else b""
    if len(drawn) != SIDE * SIDE or not any(drawn):
        return None
    return drawn


def _noted() -> None:
    """A new drawing needs no work of its own: the rerun reads it."""
