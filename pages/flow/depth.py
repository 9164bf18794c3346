"""Through depth: a stack that the reader shapes, all its norms in one plot, beside theory and beside what helps."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from models.lens import gradient_flow_theory as theory
from models.lens.gradient_flow_stack import PRECISIONS, Depth, fitted, weights_of
from pages.flow.say import counted, numbers, power_of_ten, times
from pages.shared import loading, progress
from pages.shared.figure import figure_block
from pages.shared.settings import limits
from viz.curves import Line
from viz.flow import HELPED, MEASURES, Band, flow

# the same words as in models.zoo.stack, which imports torch; a test compares them
KINDS = ("fully connected", "convolution", "recurrent", "attention")
ACTIVATIONS = ("sigmoid", "tanh", "relu", "gelu", "linear")
STARTS = ("xavier", "he", "orthogonal", "scaled")
NORMS = ("none", "layer before", "layer after", "batch before", "batch after")
RANGE = (1e-20, 1e4)
BANDS = (Band(0.1, 10, "healthy: within 10 times of the top layer"), Band(1e-4, 1e-2, "healthy update"))
SMALLEST = {"float64": 4.9e-324, "float32": 1.4e-45}  # above zero
THIS, HELP = "this stack", "with help"
Asked = tuple[tuple[Any, ...], int, str, float]
WARNING = (
    "A stack at its start, with random inputs: training changes every one of these norms. A small gradient at the "
    "first layer is not yet a network that cannot learn, since Adam divides by its size; an underflow to zero is. The "
    "band is a rule of thumb, and the update depends on the loss, here <r, h_L> with a random r of length 1. "
    "Parameter-gradient norms grow with a layer's size: compare them within a stack, not between widths."
)


def draw() -> None:
    """Controls, then one figure."""
    settings, seed, precision, rate = ask()
    show = st.segmented_control(
        "Show",
        (THIS, HELP),
        default=THIS,
        required=True,
        key="stack_show",
        bind="query-params",
        label_visibility="collapsed",
    )
    if show == HELP:
        found = progress.result("stack_help", helped, settings, seed, precision)
        if found is not None:
            _help(found, precision)
        return
    found = progress.result("stack", measured, settings, seed, precision)
    if found is not None:
        _stack(found, settings, precision, rate)


def ask() -> Asked:
    """(settings of a Shape, seed, precision, learning rate)."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox("Layers", KINDS, key="kind_of_layer", bind="query-params", width=160)
        depth = st.number_input("Depth", 1, 100, 30, key="depth", bind="query-params", width=105)
        width = st.number_input("Width", 1, 512, 64, key="width", bind="query-params", width=105)
        activation = st.selectbox("Activation", ACTIVATIONS, key="activation", bind="query-params", width=115)
        start = st.selectbox("Start", STARTS, key="init", bind="query-params", width=125, help=START)
        scale = 1.0
        if start == "scaled":
            scale = st.number_input("s", 0.0, 100.0, 1.667, key="gain", bind="query-params", width=105, format="%g")
        norm = st.selectbox("Norm", NORMS, key="norm", bind="query-params", width=140)
        with st.popover("More"):
            rate = st.number_input(
                "Learning rate", value=1e-3, format="%g", step=None, key="flow_lr", bind="query-params"
            )
            precision = st.segmented_control(
                "Precision", PRECISIONS, default="float64", required=True, key="precision", bind="query-params"
            )
            seed = st.number_input("Seed", 0, 999, 0, key="stack_seed", bind="query-params")
        residual = st.toggle("Residual", key="residual", bind="query-params")
    if not (np.isfinite(rate) and rate >= 0):
        raise ValueError(f"The learning rate must be a finite number of at least 0; got {rate:g}.")
    if (count := weights_of(kind, int(depth), int(width))) > (most := limits().stack_weights):
        raise ValueError(
            f"A stack of {depth} layers ({kind}) of width {width} has {count:,} weights; at most {most:,} are computed "
            "here. Make it less deep or less wide."
        )
    how, _, place = (norm or "none").partition(" ")
    settings = (kind, int(depth), int(width), activation, start, float(scale), how, place or "before", bool(residual))
    return settings, int(seed), precision or PRECISIONS[0], float(rate)


START = (
    "How weights are drawn. xavier: variance 2 / (inputs + outputs). he: 2 / outputs, made for ReLU. orthogonal: keeps "
    "lengths. scaled: s² / inputs."
)


Measured = tuple[Depth, np.ndarray | None]  # norms, and where a gradient is zero the powers of ten behind it


def measured(report: Callable[..., None], settings: tuple[Any, ...], seed: int, precision: str) -> Measured:
    """The job: one stack."""
    report(0.1, "Building the stack and sending a gradient back")
    loading.prepare()
    from models.zoo.stack import Shape

    return _through(Shape(*settings), seed, precision)


def helped(report: Callable[..., None], settings: tuple[Any, ...], seed: int, precision: str) -> dict[str, Measured]:
    """The job: the same stack as it is and with help."""
    loading.prepare()
    from models.zoo.stack import Shape

    own = Shape(*settings)
    plain = replace(own, residual=False, normalisation="none")
    norm = replace(plain, normalisation="layer", place="before")
    variants: dict[str, Shape] = {
        "plain": plain,
        "residual": replace(plain, residual=True),
        "norm": norm,
        "both": replace(norm, residual=True),
    }
    found = {}
    for at, (name, shape) in enumerate(variants.items()):
        report(at / 4, f"The stack {'as it is' if name == 'plain' else 'with ' + HELPED[name].title}")
        found[name] = _through(shape, seed, precision)
    return found


