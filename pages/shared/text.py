"""A reader's text: how long it may be, and how it gets into the address, only when the reader wants that."""

import streamlit as st

from models.tokenizer import pieces
from pages.shared.settings import limits

CHARACTERS_A_TOKEN = 20
LONGEST_WORD = 200
SHARED_CHARACTERS = 2000


def check(text: str) -> str:
    """The text without its outer blanks; ValueError where it is blank or too long for the profile."""
    text = text.strip()
    if not text:
        raise ValueError("The text is empty. Type a sentence, or take one of the examples.")
    most = limits().text_tokens
    if len(text) > most * CHARACTERS_A_TOKEN:
        raise ValueError(
            f"The text is too long: it has {len(text):,} characters, at most {most * CHARACTERS_A_TOKEN:,} are read."
        )
    tokens = pieces(text)
    if len(tokens) > most:
        raise ValueError(f"The text is too long: it has {len(tokens):,} words and signs, at most {most:,} are read.")
    if (longest := max(map(len, tokens))) > LONGEST_WORD:
        raise ValueError(f"One word has {longest:,} characters, at most {LONGEST_WORD} are read.")
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
