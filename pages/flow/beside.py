"""Depth beside time: the same product of Jacobians, with a fresh matrix for each factor or the same one each time."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from models.lens.gradient_flow_chain import ACTIVATIONS, STARTS
from pages.flow.say import counted, numbers, times
from pages.shared import loading, progress
from pages.shared.figure import figure_block
from viz.curves import Line
from viz.flow import HELPED, Band, flow

RANGE = (1e-20, 1e8)
WARNING = (
    "One random draw, and no input after the start, so that nothing but the matrices differs. A trained recurrence "
    "sees inputs and moves its matrix. Attention here reads all states with the last one as its query: its direct path "
    "is short however long the chain, but small where it looks elsewhere."
)


def draw() -> None:
    """Controls and figure."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        factors = st.number_input("Layers or steps", 1, 100, 40, key="links", bind="query-params", width=130)
        width = st.number_input("Width", 1, 128, 16, key="link_width", bind="query-params", width=105)
        activation = st.selectbox("Activation", ACTIVATIONS, index=2, key="link_phi", bind="query-params", width=115)
        start = st.selectbox("Start", STARTS, index=1, key="link_start", bind="query-params", width=135, help=START)
        scale = st.number_input("Scale s", 0.0, 100.0, 1.0, 0.1, key="link_scale", bind="query-params", width=130)
        seed = st.number_input("Seed", 0, 999, 0, key="link_seed", bind="query-params", width=105)
    with st.container(horizontal=True):
        residual = st.toggle("Residual", key="link_residual", bind="query-params", help="h + f(h)")
        gates = st.toggle("Gates", key="link_gates", bind="query-params", help="z · h + (1 − z) · f(h), z near 0.9")
        attention = st.toggle("Attention shortcut", key="link_attention", bind="query-params", help=SHORTCUT)
    asked = (int(factors), int(width), activation, start, float(scale), residual, gates, attention)
    found = progress.result("links", work, asked, int(seed))
    if found is not None:
        _block(found, asked)


START = "orthogonal: W = s Q, lengths are kept up to s. gaussian: entries of variance s² / width."
SHORTCUT = "The end reads all states by attention, so each has a direct path to it."


def work(report: Callable[..., None], asked: tuple[Any, ...], seed: int) -> dict[str, np.ndarray]:
    """The job: both chains."""
    loading.prepare()
    from models.lens.gradient_flow_chain import Links, norms

    links, found = Links(*asked), {}
    for at, name in enumerate(("depth", "time")):
        report(at / 2, f"The chain of {name}")
        found[name] = norms(links, name == "time", seed)
    return found


def per_factor(found: dict[str, np.ndarray]) -> str:
    """The geometric mean of what one factor multiplies the gradient by, in depth and in time."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        mean = {name: float((values[0] / values[-1]) ** (1 / (len(values) - 1))) for name, values in found.items()}
    words = {"depth": "a layer", "time": "a step"}
    said = [
        f"{words[name]} multiplies the gradient by {factor:.3f}" for name, factor in mean.items() if 0 < factor < np.inf
    ]
    return f"On average {', '.join(said)}." if said else "No mean factor: an end is zero or beyond every number."


def _block(found: dict[str, np.ndarray], asked: tuple[Any, ...]) -> None:
    factors = asked[0]
    back = np.arange(factors + 1)
    titles = {"depth": "depth: fresh W", "time": "time: one W"}
    series = [Line(name, titles[name], back, values[::-1], look=HELPED[name]) for name, values in found.items()]
    helps = [word for word, on in zip(("residual", "gates", "attention"), asked[5:], strict=True) if on]
    figure_block(
        "links",
        f"{counted(factors, 'factor')}: through depth the gradient {times(float(found['depth'][0]))}, through time it "
        f"{times(float(found['time'][0]))}",
        flow(
            series,
            x_title="layers or steps back from the end",
            y_title="‖∂ end / ∂ state‖₂",
            y_range=RANGE,
            bands=(Band(0.1, 10, "within 10 times"),),
            height=400,
        ),
        f"With {', '.join(helps) if helps else 'no help'}. {per_factor(found)}"
        f"{numbers(found['depth'], 'Depth')}{numbers(found['time'], 'Time')}",
        lambda: {"back": back.tolist(), **{titles[name]: values[::-1].tolist() for name, values in found.items()}},
        found,
        WARNING,
        "depth-beside-time",
        question="Is time the same as depth?",
    )