def _through(shape: Any, seed: int, precision: str) -> Measured:
    from models.lens.gradient_flow_stack import powers, through

    found = through(shape, seed, precision)
    return found, powers(shape, seed) if (found.gradient == 0).any() else None


def predicted(settings: tuple[Any, ...]) -> np.ndarray | None:
    """Theory's gradient norms, where there is theory: a plain fully connected stack."""
    kind, depth, _, activation, start, scale, norm, _, residual = settings
    if kind != KINDS[0] or norm != "none" or residual:
        return None
    return theory.gradient(activation, start, depth, scale)


def _stack(both: Measured, settings: tuple[Any, ...], precision: str, rate: float) -> None:
    found, powers = both
    depth, expected = len(found.parameters), predicted(settings)
    curves = {
        "gradient": found.gradient,
        "activation": found.activation,
        "parameters": found.parameters,
        "update": found.update(rate),
    }
    if expected is not None:
        curves["theory"] = expected
    series = [
        Line(name, MEASURES[name].title, np.arange(depth + 1)[-len(values) :], values, look=MEASURES[name])
        for name, values in curves.items()
    ]
    said = per_layer(found, expected)
    least = found.gradient[found.gradient > 0].min(initial=np.inf)
    if least < RANGE[0]:
        said += f" The smallest gradient above zero is {least:.1e}, below the axis (open triangles)."
    figure_block(
        "stack",
        finding(found.gradient, powers, precision),
        flow(series, x_title="layer (0 is the input)", y_title="norm", y_range=RANGE, bands=BANDS),
        f"{said}{numbers(found.gradient, 'Gradients', zeros(found.gradient, powers, precision))}",
        lambda: {
            "layer": list(range(depth + 1)),
            "gradient": found.gradient.tolist(),
            "activation, root mean square": found.activation.tolist(),
            "parameter gradient": [float("nan"), *found.parameters.tolist()],
            "weights": [float("nan"), *found.weights.tolist()],
            "update / weights": [float("nan"), *found.update(rate).tolist()],
            "theory": [float("nan")] * (depth + 1) if expected is None else expected.tolist(),
        },
        curves,
        WARNING,
        "gradient-through-depth",
        question="Does the gradient reach the first layer?",
    )


def per_layer(found: Depth, expected: np.ndarray | None) -> str:
    """The fitted factor of a layer beside theory's; a line needs two layers that get a gradient."""
    if np.isnan(found.factor):
        return "Too few layers get a gradient to fit a factor."
    said = f"Each layer multiplies the gradient by {found.factor:.3f} on the way back (fitted)"
    theirs = float("nan") if expected is None else fitted(expected[1:])
    return f"{said}." if np.isnan(theirs) else f"{said}; theory for infinite width: {theirs:.3f}."


def finding(gradient: np.ndarray, powers: np.ndarray | None, precision: str) -> str:
    """What becomes of the gradient between the last layer and the input."""
    over = counted(len(gradient) - 1, "layer")
    if gradient[0] != 0 or powers is None:
        return f"The gradient {times(float(gradient[0] / gradient[-1]))} over {over}"
    if np.isinf(powers[0]):
        at = int(np.flatnonzero(np.isinf(powers))[-1]) + 1
        return f"The gradient ends at layer {at} of {len(gradient) - 1}, which passes nothing back"
    kind = "underflows" if powers[0] < np.log10(SMALLEST[precision]) else "is rounded to zero"
    return f"The gradient {kind} in {precision} over {over}: at the input it is {power_of_ten(powers[0])}, held as 0"


def zeros(gradient: np.ndarray, powers: np.ndarray | None, precision: str) -> str:
    """What the zeros among the gradients are."""
    held = int(((gradient == 0) & np.isfinite(powers)).sum()) if powers is not None else 0
    if not held:
        return "exactly zero: nothing comes back through the layer above"
    return f"0 in {precision} ({held} by underflow or rounding: it holds nothing below {SMALLEST[precision]:.1e})"


def fate(found: Depth, powers: np.ndarray | None, precision: str) -> str:
    """What becomes of one of several gradients, in few words."""
    if found.gradient[0] != 0 or powers is None:
        return times(float(found.gradient[0]))
    if np.isinf(powers[0]):
        return "ends at a layer that passes nothing back"
    return f"falls to {power_of_ten(powers[0])}, which {precision} holds as 0"


def _help(both: dict[str, Measured], precision: str) -> None:
    found = {name: one.gradient for name, (one, _) in both.items()}
    series = [
        Line(name, HELPED[name].title, np.arange(len(values)), values, look=HELPED[name])
        for name, values in found.items()
    ]
    known = {name: fitted(values[1:]) for name, values in found.items()}
    factors = ", ".join(f"{HELPED[name].title} {factor:.3f}" for name, factor in known.items() if np.isfinite(factor))
    plain, residual = (fate(*both[name], precision) for name in ("plain", "residual"))
    figure_block(
        "stack_help",
        f"As it is, the gradient {plain}; with a residual path it {residual}",
        flow(series, x_title="layer (0 is the input)", y_title="gradient norm", y_range=RANGE, bands=BANDS[:1]),
        f"The same weights, four ways. Factor a layer: {factors or 'none to fit'}. The norm stands before each layer.",
        lambda: {"layer": list(range(len(found["plain"]))), **{name: v.tolist() for name, v in found.items()}},
        found,
        WARNING,
        "gradient-with-help",
        question="What do a residual path and a norm do?",
    )
