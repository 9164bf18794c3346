"""Sightlines: page configuration, navigation, nothing else. Start with `streamlit run app.py`."""

import streamlit as st

from pages.shared import shell

st.set_page_config(page_icon=":material/visibility:", layout="wide")
shell.frame()
