"""Readings of the chosen models: stored for an untouched example, else computed in a job and kept by the session."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from models.presets import stored
from models.reading import Change, Reading, change, read
from pages.rows.request import Request
from pages.shared import loading, progress
from viz.theme import look

KEPT = 48
Answers = dict[str, Reading | str]


def answers(request: Request) -> Answers | None:
    """Architecture -> reading, or the sentence that says why there is none. None while a job is under way."""
    if request.preset:
        ready = stored(request.group, request.preset)
        if all(family in ready for family in request.families):
            return {family: ready[family] for family in request.families}
    kept = st.session_state.setdefault("_readings", {})
    keys = {family: (card.name, request.text, request.device) for family, card in request.cards.items()}
    missing = tuple((family, key[0]) for family, key in keys.items() if key not in kept)
    if missing:
        found = progress.result("readings", compute, missing, request.text, request.device)
        if found is None:
            return None
        kept.update({keys[family]: answer for family, answer in found.items()})
    wanted = {family: kept[key] for family, key in keys.items()}
    for old in [key for key in kept if key not in keys.values()][: max(0, len(kept) - KEPT)]:
        del kept[old]
    return wanted


def compute(report: Callable[..., None], models: tuple[tuple[str, str], ...], text: str, device: str) -> Answers:
    """The job: one model after the other, with progress."""
    loading.prepare()
    return _each(report, models, lambda name: read(loading.model(name, device), text))


def changes(
    report: Callable[..., None], models: tuple[tuple[str, str], ...], before: str, after: str, device: str
) -> dict[str, Change | str]:
    """The job behind "Change one word"."""
    loading.prepare()
    return _each(report, models, lambda name: change(loading.model(name, device), before, after))


def _each(
    report: Callable[..., None], models: tuple[tuple[str, str], ...], ask: Callable[[str], Any]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for at, (family, name) in enumerate(models):
        report(at / len(models), f"{look(family).title} reads the text")
        try:
            found[family] = ask(name)
        except ValueError as error:
            found[family] = str(error)[:1].upper() + str(error)[1:] + "."
    return found
