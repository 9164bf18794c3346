"""The files of the views that the browser draws on a canvas: numbers, a drawing that scales, a page of its own."""

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from pages.shared import errors
from pages.shared.errors import plain
from pages.shared.figure import file_button
from viz.board import asset
from viz.table import Table, to_csv, to_npz
from viz.vector import page

RASTER = """<div class="pictures"><button aria-label="Save the drawing as PNG">PNG</button>
<span role="status"></span></div>"""

_raster = st.components.v2.component(
    "sightlines_raster", html=RASTER, css=asset("css", "pictures"), js=asset("js", "raster")
)


def row(
    key: str,
    title: str,
    sentence: str,
    warning: str,
    drawing: Callable[[], str],
    table: Callable[[], Table],
    arrays: Callable[[], Mapping[str, np.ndarray]],
    stem: str,
    npz_stem: str = "",
    hint: str = "",
) -> None:
    """Buttons whose files are built when they are clicked, and what may not be concluded.

    `npz_stem` and `hint` name the NPZ and say what it holds, where that is not what the others hold.
    """
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        file_button("CSV", lambda: to_csv(table()), f"{stem}.csv", "text/csv", key)
        file_button("NPZ", lambda: to_npz(arrays()), f"{npz_stem or stem}.npz", "application/zip", key, hint)
        with st.container(width="content"):
            _png(f"{key}_png", drawing, stem)
        file_button("SVG", lambda: drawing().encode("utf-8"), f"{stem}.svg", "image/svg+xml", key)
        file_button("HTML", lambda: page(drawing(), title, sentence, warning), f"{stem}.html", "text/html", key)
        with st.popover("What this does not show", type="tertiary", key=f"{key}_warning"):
            st.markdown(plain(warning))


@st.fragment
def _png(key: str, drawing: Callable[[], str], stem: str) -> None:
    """The browser paints the PNG, and asks for the drawing first: that runs nothing else of the page."""
    painted = ""
    with errors.guarded():
        if st.session_state.get(key, {}).get("asked"):
            painted = drawing()
    data = {"drawing": painted, "name": stem}
    _raster(key=key, data=data, on_asked_change=_noted, width="content")


def _noted() -> None:
    """The click needs no work of its own: the rerun that it causes sends the drawing."""
