"""View "On a model": the reader's sentence with its position codes moved, and the permutation test."""

import streamlit as st

from models import pretrained
from pages.codes import controls, disturbed_maps, disturbed_order, disturbed_work
from pages.codes.controls import FILM
from pages.codes.disturbed_work import SENTENCES
from pages.shared import progress, shell

SHOWS = {
    "One head": disturbed_maps.one,
    "All heads": disturbed_maps.every,
    "Answer": disturbed_maps.answer,
}
TEST = "Permutation test"
YOURS = "Your sentence"


def draw() -> None:
    """The chosen figure over its controls."""
    show = st.segmented_control(
        "Show",
        (*SHOWS, TEST),
        default="One head",
        required=True,
        key="dshow",
        bind="query-params",
        label_visibility="collapsed",
    )
    if show == TEST:
        _test()
        return
    with controls.row():
        name = st.selectbox("Model", offered(), key="dmodel", bind="query-params", width=220) or offered()[0]
        by = controls.number("Shift by", "dshift", 1, 64, 20, open_ended=False)
    text = controls.text(SENTENCES[name], YOURS)
    found = progress.result("disturbed", disturbed_work.disturbed, name, text, by, shell.chosen_device())
    if found is not None:
        SHOWS[show or "One head"](found)


def offered() -> list[str]:
    """Bundled transformers, and the packaged MiniLM where it is installed."""
    stored = [pretrained.MINILM] if pretrained.MINILM in pretrained.offline() else []
    return [*(name for name in SENTENCES if name != pretrained.MINILM), *stored]


def _test() -> None:
    text = controls.text(FILM, YOURS)
    found = progress.result("permutation", disturbed_work.permuted, text)
    if found is not None:
        disturbed_order.draw(found)
