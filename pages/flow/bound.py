"""Why the bound needs the largest singular value: a recurrence with zero eigenvalues whose gradient doubles."""

import numpy as np
import streamlit as st

from models.lens.gradient_flow_chain import COUNTEREXAMPLE, pascanu
from pages.shared.figure import figure_block
from viz.curves import Line
from viz.flow import MEASURES, flow

STEPS = 12
RANGE = (1e-2, 1e16)


def draw() -> None:
    """The measured Jacobian, both bounds."""
    steps, values = np.arange(1, STEPS + 1), pascanu(*COUNTEREXAMPLE, STEPS)
    singular = 16.0**steps
    st.latex(
        r"x_t = W \tanh(x_{t-1}) + b, \quad W = \begin{pmatrix} 8 & 8 \\ -8 & -8 \end{pmatrix}, \quad "
        r"b = \begin{pmatrix} -4 \\ 4.549 \end{pmatrix}, \quad x_0 = \begin{pmatrix} 0 \\ 0.549 \end{pmatrix}"
    )
    series = [
        Line("", "measured", steps, values, look=MEASURES["gradient"]),
        Line("", "16ᵗ, singular value", steps, singular, look=MEASURES["bound"]),
        Line("", "0ᵗ, eigenvalue", steps, np.zeros(STEPS), look=MEASURES["update"]),
    ]
    figure_block(
        "bound",
        f"Every eigenvalue of W is 0, yet the gradient doubles at each step, to {values[-1]:,.0f} after {STEPS}",
        flow(series, x_title="steps", y_title="‖∂xₜ / ∂x₀‖₂", y_range=RANGE, height=360),
        "The text of Pascanu et al. 2013 asks the largest eigenvalue to be below 1/γ. That holds for a linear "
        "recurrence only; the largest singular value (16) bounds every one.",
        {"steps": steps.tolist(), "measured": values.tolist(), "bound by singular value": singular.tolist()},
        {"steps": steps, "measured": values, "singular": singular},
        "A matrix made for the purpose. For the random and orthogonal matrices that networks start with, the two "
        "conditions differ little; a trained matrix may lie anywhere between.",
        "eigenvalue-counterexample",
        question="Which number bounds the gradient?",
    )
