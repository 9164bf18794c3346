"""View "Code": what a scheme gives every position, with wavelengths and a cursor on one position."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from pages.codes import added, controls, scored
from pages.codes.shown import Shown
from pages.shared.figure import figure_block
from viz.code_map import code_map
from viz.lines import Line, lines
from viz.theme import Look

MAKERS: dict[str, Callable[[tuple[str, ...]], Shown]] = {
    "sinusoidal": added.sinusoidal,
    "learned": added.learned,
    "rope": scored.rope,
    "alibi": scored.alibi,
    "t5": scored.t5,
    "sinusoidal-2d": added.sinusoidal_2d,
    "learned-2d": added.learned_2d,
    "none": added.none,
}
NEXT = Look("the next one", "#808080", "dot", "square")
COSINE = Look("cosine", "#6B8E23", "dash", "square")
WARNING = (
    "A code is what the network is given, not what it uses: learned projections may read some features, turn them, or "
    "ignore them. Codes of a model are scaled and mixed with the words before any score is made."
)
BIASES = (
    "A bias is added to a score before the softmax: the contents of query and key decide the rest and may outweigh it."
)


def ask(more: Callable[[Shown], str] = lambda shown: "") -> tuple[Shown, str]:
    """Scheme, sentence, the scheme's own controls and one `more`; the way back from a bad number is always drawn."""
    scheme, words = controls.scheme()
    with controls.row():
        try:
            shown = MAKERS[scheme.key](words)
            return shown, more(shown)
        finally:
            controls.exact_toggle()


def draw() -> None:
    """The map of all drawn positions, and the code of one."""
    shown, _ = ask()
    figure = code_map(
        shown.values,
        shown.rows,
        shown.columns,
        limits=shown.limits,
        colour_title=shown.measure,
        scale=shown.scale,
        axes=shown.axes,
        waves=shown.waves,
        length=shown.length if shown.waves is not None else None,
        marked=shown.row,
    )
    figure_block(
        "code",
        shown.finding,
        figure,
        sentence(shown),
        lambda: table(shown),
        lambda: arrays(shown),
        BIASES if shown.biases else WARNING,
        f"positions-{shown.scheme.key}-code",
        question=f"{shown.scheme.title}.",
    )
    _one(shown)


def sentence(shown: Shown) -> str:
    """How much two neighbours differ at the cursor, and what is left out."""
    parts = [f"Marked: {shown.named(shown.row).lower()}.", shown.note]
    if shown.row + 1 < len(shown.values) and not shown.biases:
        step = float(np.linalg.norm(shown.values[shown.row + 1] - shown.values[shown.row]))
        if np.isfinite(step):
            parts.insert(1, f"Its code and the next one differ by {step:.3g} in norm.")
    return " ".join(part for part in parts if part)


def table(shown: Shown) -> dict[str, list]:
    """A row a position, a column a feature or key."""
    columns = {f"{shown.axes[1]} {name}": shown.values[:, at].tolist() for at, name in enumerate(shown.columns)}
    return {shown.axes[0]: list(shown.rows), **columns}


def arrays(shown: Shown) -> dict[str, np.ndarray]:
    """The drawn values, their positions, and the wavelength of each feature."""
    found = {"values": shown.values, "positions": shown.places}
    return found if shown.waves is None else {**found, "wavelengths": shown.waves}


def _one(shown: Shown) -> None:
    """The code of the framed position as a curve, beside the next one's."""
    at = shown.row
    if not np.isfinite(shown.values[at]).any():
        st.info(f"{shown.named(at)} has no code under this scheme.")
        return
    figure_block(
        "code_one",
        one_finding(shown),
        lines(curves(shown), x_title=shown.axes[1], y_title=shown.measure, y_range=_range(shown), height=260),
        "",
        lambda: {shown.axes[1]: list(shown.columns), shown.measure: shown.values[at].tolist()},
        lambda: {"values": shown.values[at]},
        BIASES if shown.biases else WARNING,
        f"positions-{shown.scheme.key}-{shown.axes[0]}-{shown.places[at]}",
    )


def curves(shown: Shown) -> list[Line]:
    """Sines and cosines apart where features come in such pairs; else the framed code and the next one."""
    at = shown.row
    x = shown.places if shown.biases else np.arange(len(shown.columns))
    values = shown.values[at]
    if shown.scheme.key.startswith("sinusoidal"):
        return [
            Line(name, name, x[start::2], values[start::2], look=look)
            for start, name, look in ((0, "sine", shown.scheme.look), (1, "cosine", COSINE))
        ]
    series = [Line("one", shown.rows[at], x, values, look=shown.scheme.look)]
    if at + 1 < len(shown.values) and np.isfinite(shown.values[at + 1]).any():
        series.insert(0, Line("next", shown.rows[at + 1], x, shown.values[at + 1], look=NEXT))
    return series


def one_finding(shown: Shown) -> str:
    """Where the framed code and the next one differ most."""
    at = shown.row
    name = shown.named(at)
    if shown.biases:
        known = shown.values[at][np.isfinite(shown.values[at])]
        return f"{name} adds between {known.min():.2g} and {known.max():.2g} to its scores".replace("-", "−")
    if at + 1 >= len(shown.values):
        return f"{name} is the last one drawn"
    apart = np.abs(shown.values[at + 1] - shown.values[at])
    if not np.isfinite(apart).any() or np.nanmax(apart) == 0:
        return f"{name} and the next one look alike" if np.isfinite(apart).any() else f"{name} has no next one"
    return f"{name} and the next one differ most at {shown.axes[1]} {shown.columns[int(np.nanargmax(apart))]}"


def _range(shown: Shown) -> tuple[float, float]:
    """One fixed range for every position."""
    low, high = shown.limits
    pad = 0.06 * (high - low)
    return low - pad, high + pad
