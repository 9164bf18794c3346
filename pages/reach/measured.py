"""View "Measured": how much of the field is used, by stacks made to order with untrained weights."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from models.lens.receptive_field_measure import SHARES, EffectiveField
from models.lens.receptive_field_stack import LARGEST, SAMPLES, WEIGHTS, Stack, measure
from pages.shared import errors, loading, progress
from pages.shared.figure import figure_block
from viz.curves import Line
from viz.field_maps import FieldPanel, Square, field_maps
from viz.lines import lines
from viz.theme import Look, look

DILATIONS = {"1": (1,), "2": (2,), "1 2 4": (1, 2, 4)}
POOLS = {"none": 0, "every 4": 4, "every 2": 2}
MAP, CURVE = 470, 550  # pixels
LAST = "_last_field"
WARNING = (
    "One unit far from every border, weights at their random start. A field is no Gaussian where few layers, ReLU or "
    "training shape it: sigma needs no threshold and compares best. Trained networks are in the view By depth."
)
EXACT = Look("formula", "#0072B2", "dot", "circle")


def draw() -> None:
    """The stack's controls above its field."""
    with errors.guarded():
        stack = ask()
        field = progress.result("field", compute, stack)
        if field is not None:
            st.session_state[LAST] = stack, field
    if LAST in st.session_state:
        show(*st.session_state[LAST])


def ask() -> Stack:
    """Kernel, depth, dilation, skip, pooling, weights."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kernel = st.segmented_control(
            "Kernel", ("3", "5", "7"), default="3", required=True, key="fk", bind="query-params"
        )
        depth = st.slider("Layers", 1, 20, 10, key="fn", bind="query-params", width=130)
        dilation = st.segmented_control(
            "Dilation", list(DILATIONS), default="1", required=True, key="fd", bind="query-params"
        )
        pool = st.segmented_control(
            "Halved", list(POOLS), default="none", required=True, key="fp", bind="query-params", help="Average pooling."
        )
        weights = st.segmented_control(
            "Weights", WEIGHTS, default="random", required=True, key="fw", bind="query-params", help=HELP
        )
        skip = st.toggle("Skips", key="fskip", bind="query-params")
    return Stack(
        int(kernel or 3), int(depth), DILATIONS[dilation or "1"], skip, POOLS[pool or "none"], weights or "random"
    )


HELP = (
    "uniform: all weights equal and no activation; the field is exact. random: independent weights of mean 0; the mean "
    f"of the squared gradient over {SAMPLES} draws. Both have the formula's sigma. ReLU: random weights, measured only."
)


def compute(report: Callable[..., None], stack: Stack) -> EffectiveField:
    """The job."""
    loading.prepare()
    return measure(stack, report=report)


def show(stack: Stack, field: EffectiveField) -> None:
    """The map beside its profile."""
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=MAP):
            _map(stack, field)
        with st.container(width=CURVE):
            _profile(stack, field)


def _map(stack: Stack, field: EffectiveField) -> None:
    middle = (len(field.map) - 1) / 2
    squares = [Square("could see", (middle, middle), stack.size / 2, True)]
    squares += [
        Square(f"{share:.0%}", (middle, middle), half + 0.5)
        for share, half in zip(SHARES, field.widths, strict=True)
        if half + 0.5 < stack.size / 2 - 0.5
    ]
    used = 2 * field.widths[1] + 1
    figure_block(
        "field_map",
        f"90% of the influence lies in {(used / stack.size) ** 2:.0%} of the field",
        field_maps([FieldPanel("cnn", described(stack), field.map / field.map.max(), squares)], per_line=1, width=MAP),
        f"{stack.size} × {stack.size} pixels could be seen; 90% of the mass lies in the middle {used} × {used}.",
        lambda: table(stack, field),
        lambda: {"field": field.map},
        WARNING,
        "effective-field",
        question="How much is used?",
    )


def _profile(stack: Stack, field: EffectiveField) -> None:
    """Mass by column against the Gaussian of the formula's sigma."""
    profile = field.map.sum(axis=0)
    place = np.arange(len(profile)) - (len(profile) - 1) / 2
    bell = np.exp(-(place**2) / (2 * stack.exact**2))
    name = "formula's Gaussian" if stack.weights != WEIGHTS[2] else "linear Gaussian"
    series = [
        Line("cnn", "measured", place, profile, look=look("cnn")),
        Line("formula", name, place, bell / bell.sum(), look=EXACT),
    ]
    figure_block(
        "field_profile",
        f"σ is {field.sigma:.2f} pixels; the formula says {stack.exact:.2f}",
        lines(series, x_title="pixels from the middle", y_title="share of the influence", height=410),
        f"σ² = Σ S² d² (k² − 1) / 12 over the layers{', halved by the skips' if stack.skip else ''}: it grows with the "
        f"root of the depth, the field itself with the depth. {4 * stack.exact / stack.size:.0%} of the side is 4 σ.",
        lambda: {
            "pixels from the middle": place.tolist(),
            "measured": profile.tolist(),
            name: (bell / bell.sum()).tolist(),
        },
        lambda: {"place": place, "profile": profile, "gaussian": bell / bell.sum()},
        WARNING,
        "effective-field-profile",
        question="How wide is it?",
    )


def described(stack: Stack) -> str:
    """The stack in a few words."""
    skip = ", skips" if stack.skip else ""
    return f"{stack.depth} layers of {stack.kernel} × {stack.kernel}{skip}, {stack.weights}"


def table(stack: Stack, field: EffectiveField) -> dict[str, list]:
    rows: list[tuple[str, float]] = [
        ("theoretical field, pixels", stack.size),
        ("sigma, measured", field.sigma),
        ("sigma, formula", stack.exact),
        *((f"half side with {share:.0%}", half) for share, half in zip(SHARES, field.widths, strict=True)),
        ("largest field that is measured", LARGEST),
    ]
    return {"quantity": [name for name, _ in rows], "value": [float(value) for _, value in rows]}
