"""Positions: what order looks like to each architecture, scheme by scheme."""

import streamlit as st

from pages.codes import alike, carried, code, disturbed, longer, near, turned
from pages.shared import errors, shell, views

VIEWS = {
    "Code": code.draw,
    "Similarity": alike.draw,
    "Nearness": near.draw,
    "Rotation": turned.draw,
    "Beyond": longer.draw,
    "On a model": disturbed.draw,
    "Trained": carried.draw,
}

shell.start()
st.header("Positions", anchor=False)
name = views.chosen(VIEWS, "pview")
with errors.guarded():
    VIEWS[name]()
