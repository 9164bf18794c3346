"""Gradient flow: through depth, through time, both beside each other, through attention, on any model."""

import streamlit as st

from pages.flow import beside, clock, depth, own, ways
from pages.shared import errors, shell, views

VIEWS = {
    "Through depth": depth.draw,
    "Through time": clock.draw,
    "Depth beside time": beside.draw,
    "Through attention": ways.draw,
    "On your model": own.draw,
}

shell.start()
st.header("Gradient flow", anchor=False)
view = views.chosen(VIEWS, "flow")
with errors.guarded():
    VIEWS[view]()
