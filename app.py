"""Sightlines: page configuration, navigation, nothing else. Start with `streamlit run app.py`."""

import streamlit as st

from pages.shared import shell

# the width before anything stands in the sidebar: later the browser may already have drawn it wider
st.set_page_config(page_icon=":material/visibility:", layout="wide", initial_sidebar_state=shell.SIDEBAR)
shell.frame()
