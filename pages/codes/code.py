"""The code itself: what each scheme gives every position."""

import streamlit as st


def draw() -> None:
    """The view."""
    st.caption("Position codes.")
