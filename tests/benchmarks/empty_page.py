"""The page that the others are measured against: one control and one line."""

import streamlit as st

st.text("empty " + str(st.segmented_control("Head", ["1", "2", "3", "4"], default="1", required=True, key="head")))
