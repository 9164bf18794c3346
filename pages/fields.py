"""Receptive fields: what a unit can see by its wiring, what it uses, in space, in attention and in time."""

import streamlit as st

from pages.reach import attends, becomes, deep, measured, theory, times
from pages.reach.room import WIDTH
from pages.shared import errors, shell, views
from pages.shared.board import board
from viz.board import Column

VIEWS = {
    "Theory": theory.draw,
    "Measured": measured.draw,
    "Attention": attends.draw,
    "By depth": deep.draw,
    "Time": times.draw,
    "Becomes convolution": becomes.draw,
}

shell.start()
st.header("Receptive fields", anchor=False)
name = views.chosen(VIEWS, "fview")
board([Column("cnn", "Receptive fields", "#E69F00")], [], key=WIDTH, header=False, label="Page")
with errors.guarded():
    VIEWS[name]()
