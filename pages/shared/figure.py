"""THE figure block: finding, figure, sentence, table, downloads, and what may not be concluded from it."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.shared import first, shell
from pages.shared.errors import plain
from viz.board import asset
from viz.enlarge import enlarge
from viz.table import Table, resolve, to_csv, to_html, to_npz

INK = "#646B76"  # Streamlit's own 3.7:1 is too faint; this is 5.3:1 on light, and still 3.3:1 if the viewer goes dark
CONFIG = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
}
PICTURES = """<div class="pictures"><button value="png" aria-label="Save the figure as PNG">PNG</button>
<button value="svg" aria-label="Save the figure as SVG">SVG</button><span role="status"></span></div>"""

_pictures = st.components.v2.component(
    "sightlines_pictures", html=PICTURES, css=asset("css", "pictures"), js=asset("js", "pictures")
)


def figure_block(
    key: str,
    title: str,
    figure: go.Figure,
    sentence: str,
    table: Table | Callable[[], Table],
    arrays: Mapping[str, np.ndarray] | Callable[[], Mapping[str, np.ndarray]],
    warning: str,
    file_stem: str,
    question: str = "",
    on_select: Callable[[], None] | None = None,
    select: Literal["points", "box"] = "points",
    width: int | None = None,
) -> None:
    """Draw one figure with everything that belongs to it; in the light theme its font colour is set.

    `title` is the finding and `sentence` what is to be seen, both computed from the data. `table` (columns by name) and
    `arrays` go to the downloads; given as functions they are built only when asked for. `warning` says what may not be
    concluded. `question` is what the figure answers, in grey before the finding. `on_select` is called when the reader
    chooses a point, or draws a box: `selection(key)` then says which. `width` is the page's width in pixels, for a
    figure of the first screen: it is then sketched until plotly is there.
    """
    with st.container(key=_scope(key), gap="xsmall"):
        st.markdown(f"#### :gray[{plain(question)}] {plain(title)}" if question else f"#### {plain(title)}")
        config = {**CONFIG, "toImageButtonOptions": {"format": "png", "scale": 2, "filename": file_stem}}
        drawn = enlarge(figure, shell.scale(), INK if st.context.theme.type == "light" else "")
        said = f"{title}. {sentence}"
        if width is None or not first.sketched(key, drawn, width, said):
            st.plotly_chart(
                drawn,
                theme="streamlit",
                key=f"{key}_chart",
                config=config,
                alt=said,
                on_select=on_select or "ignore",
                selection_mode=select,
            )
        if sentence:
            st.markdown(plain(sentence))
        _controls(key, title, figure, sentence, table, arrays, warning, file_stem)


def selection(key: str) -> dict[str, Any]:
    """What was chosen in the figure `key`: "points" and "box", each a list; empty lists where nothing was."""
    state = st.session_state.get(f"{key}_chart")
    return dict(state["selection"]) if state else {"points": [], "box": []}


@st.fragment
def _controls(
    key: str,
    title: str,
    figure: go.Figure,
    sentence: str,
    table: Table | Callable[[], Table],
    arrays: Mapping[str, np.ndarray] | Callable[[], Mapping[str, np.ndarray]],
    warning: str,
    stem: str,
) -> None:
    """The row under a figure. A fragment, so that opening the table runs nothing else of the page."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        numbers = st.popover("Table", type="tertiary", key=f"{key}_table", on_change="rerun")
        if numbers.open:
            numbers.dataframe(resolve(table), height=320, width=640, hide_index=True)
        file_button("CSV", lambda: to_csv(resolve(table)), f"{stem}.csv", "text/csv", key)
        file_button(
            "NPZ", lambda: to_npz(arrays() if callable(arrays) else arrays), f"{stem}.npz", "application/zip", key
        )
        file_button("HTML", lambda: to_html(figure, title, sentence, warning, stem), f"{stem}.html", "text/html", key)
        _pictures(key=f"{key}_pictures", data={"scope": _scope(key), "name": stem}, width="content")
        with st.popover("What this does not show", type="tertiary", key=f"{key}_warning"):
            st.markdown(plain(warning))


def file_button(label: str, data: Callable[[], bytes], name: str, mime: str, key: str, hint: str = "") -> None:
    """A download that is built when it is clicked and reruns nothing; `hint` says what is in the file."""
    said = f"Save {name}. {hint}" if hint else f"Save {name}"
    st.download_button(
        label, data, name, mime, key=f"{key}_{label.lower()}", on_click="ignore", type="tertiary", help=said
    )


def _scope(key: str) -> str:
    """The block's key, which Streamlit also writes into the page as a class."""
    return f"figure_{key}"
