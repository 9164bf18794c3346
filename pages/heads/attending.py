"""Models as this page takes them: a bundled Vision Transformer or picture hybrid as one of transformers'."""

from typing import Any

import streamlit as st

from pages.shared import loading
from pages.shared.settings import limits


def model(name: str, device: str) -> Any:
    """The shared model of a card's name, a folder or "hub:owner/name"."""
    found = loading.model(name, device)
    return _as_pretrained(name, device) if getattr(found, "takes", "") == "pixels" else found


@st.cache_resource(show_spinner=False)
def _as_pretrained(name: str, device: str) -> Any:
    """The same weights in the library's network, whose attention is recorded like any other's."""
    from models.pictures_transformers import as_pretrained

    return as_pretrained(loading.model(name, device), loading.permitted(limits()))
