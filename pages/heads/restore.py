"""The view as a small JSON file: model, revision, input hash and settings; opened again, it restores the view."""

import json
import re
from typing import Any

import streamlit as st

from models.cards import PICTURE_TASKS
from models.pretrained.wishes import BOUNDS
from pages.heads import source
from pages.heads.subject import Subject
from pages.shared import errors

MARK = "sightlines attention"
KEYS = (
    *("model", "id", "view", "kind", "layer", "head", "special", "scale", "top", "pattern", "against", "other"),
    *("other_folder", "other_id"),
    *("drawn", "asks", "folder", *(f"{task}_example" for task in PICTURE_TASKS)),
)
STEP, RESTORED = "step", "_step_of_view"  # a step is looked at once the text is written
LISTED = "beside"  # other heads, as the words of their control
PLACES = ("heads_query", "heads_key", "heads_word", STEP)  # positions: numbers, no text of the reader
SPANS = ("rows", "columns")  # pairs of numbers, saved as lists
SWITCHES = ("divided", "scaling", "split", "shuffle", "rollout", "stitched")
COMMIT = re.compile(r"[0-9a-f]{40}")
NUMBERS = tuple(f"wish_{name}" for name in BOUNDS)  # of the form that writes
OPENED = "_opened_view"
WEIGHTS = ("revision", "weights sha256")  # what tells one state of a model from another
MOST = 100_000  # bytes of a settings file
LONGEST = 80  # characters of a name that are repeated


def save(subject: Subject) -> None:
    """The button that writes the file."""
    st.download_button(
        "Save view",
        json.dumps(settings(subject), indent=1, ensure_ascii=False),
        "attention-view.json",
        "application/json",
        type="tertiary",
        on_click="ignore",
        help="Model, revision, input hash and settings as JSON. Your text is not in it.",
    )


def settings(subject: Subject) -> dict[str, Any]:
    """What the file holds."""
    about, state = subject.about, st.session_state
    return {
        "format": MARK,
        "version": 1,
        "title": about.title,
        "revision": about.revision,
        "weights sha256": about.sha256,
        "input sha256": subject.request.digest,
        "route": subject.attention.route,
        "device": subject.request.device,
        "settings": _plain(
            {key: state[key] for key in (*KEYS, LISTED, *PLACES, *SPANS, *SWITCHES, *NUMBERS) if key in state}
        ),
    }


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings that have their own kind of value; everything else is left out."""
    kept: dict[str, Any] = {key: settings[key] for key in KEYS if isinstance(settings.get(key), str)}
    kept |= {key: settings[key] for key in SWITCHES if isinstance(settings.get(key), bool)}
    kept |= {key: settings[key] for key in PLACES if type(settings.get(key)) is int and settings[key] >= 0}
    heads = settings.get(LISTED)
    if isinstance(heads, list | tuple) and all(isinstance(head, str) and head.isdecimal() for head in heads):
        kept[LISTED] = list(heads)
    for key, (low, high) in zip(NUMBERS, BOUNDS.values(), strict=True):
        if type(settings.get(key)) in (int, float) and low <= settings[key] <= high:
            kept[key] = type(low)(settings[key])
    for key in SPANS:
        ends = settings.get(key)
        if isinstance(ends, list | tuple) and len(ends) == 2 and all(type(end) is int for end in ends):
            kept[key] = (ends[0], ends[1])
    return kept


def restore() -> None:
    """The popover that opens a file; its fault is shown beside it."""
    with st.popover("Open view", type="tertiary"):
        st.file_uploader("A file that this page saved", type=["json"], key="view_file", on_change=_opened)
        if fault := st.session_state.pop("_opened_fault", None):
            st.warning(errors.plain(fault))


def _opened() -> None:
    """Set every control that the file names, before the page is drawn."""
    sent = st.session_state.get("view_file")
    if sent is None:
        return
    try:
        facts = read(sent.getvalue())
    except ValueError as error:
        st.session_state["_opened_fault"] = str(error)
        return
    settings = facts["settings"]
    st.session_state[RESTORED] = max(1, settings.pop(STEP, 1))
    st.session_state.update(settings)
    st.session_state[OPENED] = {name: facts.get(name) for name in ("title", "input sha256", *WEIGHTS)}


def read(content: bytes) -> dict[str, Any]:
    """The facts of a file; ValueError where it is not one of ours or names a model that is not at hand."""
    try:
        facts = json.loads(content) if len(content) <= MOST else None
    except (ValueError, RecursionError):
        facts = None
    if not isinstance(facts, dict) or facts.get("format") != MARK or not isinstance(facts.get("settings"), dict):
        raise ValueError("This is no view that the attention page saved.")
    kept = _pinned(_plain(facts["settings"]), str(facts.get("revision", "")))
    if kept.get("model") not in source.names():
        raise ValueError(
            f"The view was saved with the model {str(kept.get('model'))[:LONGEST]!r}, which is not at hand here."
        )
    return {**facts, "settings": kept}


def _pinned(settings: dict[str, Any], revision: str) -> dict[str, Any]:
    """A model of the hub by the very commit that the view was made with, where ids may be typed."""
    model = str(settings.get("model", ""))
    name = str(settings.get("id", "")) if model == source.HUB else model
    free = source.HUB in source.names() and (model == source.HUB or model.startswith("hub:"))
    if not free or not COMMIT.fullmatch(revision) or not name:
        return settings
    return {**settings, "model": source.HUB, "id": f"{name.strip().removeprefix('hub:').partition('@')[0]}@{revision}"}


def compared(subject: Subject) -> None:
    """Say so when the opened view was made from another input, or with other weights of this model."""
    opened = st.session_state.get(OPENED) or {}
    for note in differing(opened, subject):
        st.caption(errors.plain(note))


def differing(opened: dict[str, Any], subject: Subject) -> list[str]:
    """What of an opened view is not the same here, a sentence each."""
    wanted, about = opened.get("input sha256"), subject.about
    notes = []
    if wanted and wanted != subject.request.digest:
        notes.append(f"The opened view was made from another input (sha256 {str(wanted)[:12]}…): type that text again.")
    if opened.get("title") != about.title:
        return notes
    for name, here in zip(WEIGHTS, (about.revision, about.sha256), strict=True):
        then = opened.get(name)
        if then and here and then != here:
            what = f"{name} {str(then)[:12]}…, here {here[:12]}…"
            notes.append(f"The opened view was made with other weights of {about.title}: {what}")
    return notes
