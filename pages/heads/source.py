"""Which model: bundled ones with attention, the packaged MiniLM, a folder or a hub id where the profile allows."""

import streamlit as st

from models import cards
from models.cards import PICTURE_TASKS
from pages.heads import work
from pages.heads.subject import About
from pages.shared import elsewhere, fetching, progress, shell
from pages.shared.elsewhere import FOLDER, HUB

TASKS, WITH_ATTENTION = ("sentiment", "agreement"), ("transformer", "hybrid")
READS_PICTURES = ("vit", "hybrid")  # of the picture tasks
FIRST = "sentiment-transformer"
WANTED = "Name a model in the Hugging Face layout, with safetensors weights."


def names() -> list[str]:
    """What the selector offers, the same words that stand in the address."""
    fitting = [card.name for task in reversed(TASKS) for card in cards(task) if card.family in WITH_ATTENTION]
    seeing = [card.name for task in PICTURE_TASKS for card in cards(task) if card.family in READS_PICTURES]
    bundled = [*sorted(fitting, key=lambda name: name != FIRST), *seeing]
    return [*bundled, *elsewhere.offered()]


def ask() -> About | None:
    """Draw the selector; facts of the chosen model once they are known, None while it loads or is not named yet."""
    offered = names()
    chosen = st.selectbox("Model", offered, key="model", bind="query-params", width=210) or offered[0]
    if chosen in (FOLDER, HUB):
        chosen = typed(chosen, "folder", "id")
    if not chosen:
        st.caption(WANTED)
        return None
    return about(chosen)


def typed(where: str, folder: str, name: str) -> str:
    """The model in a box for a folder or a hub id, kept under the key that belongs to it; "" while it is empty."""
    if where == FOLDER:
        return st.text_input("Folder", key=folder, placeholder="/models/bert-base", persist_state="session").strip()
    words = st.text_input("Hub id", key=name, placeholder="owner/name or owner/name@revision", bind="query-params")
    return f"hub:{words.strip().removeprefix('hub:')}" if words and words.strip() else ""


def about(name: str) -> About | None:
    """Facts of a bundled model from its card, without torch; of any other by loading it in a job."""
    known = {card.name: card for card in cards()}
    if name in known:
        card = known[name]
        title = f"{card.title}, {card.task}"
        takes = "picture" if card.task in PICTURE_TASKS else "text"
        return About(name, title, takes, sha256=card.sha256, source=card.source, task=card.task)
    if not fetching.agreed(name):
        return None
    return progress.result("about", work.about, name, shell.chosen_device())
