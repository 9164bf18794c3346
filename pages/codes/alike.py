"""View "Similarity": products between positions, and how much of them the offset alone decides."""

import numpy as np
import streamlit as st

from models.lens.positional import likeness
from pages.codes import code, moved
from pages.codes.products import directed, explained, span, spread
from pages.codes.schemes import SINUSOIDAL
from pages.codes.shown import Shown, symmetric
from pages.shared.figure import figure_block
from viz.code_map import code_map
from viz.lines import Line, lines

MEASURES = ("dot", "cosine")
SIDE = 480  # pixels of a figure, so that two stand beside each other where there is room
BIASES = (
    "These are biases: added to the scores of queries and keys, which decide as well what is read. That the offset "
    "alone decides them is how the scheme is built. Far offsets rest on few pairs."
)
WARNING = (
    "These are products of the codes themselves. A network compares them through learned projections, and can turn "
    "a symmetric product into one that knows before from after. Far offsets rest on few pairs."
)


def draw() -> None:
    """The matrix, its mean and spread by offset or one patch on the grid, and for sinusoids the matrix of a shift."""
    shown, measure = code.ask(_measure)
    matrix = shown.between(measure)
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=SIDE):
            _matrix(shown, matrix, measure)
        with st.container(width=SIDE):
            if shown.grid is not None:
                _patch(shown, matrix, measure)
            else:
                _offsets(shown, matrix, measure)
    if shown.scheme is SINUSOIDAL:
        with st.container(width=SIDE):
            moved.draw(shown)


def _measure(shown: Shown) -> str:
    """Dot product or cosine; biases are neither."""
    if shown.biases:
        return "dot"
    chosen = st.segmented_control(
        "Measure", MEASURES, default="dot", required=True, key="pmeasure", bind="query-params"
    )
    return chosen or "dot"


def name_of(shown: Shown, measure: str) -> str:
    """What a cell of the matrix is."""
    if shown.biases:
        return "bias"
    if shown.scheme.key == "rope":
        return "score of one q and k" if measure == "dot" else "cosine of one q and k"
    return "dot product" if measure == "dot" else "cosine"


def _matrix(shown: Shown, matrix: np.ndarray, measure: str) -> None:
    what = name_of(shown, measure)
    limits, scale = colour(shown, matrix, measure)
    axes = shown.axes if shown.biases else (shown.axes[0], f"other {shown.axes[0]}")
    figure_block(
        "alike",
        explained(shown, matrix),
        code_map(
            matrix,
            shown.rows,
            shown.rows,
            limits=limits,
            scale=scale,
            colour_title=what,
            axes=axes,
            marked=shown.row,
            height=470,
            width=SIDE,
        ),
        shown.note,
        lambda: {axes[0]: list(shown.rows), **{name: matrix[:, at].tolist() for at, name in enumerate(shown.rows)}},
        lambda: {"matrix": matrix, "positions": shown.places},
        BIASES if shown.biases else WARNING,
        f"positions-{shown.scheme.key}-{measure}",
        question="Is it the offset?",
    )


def colour(shown: Shown, matrix: np.ndarray, measure: str) -> tuple[tuple[float, float], str]:
    """Limits and scale: a bias as in its own map; one side of zero on one scale, else both alike."""
    if shown.biases:
        return shown.limits, shown.scale
    if not np.isfinite(matrix).any():
        return (-1.0, 1.0), "diverging"
    low, high = np.nanquantile(matrix, [0.005, 0.995]).tolist()
    if low >= 0 and high > low:
        return (low, 1.0 if measure == "cosine" else high), "sequential"
    return ((-1.0, 1.0) if measure == "cosine" else symmetric(matrix)), "diverging"


def _offsets(shown: Shown, matrix: np.ndarray, measure: str) -> None:
    """Mean and spread at each offset, to both sides."""
    known = np.isfinite(matrix)
    if not known.any():
        return
    offsets, mean, low, high = likeness.by_offset(matrix)
    series = [Line("mean", shown.scheme.look.title, offsets, mean, low, high, shown.scheme.look)]
    what = name_of(shown, measure)
    figure_block(
        "alike_offset",
        directed(shown, matrix),
        lines(
            series,
            x_title="offset: key − query, positions",
            y_title=what,
            baselines=_baseline(shown, matrix),
            y_range=span(matrix),
            height=470,
        ),
        spread(matrix, high),
        lambda: {
            "offset": offsets.tolist(),
            "mean": mean.tolist(),
            "least": low.tolist(),
            "greatest": high.tolist(),
        },
        lambda: {"offset": offsets, "mean": mean, "least": low, "greatest": high},
        BIASES if shown.biases else WARNING,
        f"positions-{shown.scheme.key}-{measure}-by-offset",
        question="Distance or direction?",
    )


def _baseline(shown: Shown, matrix: np.ndarray) -> list[tuple[str, float]]:
    """Random codes have products round zero; vectors that are not turned keep their product."""
    if shown.scheme.key == "rope":
        return [("not turned", float(matrix[0, 0]))]
    return [("random codes", 0.0)] if not shown.biases else []


def _patch(shown: Shown, matrix: np.ndarray, measure: str) -> None:
    """The similarity of the framed patch to every patch, on the grid."""
    assert shown.grid is not None
    values = matrix[shown.row].reshape(shown.grid)
    what = name_of(shown, measure)
    limits, scale = colour(shown, matrix, measure)
    best = int(np.argsort(matrix[shown.row])[-2])
    figure_block(
        "alike_patch",
        f"{shown.named(shown.row)} is most like patch {shown.rows[best]}",
        code_map(
            values,
            [str(row) for row in range(shown.grid[0])],
            [str(column) for column in range(shown.grid[1])],
            limits=limits,
            scale=scale,
            colour_title=what,
            axes=("row", "column"),
            height=470,
            width=SIDE,
        ),
        "A code of sines adds a product of rows and one of columns: bright along both lines, not in a circle."
        if shown.scheme.key == "sinusoidal-2d"
        else "",
        lambda: {
            "patch": list(shown.rows),
            what: matrix[shown.row].tolist(),
        },
        lambda: {"values": values},
        WARNING,
        f"positions-{shown.scheme.key}-{measure}-patch",
        question="What is near?",
    )
