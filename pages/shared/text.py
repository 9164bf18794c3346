"""A reader's text: how long it may be, and how it gets into the address, only when the reader wants that."""

import streamlit as st

from pages.shared.settings import limits

CHARACTERS_A_TOKEN = 25
SHARED_CHARACTERS = 2000


def check(text: str) -> str:
    """The text without its outer blanks; ValueError where it is blank or too long for the profile."""
    text = text.strip()
    if not text:
        raise ValueError("The text is empty. Type a sentence, or take one of the examples.")
    most = limits().text_tokens
    if len(text) > most * CHARACTERS_A_TOKEN or len(text.split()) > most:
        raise ValueError(f"The text is too long: at most {most:,} words; this one has {len(text):,} characters.")
    return text


def share(text: str) -> None:
    """A popover with a toggle that writes the text into the address, and takes it out again."""
    with st.popover("Share"):
        st.markdown("The address of this page holds its settings. Your text stays out of it unless you add it.")
        st.toggle("Add my text to the address", key="share", value="text" in st.query_params)
        if st.session_state.share and len(text) > SHARED_CHARACTERS:
            st.warning(f"Too long for an address: at most {SHARED_CHARACTERS:,} characters.")
    if st.session_state.share and len(text) <= SHARED_CHARACTERS:
        if st.query_params.get("text") != text:
            st.query_params["text"] = text
    elif "text" in st.query_params:
        del st.query_params["text"]
