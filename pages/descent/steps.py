"""One optimizer, one step: its formula in symbols, then with the numbers of that step."""

import streamlit as st

from pages.descent.formulas import SYMBOLS, filled
from pages.descent.request import TITLES, Request, walks
from viz.tracks import OPTIMIZERS

MEANINGS = {
    "sgd": "Straight down the slope g, times the rate η.",
    "momentum": "v sums up past slopes: it speeds up where they agree and damps where they alternate.",
    "nesterov": "As momentum, but it looks one step of v ahead.",
    "adagrad": "v only grows, so each coordinate's rate only falls.",
    "rmsprop": "v forgets: the rate of a coordinate follows its recent slopes. v starts at zero and is not corrected, "
    "so the first step is ten rates long.",
    "adam": "Momentum m over the root of v, both corrected for their start at zero: the first step is one rate long, "
    "whatever the slope.",
    "adamw": "Adam; the weight decay λ = 0.01 shrinks θ itself.",
}


def draw(request: Request) -> None:
    """The choice of optimizer and step, then the lines."""
    found = {OPTIMIZERS[walk.name].title: walk for walk in walks(request)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.segmented_control(
            "Optimizer", list(found), default=next(iter(found)), required=True, key="formula", bind="query-params"
        )
        walk = found.get(title or "", next(iter(found.values())))
        last = len(walk.terms)
        if st.session_state.get("t", 1) > last:  # another run ended earlier
            st.session_state["t"] = last
        t = st.number_input("Step", 1, last, 1, key="t", bind="query-params", width=130, help=f"1 to {last}")
    name = TITLES[OPTIMIZERS[walk.name].title]
    st.markdown(f"#### {OPTIMIZERS[name].title}, step {t} of {last}")
    st.latex(SYMBOLS[name])
    st.caption(f"{MEANINGS[name]} θ is (x, y); squares and roots are taken entry by entry.")
    for line in filled(walk, int(t)):
        st.latex(line)
    if walk.diverged is not None:
        st.caption(f"The run diverged and was stopped at step {walk.diverged}.")
