"""Lines between two columns of tokens: where each query of one or several heads looks."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from viz.board import asset
from viz.head_view import NO_PIECES, payload

STAGE = """<div class="view"><div class="heads" role="group" aria-label="Heads that are drawn"></div>
<div class="scroll" role="application" tabindex="0" aria-describedby="said"
aria-label="Attention lines: up and down choose a token, left and right its column, Escape shows all">
<canvas aria-hidden="true"></canvas><div class="spacer"></div></div>
<p class="said" id="said" role="status"></p>
<div class="foot"><label class="fit"><input type="checkbox">Whole text in view</label></div>
<details><summary>Strongest links as a table</summary><table><thead></thead><tbody></tbody></table></details></div>"""

_head_view = st.components.v2.component(
    "sightlines_head_view",
    html=STAGE,
    css=asset("css", "canvas", "head_view"),
    js=asset("js", "canvas", "lines", "places", "head_view"),
)


def head_view(
    queries: Sequence[str],
    keys: Sequence[str],
    maps: Mapping[str, np.ndarray],
    key: str,
    top: int = 8,
    marked: int | None = None,
    names: tuple[str, str] = ("query", "key"),
    pieces: tuple[Sequence[str], Sequence[str]] = NO_PIECES,
) -> None:
    """Draw the `top` strongest lines of each query, a colour a map of `maps` {label: float32 [Tq, Tk]}.

    Beside each query stands the mass that is not drawn. Hovering, clicking or the arrow keys show one token's lines
    only, and its raw piece (`pieces`, of queries and keys) where that is not its text; `marked` is a query that is
    shown alone at first; `names` heads the columns.
    """
    _head_view(key=key, data=payload(queries, keys, maps, top, marked, names, pieces))
