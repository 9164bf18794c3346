"""On the user's model: the same figure as for a shaped stack, for any model that can be loaded."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from models.lens.gradient_flow_model import Layers
from models.lens.gradient_flow_stack import fitted
from pages.flow import choice
from pages.flow.say import numbers, times
from pages.shared import loading, progress, shell
from pages.shared.figure import figure_block
from viz.curves import Line
from viz.flow import MEASURES, Band, flow

RANGE = (1e-16, 1e4)
TASK, NORM = "its own task", "norm of the output"
WARNING = (
    "A model that is sure of its answer has a small loss and small gradients throughout: compare along the layers, not "
    "between models. Norms mix in a layer's size. One text is one draw; training sees batches. The update is one step "
    "of SGD without momentum."
)


def draw() -> None:
    """Model, loss, class, text."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = choice.model("flow_model", attending=False)
        loss = st.segmented_control(
            "Loss", (TASK, NORM), default=TASK, required=True, key="flow_loss", bind="query-params", help=LOSS
        )
        rate = st.number_input(
            "Learning rate", value=1e-3, format="%g", step=None, key="own_lr", bind="query-params", width=125
        )
        offered = ["its own answer", *(choice.labels(name) if name else ())]
        answer = (
            st.selectbox("Against", offered, key="flow_class", bind="query-params", width=150) if loss == TASK else None
        )
    text = choice.text(name) if name else None
    if not name or text is None:
        st.caption("Name a model in the Hugging Face layout, with safetensors weights.")
        return
    if not (np.isfinite(rate) and rate >= 0):
        raise ValueError(f"The learning rate must be a finite number of at least 0; got {rate:g}.")
    target = offered.index(answer) - 1 if answer in offered[1:] else None
    kind = "norm" if loss == NORM else "task"
    found = progress.result("own", work, name, text, kind, target, shell.chosen_device())
    if found is not None:
        _block(found, float(rate))


LOSS = (
    "Its own task: cross-entropy against an answer (a language model's next word). Norm of the output: half the "
    "squared length of the logits, or of the mean state of a model without an answer."
)


def work(report: Callable[..., None], name: str, text: str, loss: str, target: int | None, device: str) -> Layers:
    """The job."""
    loading.prepare()
    from models.lens.gradient_flow_model import by_model

    report(0.1, "Loading the model")
    model = loading.model(name, device)
    report(0.5, "One pass forward, one back")
    return by_model(model, text, loss, target)


def bands(found: Layers) -> list[Band]:
    """Gradients within ten times of the last layer's, as far as the axis goes; a healthy update where it is known."""
    top = float(found.gradient[-1])
    low, high = max(RANGE[0], top / 10), min(RANGE[1], top * 10)
    near = [Band(low, high, "within 10 times of the last layer")] if low < high else []
    return near + ([Band(1e-4, 1e-2, "healthy update")] if found.parameters is not None else [])


def per_layer(found: Layers) -> str:
    """The factor of a layer, fitted as for a shaped stack; the input, below the first layer, is left out."""
    last, factor = len(found.gradient) - 1, fitted(found.gradient[1:])
    if np.isnan(factor):
        return "Too few layers get a gradient to fit a factor."
    back = f"From layer {last} back to layer 1"
    if last == 2:
        return f"{back} the gradient is multiplied by {factor:.3f}."
    return f"{back} each layer multiplies the gradient by {factor:.3f} (fitted)."


def _block(found: Layers, rate: float) -> None:
    drawn = {"gradient": found.gradient, "activation": found.activation}
    update = found.update(rate)
    if found.parameters is not None and update is not None:
        drawn |= {"parameters": found.parameters, "update": update}
    depth = len(found.gradient) - 1
    series = [
        Line(name, MEASURES[name].title, np.arange(depth + 1)[-len(values) :], values, look=MEASURES[name])
        for name, values in drawn.items()
    ]
    why = f" No parameter gradients: {found.why}." if found.why else ""
    top = found.gradient[-1]
    change = times(float(found.gradient[0] / top)) if top > 0 else "is zero already at the last layer"
    figure_block(
        "own",
        f"From the last layer to the input the gradient {change}",
        flow(series, x_title="", y_title="norm", y_range=RANGE, bands=bands(found), x_names=found.names),
        f"{per_layer(found)} Loss {found.loss:.3g}; gradient {top:.2g} at the last layer."
        f"{numbers(found.gradient, 'Gradients')}{why}",
        lambda: {
            "layer": list(found.names),
            **{
                MEASURES[name].title: [*[float("nan")] * (depth + 1 - len(v)), *v.tolist()] for name, v in drawn.items()
            },
        },
        drawn,
        WARNING,
        "gradient-of-a-model",
        question="Does the gradient arrive?",
    )
