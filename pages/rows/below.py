"""The questions below the answers, each drawn when the reader comes near it."""

from collections.abc import Callable, Collection

import streamlit as st

from pages.rows import address, attends, changed, costs, depth, distances, sees, shuffle, tested, tested_distance, words
from pages.rows.view import View
from pages.shared import errors, nearby

Draw = Callable[[View], None]
# name, drawing, pixels that it needs on most screens; the first alone has its place on the first screen
ROWS: tuple[tuple[str, Draw, int], ...] = (
    ("sees", sees.draw, 440),
    ("words", words.gradient, 400),
    ("left_out", words.occlusion, 400),
    ("attends", attends.draw, 480),
    ("reach", depth.reach, 360),
    ("gradient", depth.gradient, 360),
    ("cost", costs.draw, 140),
)
MORE: dict[str, Draw] = {
    "Distance": distances.draw,
    "Change one word": changed.draw,
    "Shuffle the words": shuffle.draw,
    "Test set": tested.draw,
}
# key of the address -> its choices
CHOICES: dict[str, Collection[str]] = {
    "more": MORE,
    "colours": sees.SCALES,
    "change_part": changed.PARTS,
    "weights": tested_distance.WEIGHTS,
}


def draw(view: View) -> None:
    """What the address asked for in vain, and all rows, downwards."""
    if remark := address.remark(view, CHOICES):
        st.caption(remark)
    _row(*ROWS[0], view)
    # one place for all others until the reader comes near: eight would delay the first answer
    _row("others", _others, sum(height for _, _, height in ROWS[1:]), view)


def _others(view: View) -> None:
    """The rows below the first screen, each at its own place."""
    for row in ROWS[1:]:
        _row(*row, view)
    st.divider()
    _row("more", _more, 600, view)


@st.fragment
def _row(name: str, drawing: Draw, height: int, view: View) -> None:
    """One question; what goes wrong in it leaves the others alone."""
    with st.container(gap=None):
        if nearby.near(name, height):
            with st.container(), errors.guarded():
                drawing(view)


def _more(view: View) -> None:
    """Questions that are asked one at a time."""
    more = st.segmented_control("Ask more", MORE, default="Distance", required=True, key="more", bind="query-params")
    MORE[more or "Distance"](view)
