"""Does the gradient arrive while it learns? Its size by layer, by group of weights or by position, over the steps."""

import numpy as np
import streamlit as st

from models.live.data import FAR, LONGEST
from models.live.record import Recording, Track
from pages.runs import words
from pages.shared.figure import figure_block
from viz.over_steps import Strip, over_steps
from viz.table import Table

LIMITS = (1e-6, 1e1)
STATES, WEIGHTS, PLACES = "hidden states", "weights", "positions"
ABOUT = {
    STATES: "Root mean square over the batch of the gradient of each example's loss with respect to the hidden state "
    "after a layer: what comes back through the layers above.",
    WEIGHTS: "Norm of the gradient of the batch's mean loss with respect to all weights of a layer, before clipping. "
    "Larger layers have larger norms: compare over the steps, not between layers.",
    PLACES: "Root mean square over the batch of the gradient of each example's loss with respect to the input at a "
    "position. Position 0 is the last, where the answer is read.",
}
WARNING = (
    "A small gradient is slow learning only for plain descent: Adam divides by its size. A gradient says how the loss "
    "moves for a small nudge, not what the network would answer to another input, and a network that has learned has "
    "small gradients everywhere because its loss is small."
)


def draw(recording: Recording) -> None:
    """The figure block of the gradients, of what the reader chose."""
    offered = [STATES, WEIGHTS] + [PLACES] * (recording.tracks[0].places is not None)
    kind = st.segmented_control(
        "Gradient with respect to", offered, default=STATES, required=True, key="tgradient", bind="query-params"
    )
    kind = kind if kind in offered else STATES
    strips = [_strip(track, kind) for track in recording.tracks]
    figure = over_steps(
        strips,
        limits=LIMITS,
        scale="log",
        colour_title="gradient",
        y_title="positions back" if kind == PLACES else "",
        last=recording.setup.steps,
    )
    title = _reached(recording) if kind == PLACES else _through(recording, kind)
    figure_block(
        "gradients",
        title,
        figure,
        ABOUT[kind],
        lambda: table(strips),
        lambda: {f"{strip.key}_{kind.replace(' ', '_')}": strip.values for strip in strips},
        WARNING,
        f"training-gradients-{recording.setup.data}",
        question="Does the gradient arrive?",
    )


def _strip(track: Track, kind: str) -> Strip:
    if kind == PLACES:
        assert track.places is not None
        back = [str(at) for at in range(track.places.shape[1])]
        return Strip(track.name, track.steps, track.places[:, ::-1], back, track.ended)
    values, rows = (track.states, track.layers) if kind == STATES else (track.weights, track.groups)
    return Strip(track.name, track.steps, values, rows, track.ended)


def _through(recording: Recording, kind: str) -> str:
    """Input over last layer, before the first step."""
    first = [track.states[0] if kind == STATES else track.weights[0] for track in recording.tracks]
    with np.errstate(divide="ignore", invalid="ignore"):
        said = [
            f"{words.factor(row[0] / row[-1])} in {words.name(t)}"
            for row, t in zip(first, recording.tracks, strict=True)
        ]
    what = "at the input" if kind == STATES else "of the lowest weights"
    return f"Before the first step, the gradient {what} is to that at the top as: {', '.join(said)}"


def _reached(recording: Recording) -> str:
    """Mean over the places that matter over that at the last place, before training and at the end."""
    far = slice(FAR, LONGEST + 1) if recording.setup.task.kind == "tokens" else slice(1, None)
    where = f"{FAR} to {LONGEST} positions back" if recording.setup.task.kind == "tokens" else "before the last"
    said = []
    for track in recording.tracks:
        assert track.places is not None
        with np.errstate(divide="ignore", invalid="ignore"):
            share = track.places[:, ::-1][:, far].mean(axis=1) / track.places[:, -1]
        said.append(f"{words.name(track)} {words.factor(share[0])}, then {words.factor(share[-1])}")
    return f"Gradient {where} over that at the last: {'; '.join(said)}"


def table(strips: list[Strip]) -> Table:
    """One row a network, moment and layer or position."""
    columns: dict[str, list] = {"network": [], "step": [], "row": [], "gradient": []}
    for strip in strips:
        for at, step in enumerate(strip.steps):
            for row, value in zip(strip.rows, strip.values[at], strict=True):
                for column, item in zip(columns.values(), (strip.key, int(step), row, float(value)), strict=True):
                    column.append(item)
    return columns
