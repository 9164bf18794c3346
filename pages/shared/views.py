"""The row of views at the top of a page, of which one is drawn."""

from collections.abc import Iterable

import streamlit as st


def chosen(views: Iterable[str], key: str) -> str:
    """The name of the view that the reader chose, the first until they do; it stands in the address as `key`."""
    names = list(views)
    found = st.segmented_control(
        "View",
        names,
        default=names[0],
        required=True,
        key=key,
        bind="query-params",
        label_visibility="collapsed",
    )
    return found or names[0]
