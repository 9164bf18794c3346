"""A figure's first appearance: a sketch of it at once, plotly's own figure when plotly is there.

Plotly's script costs a browser more than an empty page; the first figure of a first page is drawn without it.
"""

import plotly.graph_objects as go
import streamlit as st

from viz.board import asset
from viz.sketch import sketch

_sketch = st.components.v2.component(
    "sightlines_sketch",
    html='<div class="sketch" role="img"></div>',
    css=asset("css", "sketch"),
    js=asset("js", "reports", "places", "sketch"),
)


def sketched(key: str, figure: go.Figure, width: int, label: str) -> bool:
    """Draw the sketch of `figure` on a page `width` pixels wide; False if plotly's own figure is to be drawn.

    Call it inside a fragment: when plotly is ready, that fragment alone runs again. Any second run draws the figure
    itself, whatever caused it: a sketch never outlives what the reader sees first.
    """
    known = f"{key}_sketched"
    if st.session_state.get(known):
        return False
    drawing = sketch(figure, width)
    if not drawing:
        return False
    st.session_state[known] = True
    _sketch(key=f"{key}_sketch", data={"drawing": drawing, "label": label}, on_ready_change=_noted)
    return True


def _noted() -> None:
    """The report needs no work of its own: the rerun that it causes draws the figure."""
