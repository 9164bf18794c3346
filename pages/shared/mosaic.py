"""All heads of a model as one mosaic of tiles; a click or the arrow keys choose a head."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from viz.board import asset
from viz.mosaic import hovers, payload

STAGE = """<div class="mosaic"><div class="stage" role="grid" tabindex="0"
aria-label="All heads: arrow keys choose one">
<canvas class="picture" aria-hidden="true"></canvas><div class="cells"></div></div>
<div class="tip" aria-hidden="true" hidden><canvas></canvas><div></div></div>
<div class="foot"><span class="now" role="status"></span>
<span class="note">Colours follow the root of the weight. A cell shows the greatest weight it covers.</span>
<span class="note closed" hidden>Hatched: outside what the mask or window allows.</span>
</div></div>"""

_mosaic = st.components.v2.component(
    "sightlines_mosaic",
    html=STAGE,
    css=asset("css", "canvas", "mosaic"),
    js=asset("js", "canvas", "places", "mosaic"),
)
_chosen = st.components.v2.component("sightlines_chosen", html="<i hidden></i>", js=asset("js", "chosen"))


def mosaic(
    tiles: np.ndarray,
    hover: Callable[[], Sequence[Sequence[str]]],
    selected: tuple[int, int],
    key: str,
    labels: Sequence[str] | None = None,
    missing: Sequence[tuple[int, str]] = (),
    reach: np.ndarray | None = None,
    on_choice: Callable[[int, int], None] | None = None,
) -> tuple[int, int]:
    """Draw the mosaic with `selected` framed and return the head (row, column) that stands chosen now.

    That is `selected`, except in the one rerun that a click or a key caused; the page keeps it. `on_choice` is called
    with it before that rerun, where selectors that hold the same choice may still be set. `hover` gives a text a tile
    [L][H]; it is called when the tiles are on their way, so it may take its time. tiles, labels, missing, reach:
    see `viz.mosaic.payload`.
    """
    layers, heads = tiles.shape[:2]
    if not (0 <= selected[0] < layers and 0 <= selected[1] < heads):
        raise ValueError(f"selected must lie within {layers} layers and {heads} heads; got {tuple(selected)}")
    scope = f"mosaic_{key}"

    def noted() -> None:
        at = _pair(st.session_state[key])
        if at and on_choice:
            on_choice(*at)

    with st.container(key=scope, gap=None):
        result = _mosaic(key=key, data=payload(tiles, labels, missing, reach), on_chosen_change=noted)
        now = _pair(result) or (int(selected[0]), int(selected[1]))
        texts = hovers(hover(), layers, heads)
        _chosen(key=f"{key}_chosen", data={"scope": scope, "chosen": list(now), "hover": texts})
    return now


def _pair(result: object) -> tuple[int, int] | None:
    """The head that the browser just sent, if it sent one."""
    sent = getattr(result, "chosen", None)
    return (int(sent[0]), int(sent[1])) if sent else None
