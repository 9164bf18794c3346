"""The input that fits the chosen model: a text, a pair, a source with its target, a picture, a recording."""

from typing import Any

import numpy as np
import streamlit as st

from models.cards import PICTURE_TASKS, card
from models.presets import presets
from models.presets.pictures import pictures
from pages.heads.subject import About, Given, Upload
from pages.shared import errors
from pages.shared.settings import limits
from pages.shared.text import check, share
from viz.png import png

PLAIN = "The keys to the cabinet are on the table, and the keys are old."
CHANGED = {  # the first examples with one word changed, so that their maps have one shape
    "sentiment": "The plot is great, but the actors make every scene worth watching twice.",
    "agreement": "the key to the cabinet near the door of the house",
}
OTHER = "The key to the cabinets is on the table, and the key is old."
OWN = "your own picture"
SOURCE = "The cat sat on the mat."
CHANGED_SOURCE = "The dog sat on the mat."


def ask(about: About) -> Given | None:
    """Draw the input box and return what it holds; None while nothing was sent."""
    if about.takes == "text":
        return _text(about)
    if about.task in PICTURE_TASKS and (stored := _stored(about)) is not None:
        return stored
    sent = _picture() if about.takes == "picture" else _recording(about.seconds)
    if sent is None:
        kind = "picture" if about.takes == "picture" else "recording"
        st.info(f"{errors.plain(about.title)} reads a {kind}: send one.")
        return None
    content = sent.getvalue()
    if len(content) > limits().picture_megabytes * 1e6 and about.takes == "picture":
        most = limits().picture_megabytes
        raise ValueError(f"A picture may have {most} MB; this one has {len(content) / 1e6:.1f} MB.")
    return Upload(about.takes, content, _target() if about.paired else "")


def _stored(about: About) -> Upload | None:
    """One test picture of each class, by its name; None where the reader sends a picture."""
    labels = card(about.name).settings["labels"]
    chosen = st.selectbox("Example", [*labels, OWN], key=f"{about.task}_example", bind="query-params", width=180)
    if chosen == OWN:
        return None
    grey = pictures(about.task)[list(labels).index(chosen or labels[0]), 0]
    return Upload("picture", png(np.repeat(grey[..., None], 3, axis=2)))


def _target() -> str:
    """What a model that writes is to have written; empty lets it write itself."""
    hint = "target: empty lets the model write it"
    typed = st.text_input(
        "Target", kept("heads_second", ""), key="heads_second", placeholder=hint, persist_state="session"
    )
    return check(typed) if typed.strip() else ""


def _text(about: About) -> Given:
    """One text, with a second box where the model takes a pair or a target."""
    key = f"heads_text_{about.task or 'any'}"
    start = kept(key, st.query_params.get("text", example(about)))
    first = st.text_input("Your text", start, key=key, persist_state="session", label_visibility="collapsed")
    if not (about.paired or about.pairs):
        share(first)
        return check(first)
    name = "Target" if about.paired else "Second text"
    hint = "target: empty lets the model write it" if about.paired else "second text (optional)"
    second = st.text_input(
        name,
        kept("heads_second", ""),
        key="heads_second",
        placeholder=hint,
        persist_state="session",
        label_visibility="collapsed",
    )
    share(first)
    return (check(first), check(second)) if second.strip() else check(first)


def kept(key: str, start: str) -> str:
    """What a box under `key` starts with: what it held, so that a box that comes back after a job is never empty."""
    held = st.session_state.get(key)
    return start if held is None else str(held)


def example(about: About) -> str:
    """A text to start with: the first example of a bundled model's task."""
    if about.task in ("sentiment", "agreement"):
        return next(iter(presets(about.task).values()))
    return SOURCE if about.paired else PLAIN


def second_example(about: About) -> str:
    """A text to compare with."""
    return CHANGED_SOURCE if about.paired else CHANGED.get(about.task, OTHER)


def _picture() -> Any:
    return st.file_uploader("Picture", type=["png", "jpg", "jpeg", "webp"], key="heads_picture")


def _recording(seconds: float) -> Any:
    spoken = st.audio_input(f"Speak, at most {seconds:g} s", sample_rate=16000, key="heads_voice")
    return spoken or st.file_uploader("or a WAV file at the model's rate", type=["wav"], key="heads_sound")
