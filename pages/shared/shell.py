"""The frame round every page: the list of pages, the sidebar, lecture mode, and the guard for cold links.

A new page is one line in `PAGES` and one file in pages/ whose first statement is `shell.start()`.
"""

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from pages.shared import device
from pages.shared.loading import warm
from pages.shared.settings import ROOT, settings

LECTURE = "lecture"  # the widget's key and the name in the URL, as is DEVICE
DEVICE = "device"
LARGE = 1.35  # how much larger figures and components draw their type in lecture mode
_THROUGH_APP = "_through_app"


@dataclass(frozen=True)
class Entry:
    """One page: its file, title, icon, the heading above it in the sidebar, and its address ("" is the front page)."""

    file: str
    title: str
    icon: str
    section: str
    url: str


PAGES = (Entry("pages/side_by_side.py", "Side by side", ":material/view_column:", "Compare", ""),)


def frame() -> None:
    """One run of the app: navigation, the page, and the settings in the sidebar or, in a lecture, below the page."""
    lecturing = lecture()
    page = _navigation("hidden" if lecturing else "sidebar")
    body = st.container()
    if lecturing:
        st.divider()
        _settings(*st.columns(3))
    else:
        st.logo(str(ROOT / "pages/shared/logo.svg"), size="large")
        _settings(st.sidebar, st.sidebar, st.sidebar)
    st.session_state[_THROUGH_APP] = True
    with body:
        page.run()
    warm()


def start() -> None:
    """First statement of every page: send a run that did not come through app.py there.

    Streamlit runs a page's file alone when a fresh server's first request is a deep link. Declaring the pages ends
    that for the whole process, and the rerun goes through app.py.
    """
    if not st.session_state.pop(_THROUGH_APP, False):
        _navigation("hidden")
        st.rerun()


def lecture() -> bool:
    """Whether lecture mode is on: no sidebar, no navigation, larger figures."""
    return bool(st.session_state.get(LECTURE, st.query_params.get(LECTURE, "").lower() == "true"))


def scale() -> float:
    """The factor for the type of figures and components."""
    return LARGE if lecture() else 1.0


def chosen_device() -> str:
    """The device that models run on, `cpu` or `cuda`, as chosen beside the page and kept in the URL."""
    wanted = st.session_state.get(DEVICE) or "auto"
    return device.resolve(wanted if wanted in device.choices() else "auto")


def _navigation(position: Literal["hidden", "sidebar"]) -> st.Page:
    sections: dict[str, list[st.Page]] = {}
    for entry in PAGES:
        address = {"url_path": entry.url} if entry.url else {}
        page = st.Page(entry.file, title=entry.title, icon=entry.icon, default=not entry.url, **address)
        sections.setdefault(entry.section, []).append(page)
    return st.navigation(sections, position=position, expanded=True)


def _settings(first, second, third) -> None:
    """What is true for all pages, in three places: device, lecture mode, limits."""
    names = {"auto": "Auto", "cpu": "CPU", "cuda": "GPU"}
    choices = device.choices()
    first.segmented_control(
        "Device", choices, default="auto", required=True, format_func=names.get, key=DEVICE, bind="query-params"
    )
    first.caption(device.title(chosen_device()) + ("" if "cuda" in choices else ". No GPU found."))
    second.toggle(
        "Lecture mode",
        key=LECTURE,
        bind="query-params",
        help="Hides the sidebar and enlarges the figures. The browser's zoom enlarges the rest.",
    )
    with third.popover("Limits", type="tertiary", icon=":material/straighten:"):
        st.markdown(limits_text())


def limits_text() -> str:
    """The profile's limits as a Markdown list."""
    now, bound = settings(), settings().limits
    hub = "any id" if bound.hub_models is None else f"{len(bound.hub_models)} allowed ids"
    memory = "as free memory allows" if bound.other_models is None else str(bound.other_models)
    return "\n".join(
        (
            f"**{now.profile.capitalize()} profile**",
            f"- Text: {bound.text_tokens:,} tokens",
            f"- Picture: {bound.picture_megapixels} megapixels, {bound.picture_megabytes} MB",
            f"- Recording: {bound.recording_seconds} s",
            f"- Models from the hub: {hub}",
            f"- Models from a folder: {'yes' if bound.local_folders else 'no'}",
            f"- Models in memory beside the bundled ones: {memory}",
            f"- Training: {bound.training_seconds} s a run",
        )
    )
