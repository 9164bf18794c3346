"""The view as a small JSON file: model, revision, input hash and settings; opened again, it restores the view."""

import json
from typing import Any

import streamlit as st

from models.cards import PICTURE_TASKS
from models.pretrained.wishes import BOUNDS
from pages.heads import source
from pages.heads.subject import Request, Subject
from pages.shared import errors

MARK = "sightlines attention"
KEYS = (
    *("model", "id", "view", "kind", "layer", "head", "special", "scale", "top", "pattern", "against", "other"),
    *("drawn", "asks", "folder", *(f"{task}_example" for task in PICTURE_TASKS)),
)
SPANS = ("rows", "columns")  # pairs of numbers, saved as lists
SWITCHES = ("divided", "scaling", "split", "shuffle", "rollout", "stitched")
NUMBERS = tuple(f"wish_{name}" for name in BOUNDS)  # of the form that writes
OPENED = "_opened_digest"
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
        "settings": _plain({key: state[key] for key in (*KEYS, *SPANS, *SWITCHES, *NUMBERS) if key in state}),
    }


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings that have their own kind of value; everything else is left out."""
    kept: dict[str, Any] = {key: settings[key] for key in KEYS if isinstance(settings.get(key), str)}
    kept |= {key: settings[key] for key in SWITCHES if isinstance(settings.get(key), bool)}
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
    st.session_state.update(facts["settings"])
    st.session_state[OPENED] = facts.get("input sha256")


def read(content: bytes) -> dict[str, Any]:
    """The facts of a file; ValueError where it is not one of ours or names a model that is not at hand."""
    try:
        facts = json.loads(content) if len(content) <= MOST else None
    except (ValueError, RecursionError):
        facts = None
    if not isinstance(facts, dict) or facts.get("format") != MARK or not isinstance(facts.get("settings"), dict):
        raise ValueError("This is no view that the attention page saved.")
    kept = _plain(facts["settings"])
    if kept.get("model") not in source.names():
        raise ValueError(
            f"The view was saved with the model {str(kept.get('model'))[:LONGEST]!r}, which is not at hand here."
        )
    return {**facts, "settings": kept}


def compared(request: Request) -> None:
    """Say so when the opened view was made from another input."""
    wanted = st.session_state.get(OPENED)
    if wanted and wanted != request.digest:
        start = errors.plain(str(wanted)[:12])
        st.caption(f"The opened view was made from another input (sha256 {start}…): type that text again.")
