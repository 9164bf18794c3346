"""A bare recurrent cell: its exact Jacobians beside theory, its gates, clipping, and what an input really changes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from models.lens.gradient_flow_time import CELLS, Recurrence, clip_factor
from pages.flow.say import counted, numbers, times
from pages.shared import loading, progress
from pages.shared.figure import figure_block
from viz.curves import Line
from viz.flow import MEASURES, Band, flow

RANGE = (1e-16, 1e6)


def draw() -> None:
    """Controls and figure."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        cell = st.segmented_control("Cell", CELLS, default="tanh", required=True, key="cell", bind="query-params")
        steps = st.number_input("Steps", 1, 200, 50, key="cell_steps", bind="query-params", width=105)
        width = st.number_input("Width", 1, 128, 16, key="cell_width", bind="query-params", width=105)
        scale = st.number_input(
            "Scale s", 0.0, 100.0, 1.0, 0.1, key="cell_scale", bind="query-params", width=130, help=SCALE
        )
        bias = 1.0
        if cell == "LSTM":
            bias = st.number_input(
                "Forget bias", -10.0, 10.0, 1.0, 1.0, key="cell_bias", bind="query-params", width=130
            )
        most = st.number_input(
            "Clip at norm", value=0.0, format="%g", step=None, key="clip", bind="query-params", width=115, help=CLIP
        )
    if not (np.isfinite(most) and most >= 0):
        raise ValueError(f"The clipping norm must be a finite number of at least 0; got {most:g}.")
    asked = (cell or "tanh", int(width), int(steps), float(scale), float(bias))
    found = progress.result("cell", work, asked)
    if found is not None:
        _block(found, asked, float(most))


SCALE = "The matrix between states is s times a random orthogonal one: all its singular values are s."
CLIP = "0 does not clip. Otherwise the gradient of all weights together is shortened to this norm where it is longer."
WARNING = (
    "One random cell. Clipping shortens all steps by one factor: it keeps a step from being too large and brings no "
    "far gradient back. The direct path of an LSTM (the product of forget gates) is only a part of its Jacobian. A "
    "change of input measured by substitution is finite: where units saturate it can be large though the "
    "gradient is nil."
)


def work(report: Callable[..., None], asked: tuple[Any, ...]) -> Recurrence:
    """The job."""
    loading.prepare()
    from models.lens.gradient_flow_time import recurrence

    report(0.1, "One backward pass for every unit")
    cell, width, steps, scale, bias = asked
    return recurrence(cell, width, steps, scale, bias)


def curves(found: Recurrence, most: float) -> dict[str, tuple[str, np.ndarray]]:
    """Name of a look -> (title, values by state 0 .. T)."""
    drawn = {"gradient": ("‖∂ end / ∂ state‖₂", found.norms), "substitution": ("substitution", found.change)}
    if found.bound is not None:
        drawn["bound"] = ("bound (γ σ₁)ᵏ", found.bound)
    if found.theory is not None:
        drawn["theory"] = ("theory sᵏ", found.theory)
    if found.forget is not None:
        drawn["kept"] = ("product of gates", found.forget)
    if most:
        drawn["loss"] = (MEASURES["loss"].title, found.loss)
        drawn["clipped"] = (MEASURES["clipped"].title, found.loss * clip_factor(found.total, most))
    return drawn


def clipping(total: float, most: float) -> str:
    """What clipping does to the loss's gradient, in words."""
    factor = clip_factor(total, most)
    does = "leaves it" if factor == 1 else f"multiplies what every step adds by {factor:.2g}"
    return f"The loss's gradient for all weights has norm {total:.2g}: clipping {does}."


def _block(found: Recurrence, asked: tuple[Any, ...], most: float) -> None:
    cell, steps = asked[0], len(found.change)
    drawn = curves(found, most)
    back = np.arange(steps + 1)
    series = [
        Line(name, title, back[: len(values)], values[::-1], look=MEASURES[name])
        for name, (title, values) in drawn.items()
    ]
    clip = f" {clipping(found.total, most)}" if most else ""
    figure_block(
        "cell",
        f"Over {counted(steps, 'step')} the {cell} cell's gradient {times(float(found.norms[0]))}",
        flow(
            series,
            x_title="steps back from the end",
            y_title="norm",
            y_range=RANGE,
            bands=(Band(0.1, 10, "within 10 times"),),
            height=400,
        ),
        f"{READ[cell]}{clip}{numbers(found.norms, 'Jacobians')}",
        lambda: {
            "steps back": back.tolist(),
            **{title: [*v[::-1].tolist(), *[float("nan")] * (steps + 1 - len(v))] for title, v in drawn.values()},
        },
        {name: values for name, (_, values) in drawn.items()},
        WARNING,
        "gradient-through-time",
        question="What is left of the gradient?",
    )


READ = {
    "linear": "A linear cell with an orthogonal matrix multiplies by exactly s at each step.",
    "tanh": "The bound is s to the number of steps: tanh only ever shortens.",
    "sigmoid": "The slope of a sigmoid is at most 1/4, so the bound is (s/4) to the number of steps.",
    "LSTM": "The product of forget gates is the direct path through the cell, here of its best unit.",
    "GRU": "The update gate carries the old state past the matrix; there is no closed bound.",
}
