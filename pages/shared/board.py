"""The page's header and answer rows, and how wide the page is."""

from collections.abc import Sequence

import streamlit as st

from pages.shared import shell
from viz.board import Column, Row, asset, payload

WIDE = 1000  # pixels from which seven models stand beside each other
FIRST_GUESS = 1050  # pixels: a window of 1440 with the sidebar open; a right guess saves a rerun
PER_LINE = {True: 7, False: 4}

_component = st.components.v2.component(
    "sightlines_board",
    html='<div class="board"></div>',
    css=asset("css", "board"),
    js=asset("js", "reports", "places", "board"),
)


def board(columns: Sequence[Column], rows: Sequence[Row], key: str, header: bool = True, label: str = "Models") -> int:
    """Draw the board and return how many models the page has room for on a line: 7 or 4.

    `header=False` keeps the models' names for screen readers only, for a board further down the page. `label` is the
    table's name for them.
    """
    width = page_width(key)
    per_line = PER_LINE[width >= WIDE]
    drawn = payload(columns, rows, per_line, width, header, label)
    drawn["layout"] |= {side: round(drawn["layout"][side] * shell.scale()) for side in ("left", "right")}
    # in a list: in a mapping, Streamlit would look for data frames, and import pandas for that
    _component(key=key, data=[drawn], default={"width": width}, on_width_change=_noted)
    return per_line


def page_width(key: str) -> int:
    """The page's width in pixels, rounded up to fifties, as the board `key` reported it last.

    Give it to the figures: their cells are then square and their columns stand under the board's.
    """
    state = st.session_state.get(key)
    return int(state["width"]) if state and state.get("width") else FIRST_GUESS


def _noted() -> None:
    """A changed width needs no work of its own: the rerun reads it."""
