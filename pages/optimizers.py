"""Optimizers from one start: their paths, their speed, their formulas, their limits, and a real loss."""

import streamlit as st

from pages.descent import limits, paths, real, request, steps
from pages.shared import errors, shell, views

VIEWS = {
    "From above": paths.above,
    "In 3-D": paths.spatial,
    "Value by step": paths.by_step,
    "Step by step": steps.draw,
    "Stability": limits.draw,
    "A real loss": real.draw,
}
LAST = "_last_descent"


def current() -> request.Request | None:
    """The request to draw: the new one, or the last one that could be run."""
    with errors.guarded():
        st.session_state[LAST] = request.ask()
        return st.session_state[LAST]
    last: request.Request | None = st.session_state.get(LAST)
    if last is not None:
        st.caption("Below: the last settings that could be run.")
    return last


shell.start()
st.header("Optimizers", anchor=False)
if asked := current():
    view = views.chosen(VIEWS, "descent")
    with errors.guarded():
        VIEWS[view](asked)
