"""The permutation test over the architectures: f(Px) = P f(x), or not."""

import numpy as np
import streamlit as st

from models.lens.permutation import INVISIBLE, PERMUTATIONS, invisible
from pages.codes.disturbed_work import Tested
from pages.shared.figure import figure_block
from viz.forest import ForestPanel, Mark, forest
from viz.theme import OUTLINE, look

WARNING = (
    "The test asks whether a network CAN tell order, not whether it uses it: a network that fails may still give the "
    "same answer to every order of the words. Without positions the transformer runs with weights that were trained "
    "with them; the result does not depend on the weights."
)


def draw(found: list[Tested]) -> None:
    """Errors of eight permutations a network, on a log axis."""
    st.latex(r"f(Px)=P\,f(x)\ \text{for every permutation}\ P\quad\Longleftrightarrow\quad\text{order is invisible}")
    rows = [(test.title, look(test.family).colour if test.family else OUTLINE) for test in found]
    figure_block(
        "permutation",
        finding(found),
        forest(
            [ForestPanel("", [[_mark(test)] for test in found], [("10⁻⁶: below it order is invisible", INVISIBLE)])],
            rows,
            x_title="largest |f(Px) − P f(x)| of any feature, log scale",
            x_range=(1e-17, 100.0),
            log=True,
        ),
        " ".join([said(found), *(f"{test.title}: {test.note}." for test in found if test.note)]),
        lambda: table(found),
        lambda: {test.title.replace(" ", "_"): test.errors for test in found if test.errors is not None},
        WARNING,
        "permutation-test",
        question="Who sees the order of the words?",
    )


def _mark(test: Tested) -> Mark | None:
    if test.errors is None:
        return None
    worst = float(test.errors.max())
    return Mark(worst, runs=test.errors.tolist(), text=f"{test.title}: {worst:.2g}")


def finding(found: list[Tested]) -> str:
    """Who cannot see order at all."""
    blind = [test.title for test in found if test.errors is not None and invisible(test.errors)]
    if not blind:
        return "Every network sees the order of these words"
    names = blind[0] if len(blind) == 1 else f"{', '.join(blind[:-1])} and {blind[-1]}"
    return f"{names} cannot see the order of these words; all others can"


def said(found: list[Tested]) -> str:
    """What the mask alone does."""
    causal, encoder = found[-1], found[-2]
    return (
        f"The last two rows have the same weights: without positions the encoder's error is {_worst(encoder)}, a "
        f"causal mask alone makes it {_worst(causal)}. Big mark: the worst of {PERMUTATIONS} permutations; dots: all."
    )


def _worst(test: Tested) -> str:
    return "unknown" if test.errors is None else f"{np.max(test.errors):.1g}"


def table(found: list[Tested]) -> dict[str, list]:
    """Network, permutation, error, and whether order is invisible."""
    rows = [
        (test.title, at + 1, float(error), "yes" if error < INVISIBLE else "no")
        for test in found
        if test.errors is not None
        for at, error in enumerate(test.errors)
    ]
    columns = ("network", "permutation", "largest difference", "below 1e-6")
    return {name: [row[at] for row in rows] for at, name in enumerate(columns)}
