"""Sightlines. `streamlit run app.py` imports this file for the server and runs it for each reader."""

import streamlit as st

from pages.shared import serving, shell

if __name__ == "__main__":  # one run for one reader: page configuration and navigation
    # the width before anything stands in the sidebar: later the browser may already have drawn it wider
    st.set_page_config(page_icon=":material/visibility:", layout="wide", initial_sidebar_state=shell.SIDEBAR)
    shell.frame()
else:
    app = st.App(__file__, lifespan=serving.lifespan)
