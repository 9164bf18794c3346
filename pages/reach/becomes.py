"""View "Becomes convolution": nine heads with quadratic encoding, and how fast they turn into a 3 x 3 convolution."""

from functools import cache

import numpy as np
import streamlit as st

from models.lens.attention_convolution import SHIFTS, at_shift, by_attention, by_convolution, difference, weights
from pages.reach.card import test_card
from pages.shared.figure import figure_block
from viz.curves import Line
from viz.field_maps import FieldPanel, field_maps
from viz.lines import lines
from viz.theme import look

ALPHAS = (0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0)
SIDE, GRID = 15, 7  # pixels of the picture; cells of the grid that a head's weights are drawn on
FLOOR = 1e-9
SHOWN = 460  # pixels of a figure
WARNING = (
    "The theorem says what attention can express when its positions are encoded this way. It does not say that "
    "training finds it, nor that a trained Vision Transformer looks like this. At the border a head whose neighbour is "
    "missing takes the nearest cells, where the convolution takes zero."
)
KERNELS = {
    "edges": np.array([[[[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]]]),
    "blur": np.full((1, 1, 3, 3), 1 / 9),
    "random": np.random.default_rng(0).normal(size=(1, 1, 3, 3)),
}


@cache
def picture() -> np.ndarray:
    """A grey picture [1, SIDE, SIDE] in 0..1, of mean 0."""
    grey = test_card(SIDE).mean(axis=-1) / 255
    return (grey - grey.mean())[None] / np.abs(grey - grey.mean()).max()


@cache
def curve(kernel: str) -> tuple[np.ndarray, np.ndarray]:
    """Largest difference inside and over all cells, for every alpha of a fine grid."""
    fine = np.linspace(0, ALPHAS[-1], 41)
    found = np.array([difference(picture(), KERNELS[kernel], float(alpha)) for alpha in fine])
    return fine, found


def draw() -> None:
    """Alpha and the kernel; the heads beside the difference."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        alpha = st.select_slider(
            "α: how sharply each head looks", ALPHAS, 1.0, key="falpha", bind="query-params", width=320
        )
        kernel = st.segmented_control(
            "Convolution", list(KERNELS), default="edges", required=True, key="fkernel", bind="query-params"
        )
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=SHOWN):
            _heads(float(alpha))
        with st.container(width=SHOWN + 60):
            _difference(float(alpha), kernel or "edges")


def _heads(alpha: float) -> None:
    """Weights of the nine heads round the middle query."""
    middle = (GRID * GRID) // 2
    found = {shift: weights(alpha, shift, GRID, GRID)[middle].reshape(GRID, GRID) for shift in SHIFTS}
    share = at_shift(alpha, (1, -1), GRID, GRID)
    panels = [FieldPanel("transformer", shifted(down, right), found[down, right]) for down, right in SHIFTS]
    figure_block(
        "heads9",
        f"Each head gives {share:.1%} to one neighbour" if share < 0.9995 else "Each head looks at one neighbour alone",
        field_maps(panels, per_line=3, width=SHOWN, colour_title="weight", unit="cells"),
        f"The middle cell's weights over {GRID} × {GRID} cells, a head a shift (rows, columns). Quoted: shift +1, −1.",
        lambda: {
            "shift": [shifted(*shift) for shift in SHIFTS],
            "weight at the shift": [at_shift(alpha, shift, GRID, GRID) for shift in SHIFTS],
        },
        lambda: {"weights": np.stack([found[shift] for shift in SHIFTS]), "shifts": np.array(SHIFTS)},
        WARNING,
        "attention-becomes-convolution-heads",
        question="Where do nine heads look?",
    )


def shifted(down: int, right: int) -> str:
    """A shift in rows and columns."""
    return ", ".join(f"{value:+d}".replace("-", "−") if value else "0" for value in (down, right))


def _difference(alpha: float, kernel: str) -> None:
    fine, found = curve(kernel)
    inside, whole = difference(picture(), KERNELS[kernel], alpha)
    by_heads, by_kernel = by_attention(picture(), KERNELS[kernel], alpha), by_convolution(picture(), KERNELS[kernel])
    named = (("inside", 0, look("transformer")), ("with the border", 1, look("mlp")))
    series = [Line(name, name, fine, np.maximum(found[:, at], FLOOR), look=style) for name, at, style in named]
    series.append(Line("now", f"α = {alpha:g}", np.array([alpha]), np.array([max(inside, FLOOR)]), look=look("cnn")))
    figure_block(
        "becomes",
        f"Largest difference to the convolution: {inside:.2g} inside"
        if inside > FLOOR
        else "Inside the picture, nine heads are the convolution",
        lines(series, x_title="α", y_title="largest difference", log_y=True, y_range=(FLOOR, 10.0), height=400),
        f"A picture of {SIDE} × {SIDE}, values −1 to 1; with the border {whole:.2g}, for it has no neighbours outside.",
        lambda: {"alpha": fine.tolist(), "inside": found[:, 0].tolist(), "with the border": found[:, 1].tolist()},
        lambda: {
            "alpha": fine,
            "largest_difference": found,
            "by_attention": by_heads,
            "by_convolution": by_kernel,
            "kernel": KERNELS[kernel],
        },
        WARNING,
        "attention-becomes-convolution",
        question="Is it a convolution?",
    )
