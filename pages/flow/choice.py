"""Which model and which text: the bundled ones, packages, a folder, the hub where the profile allows."""

from collections.abc import Sequence

import streamlit as st

from models.cards import cards
from models.presets import presets
from models.tokenizer import pieces
from pages.shared import elsewhere
from pages.shared.elsewhere import FOLDER, HUB
from pages.shared.text import check

TASKS = ("agreement", "sentiment")
ATTENDING = ("transformer", "hybrid")
MOST = 128  # words and signs


def names(attending: bool) -> list[str]:
    """What the selector offers; with `attending` only models with attention."""
    ours = [card.name for card in cards() if card.task in TASKS and (not attending or card.family in ATTENDING)]
    return [*ours, *elsewhere.offered()]


def model(key: str, attending: bool) -> str | None:
    """The selector; None while a folder or an id is still to be named."""
    offered = names(attending)
    first = next((at for at, name in enumerate(offered) if name == "agreement-transformer"), 0)
    chosen = st.selectbox("Model", offered, index=first, key=key, bind="query-params", width=240) or offered[first]
    if chosen == FOLDER:
        typed = st.text_input("Folder", key=f"{key}_folder", placeholder="/models/bert-base", persist_state="session")
        return typed.strip() or None
    if chosen == HUB:
        typed = st.text_input("Hub id", key=f"{key}_id", placeholder="owner/name", persist_state="session")
        return f"hub:{typed.strip().removeprefix('hub:')}" if typed.strip() else None
    return chosen


def task(name: str) -> str:
    """The bundled model's task, "" for any other."""
    return next((card.task for card in cards() if card.name == name), "")


def labels(name: str) -> Sequence[str]:
    """The classes of a bundled model."""
    return next((tuple(card.settings["labels"]) for card in cards() if card.name == name), ())


def text(name: str) -> str:
    """A box with an example of the model's task; it keeps what was typed for each task."""
    kind = task(name)
    key = f"flow_words_{kind or 'any'}"
    if key not in st.session_state:
        st.session_state[key] = (
            next(iter(presets(kind).values())) if kind else "The keys to the cabinet are on the table."
        )
    typed = check(st.text_input("Your text", key=key, persist_state="session"))
    if (count := len(pieces(typed))) > MOST:
        raise ValueError(f"This view reads at most {MOST} words and signs; the text has {count}.")
    return typed
