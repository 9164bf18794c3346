"""Through attention: how much of the gradient comes back around the heads, through each head, through the MLP."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from models.lens.gradient_flow_attention import Ways
from pages.flow import choice, room
from pages.shared import loading, progress, shell
from pages.shared.figure import figure_block
from viz.curves import Line
from viz.flow import flow
from viz.matrices import Panel, matrices
from viz.theme import Look

PARTS, SCALE = "Ways back", "The scale 1/√d"
DIVIDED = Look("divided by √d", "#3F7FD0", "solid", "circle")
WHOLE = Look("not divided", "#C8641E", "dash", "square")
START = Look("divided, untrained", "#808080", "dot", "diamond")
RANGE = (1e-12, 1e4)


def draw() -> None:
    """Model, text, and one of two figures."""
    width = room.measure()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = choice.model("ways_model", attending=True)
        show = st.segmented_control(
            "Show", (PARTS, SCALE), default=PARTS, required=True, key="ways_show", bind="query-params"
        )
        text = choice.text(name) if name else None
    if not name or text is None:
        st.caption("Name a model in the Hugging Face layout, with safetensors weights.")
        return
    if show == SCALE:
        both = progress.result("ways_scale", scales, name, text, shell.chosen_device())
        if both is not None:
            _scale(both)
        return
    found = progress.result("ways", work, name, text, shell.chosen_device())
    if found is not None:
        _ways(found, name, width)


def work(report: Callable[..., None], name: str, text: str, device: str) -> Ways:
    """The job."""
    loading.prepare()
    from models.lens.gradient_flow_attention import ways

    report(0.1, "Loading the model")
    model = loading.model(name, device)
    report(0.5, "One backward pass for each head")
    return ways(model, text)


def scales(report: Callable[..., None], name: str, text: str, device: str) -> dict[str, Ways]:
    """The job: divided, not divided, and, where the start is known, before training."""
    loading.prepare()
    from models.lens.gradient_flow_attention import ways
    from models.sources import untrained

    report(0.1, "Loading the model")
    model = loading.model(name, device)
    asked = [("divided", model, True), ("whole", model, False)]
    if choice.task(name):
        asked.append(("start", untrained(name, device), True))
    found = {}
    for at, (key, one, divided) in enumerate(asked):
        report(0.2 + at / 4, "Sending the gradient back through every head")
        found[key] = ways(one, text, divided=divided)
    return found


def _ways(found: Ways, name: str, width: int) -> None:
    """One map: layers down, ways across, each part's norm over the norm of the whole."""
    known = bool(np.isfinite(found.mlp).all())
    heads = found.heads.shape[1]
    columns = ["around", *(["MLP"] if known else []), *(f"head {head + 1}" for head in range(heads))]
    whole = np.where(found.whole > 0, found.whole, np.nan)
    parts = [found.around / whole, *([found.mlp / whole] if known else []), *(found.heads / whole[:, None]).T]
    values = np.stack(parts, axis=1)
    rows = [f"layer {depth}" for depth in found.layers]
    figure = matrices(
        [Panel("", "", values.astype(np.float32))],
        rows,
        columns,
        limits=(0.0, float(max(1.0, np.ceil(np.nanmax(values) * 10) / 10))),
        per_line=1,
        colour_title="part / whole",
        axes=("layer", "way back"),
        width=width,
    )
    figure_block(
        "ways",
        finding(found),
        figure,
        f"Colour: norm of a part over the norm of the whole. {sentence(found, known)}",
        lambda: {
            "layer": list(found.layers),
            "whole gradient": found.whole.tolist(),
            **{f"share {part}": values.tolist() for part, values in found.shares.items()},
            **{column: values[:, at].tolist() for at, column in enumerate(columns)},
        },
        {
            "relative": values,
            "whole": found.whole,
            "heads": found.heads,
            "scores": found.scores,
            "values": found.values,
        },
        "Parts are vectors: their norms do not add up, and two may cancel; the shares in the table do sum to 1 and may "
        "be negative. A head that passes little gradient on this text may matter on another, and its weights learn "
        "from another gradient than this one. The loss is the cross-entropy against the model's own answer, or half "
        "the squared norm of the mean state where a model has no answer.",
        f"ways-back-{name.replace(':', '-').replace('/', '-')}",
        question="Which way does the gradient come back?",
    )


def percent(shares: np.ndarray) -> str:
    """The mean over layers in whole per cent; never "-0%"."""
    return f"{round(100 * float(np.nanmean(shares)))}%"


def finding(found: Ways) -> str:
    """The strongest way in the first layer, and the strongest head anywhere."""
    relative = found.heads / np.where(found.whole > 0, found.whole, np.nan)[:, None]
    if not np.isfinite(relative).any():
        return "No gradient comes back: the model is too sure of its answer"
    layer, head = np.unravel_index(np.nanargmax(relative), relative.shape)
    around = percent(found.shares["around"])
    way = "takes the residual path" if np.isfinite(found.mlp).all() else "comes around the heads"
    return (
        f"Mean over layers: {around} of the gradient {way}; most through one is layer {found.layers[layer]}, head "
        f"{head + 1} ({relative[layer, head]:.2f} of the whole)"
    )


def sentence(found: Ways, known: bool) -> str:
    """Mean shares over layers."""
    names = {
        "around": "residual path" if known else "around (residual path and MLP)",
        "mlp": "MLP",
        "attention": "heads",
    }
    said = [f"{names[part]} {percent(values)}" for part, values in found.shares.items() if np.isfinite(values).all()]
    span = f"{found.whole[-1]:.2g} at the last layer, {found.whole[0]:.2g} at the first"
    return f"Mean share of the gradient: {', '.join(said)}. Norm of the whole: {span}."


def without(divided: np.ndarray, whole: np.ndarray) -> str:
    """In how many heads the gradient at queries and keys grows or falls when scores are not divided."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = (whole / divided).ravel()
    known = ratios[np.isfinite(ratios)]
    if not len(known):
        return "No gradient reaches the scores: the model is too sure of its answer"
    return (
        f"Without the division {int((known < 1).sum())} of {len(known)} heads get less gradient at their scores: "
        f"{known.min():.2g} to {known.max():.2g} times as much"
    )


def _scale(found: dict[str, Ways]) -> None:
    """The gradient that arrives at queries and keys, head by head."""
    looks = {"divided": DIVIDED, "whole": WHOLE, "start": START}
    first = found["divided"]
    names = [f"L{depth} h{head + 1}" for depth in first.layers for head in range(first.heads.shape[1])]
    place = np.arange(len(names), dtype=np.float64)
    series = [Line(key, looks[key].title, place, one.scores.ravel(), look=looks[key]) for key, one in found.items()]
    figure_block(
        "ways_scale",
        without(first.scores, found["whole"].scores),
        flow(series, x_title="layer and head", y_title="gradient at queries and keys", y_range=RANGE, x_names=names),
        "Leaving the division out alone would multiply each gradient by √d; a head below that has a sharper softmax, "
        f"which passes less on.{' Grey: the same network before training.' if 'start' in found else ''}",
        lambda: {"head": names, **{looks[key].title: one.scores.ravel().tolist() for key, one in found.items()}},
        {key: one.scores for key, one in found.items()},
        "This network was trained with the division: leaving it out afterwards is not what training without it would "
        "give. The norm mixes the loss's size with the path: without the division the answer, and so the "
        "loss, changes.",
        "gradient-and-scale",
        question="What does 1/√d do?",
    )
