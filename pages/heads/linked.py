"""The head view: each query's strongest lines to its keys, for the chosen head and others of its layer."""

from dataclasses import replace

import streamlit as st

from pages.heads import heat
from pages.heads.choice import Choice, Shown
from pages.heads.subject import Subject
from pages.shared.head_view import head_view

TOPS = ("1", "2", "4", "8", "16")
MOST = 4  # heads beside the chosen one


def draw(subject: Subject, choice: Choice, show: Shown) -> None:
    """Controls and lines."""
    st.markdown("#### :gray[Lines.] Each query to the keys that it reads most")
    layer = subject.attention.of(choice.kind)[choice.place]
    others = [str(head + 1) for head in range(layer.heads) if head != choice.head]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        top = st.segmented_control("Lines a query", TOPS, default="4", required=True, key="top", bind="query-params")
        beside = st.multiselect(
            "Heads beside it", others, key="beside", bind="query-params", max_selections=MOST, width=320
        )
    maps = {f"head {choice.head + 1}": show.weights}
    for other in beside:
        maps[f"head {other}"] = heat.drawn(subject, replace(choice, head=int(other) - 1)).weights
    alike = {label: weights for label, weights in maps.items() if weights.shape == show.weights.shape}
    head_view(show.rows, show.columns, alike, "lines", top=int(top or "4"))
