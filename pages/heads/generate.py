"""Generated text: what a decoder writes, its choice at each step, and where it looked for it."""

from dataclasses import asdict, fields, replace
from typing import Any

import numpy as np
import streamlit as st

from models.pretrained.wishes import BOUNDS, Settings
from pages.heads import heat, room, written
from pages.heads.choice import Choice, name
from pages.heads.restore import RESTORED, STEP
from pages.heads.subject import Subject
from pages.shared import errors, progress
from pages.shared.figure import figure_block
from viz.dots import Dots, dots
from viz.heatmap import EXACT
from viz.matrices import Panel
from viz.strips import strips

LISTED = 10
ASKED = "_generate"
WISHES = {  # label, step and width of each control
    "tokens": ("Tokens", 1, 110),
    "temperature": ("Temperature (0: greedy)", 0.1, 170),
    "top_k": ("Top-k (0: off)", 1, 120),
    "top_p": ("Top-p", 0.05, 110),
    "seed": ("Seed", 1, 110),
}


def draw(subject: Subject, choice: Choice) -> None:
    """Settings, the text with its chosen token marked, the step's distribution and attention row."""
    if not subject.about.writes:
        raise ValueError(
            f"{subject.about.title} reads and does not write. Choose a decoder such as GPT-2, or a translation model."
        )
    _settings(subject)
    asked = st.session_state.get(ASKED)
    if not asked or asked[0] != subject.request:
        st.caption("Press Write: the model continues your text, or answers your source.")
        return
    found = progress.result("generate", written.generated, *asked)
    if found is None:
        return
    at = _step(len(found.steps))
    st.text(f"{found.text}")
    with errors.guarded():
        _distribution(found, at)
    whole = replace(subject, trace=found.trace)
    with errors.guarded():
        _row(whole, choice, found, at)
    if st.toggle("All rows, stitched over the steps", key="stitched", bind="query-params"):
        with errors.guarded():
            _stitched(whole, choice, found, at)


def _settings(subject: Subject) -> None:
    """The form; nothing is written before it is sent."""

    def sent() -> None:
        state = st.session_state
        wishes = Settings(*(state[f"wish_{each.name}"] for each in fields(Settings)))
        state[ASKED], state[STEP] = (subject.request, wishes), state.pop(RESTORED, 1)

    with st.form("writing", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        for wish, start in asdict(Settings()).items():
            label, step, width = WISHES[wish]
            low, high = (type(start)(bound) for bound in BOUNDS[wish])
            st.number_input(label, low, high, start, step, width=width, key=f"wish_{wish}")
        st.form_submit_button("Write", key="write", on_click=sent)


def _step(count: int) -> int:
    """The step to look at, from 0: a slider with a button on either side, also by the arrow keys."""

    def move(by: int) -> None:
        st.session_state[STEP] = min(max(st.session_state.get(STEP, 1) + by, 1), count)

    if st.session_state.get(STEP, 1) > count:
        st.session_state[STEP] = count
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button("Back", on_click=move, args=(-1,), shortcut="Left", key="step_back")
        st.button("Forth", on_click=move, args=(1,), shortcut="Right", key="step_forth")
        if count == 1:
            return 0
        return int(st.slider("Step", 1, count, key=STEP)) - 1


def _distribution(found: Any, at: int) -> None:
    """The likeliest next tokens: a dot for the model's probability, a small one for what was drawn from."""
    step = found.steps[at]
    rows = [
        Dots("transformer" if one == step.chosen else "", text or "(empty)", chance, np.array([drawn]))
        for one, text, chance, drawn in zip(step.ids, step.texts, step.model, step.drawn, strict=True)
    ][:LISTED]
    chosen = written.text_of(step)
    figure_block(
        "next",
        f"Step {at + 1}: “{chosen}”, rank {step.rank + 1} of the model's order, from {step.entropy:.1f} bits",
        dots(rows, x_title="probability of the next token", x_range=(-0.02, 1.02)),
        "Diamond: the model's own probability; dot: after temperature, top-k and top-p. "
        f"{1 - sum(step.model[:LISTED]):.0%} lies on tokens that are not listed.",
        lambda: {"token": list(step.texts), "model": list(step.model), "drawn from": list(step.drawn)},
        {"ids": np.array(step.ids), "model": np.array(step.model), "drawn": np.array(step.drawn)},
        "A likely token is not a true one, and one seed is one of many texts.",
        f"next-token-step-{at + 1}",
    )


def _row(subject: Subject, choice: Choice, found: Any, at: int) -> None:
    """Where the chosen head looked when this token was chosen."""
    _steps_along(choice)
    weights = subject.attention.map(choice.place, choice.head, choice.kind)
    keys = subject.sides(choice.kind, (weights.shape[0], weights.shape[1]))[1].tokens
    place = place_of(found, at, len(weights))
    end = place + 1 if choice.kind == "decoder" else len(keys)
    row, words = weights[place, :end], keys[:end]
    best = int(row.argmax())
    label = name(subject, choice)
    figure_block(
        "step_row",
        f"{label[:1].upper()}{label[1:]} looks most at “{words[best]}” ({row[best]:.2f})",
        strips(
            [Panel("transformer", label, row)], words, limits=(0.0, max(0.1, float(row.max()))), colour_title="weight"
        ),
        f"The row from which token {at + 1} was chosen; it sums to {row.sum():.2f}.",
        lambda: {"key": list(words), "weight": [float(value) for value in row]},
        {"row": row},
        "The row belongs to one head. The choice comes from all heads of all layers.",
        f"attention-step-{at + 1}",
    )


def _steps_along(choice: Choice) -> None:
    if choice.kind == "encoder":
        raise ValueError("The encoder reads the source once, before the first step. Choose decoder or cross.")


def place_of(found: Any, at: int, rows: int) -> int:
    """The row of the stitched map from which token `at` was chosen."""
    return min(found.prompt - 1 + at, rows - 1)


def _stitched(subject: Subject, choice: Choice, found: Any, at: int) -> None:
    """The chosen head's map over prompt and text, as the cached steps left it row by row; this step's row framed."""
    _steps_along(choice)
    show = heat.drawn(subject, choice)
    row = place_of(found, at, len(show.weights))
    if max(show.tokens) > EXACT:
        raise ValueError(f"The stitched map is drawn to {EXACT} tokens; this one has {max(show.tokens):,}.")
    label, count = name(subject, choice), len(show.weights)
    figure_block(
        "stitched_map",
        f"{count} row{'s' * (count > 1)} of {label}; framed: the row from which token {at + 1} was chosen",
        heat.figure(show, "linear", room.whole(), marked=row),
        f"The first {'row was' if found.prompt == 1 else f'{found.prompt} rows were'} computed at once, each later row "
        "by its own step over the cache. "
        f"{heat.strongest(show.weights, show.rows, show.columns)}",
        lambda: heat.table(show),
        {"weights": show.weights},
        heat.WARNING,
        "attention-stitched",
    )
