"""One sentence, seven architectures, side by side."""

import streamlit as st

from pages.shared import shell

shell.start()
st.title("Side by side")
st.caption("What each network sees in the same sentence.")
