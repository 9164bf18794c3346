"""The frame round every page: the list of pages, the sidebar, lecture mode, and the guard for cold links.

A new page is one line in `PAGES` and one file in pages/ whose first statement is `shell.start()`.
"""

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from pages.shared import device
from pages.shared.errors import guarded
from pages.shared.loading import warm
from pages.shared.settings import ROOT, settings

LECTURE = "lecture"  # the widget's key and the name in the URL, as is DEVICE
DEVICE = "device"
SIDEBAR = 232  # pixels
LARGE = 1.35  # how much larger figures and components draw their type in lecture mode
_THROUGH_APP = "_through_app"
_OPENED = "_opened_with"


@dataclass(frozen=True)
class Entry:
    """One page: its file, title, icon, the heading above it in the sidebar, and its address ("" is the front page)."""

    file: str
    title: str
    icon: str
    section: str
    url: str


PAGES = (
    Entry("pages/side_by_side.py", "Side by side", ":material/view_column:", "Compare", ""),
    Entry("pages/attention.py", "Attention", ":material/grid_on:", "Look inside", "attention"),
    Entry("pages/pictures.py", "Pictures", ":material/image_search:", "Look inside", "pictures"),
    Entry("pages/positions.py", "Positions", ":material/pin:", "Look inside", "positions"),
    Entry("pages/fields.py", "Receptive fields", ":material/filter_center_focus:", "Look inside", "fields"),
    Entry("pages/training.py", "Training", ":material/model_training:", "Learning", "training"),
    Entry("pages/gradients.py", "Gradient flow", ":material/trending_down:", "Learning", "gradients"),
    Entry("pages/optimizers.py", "Optimizers", ":material/route:", "Learning", "optimizers"),
)


def frame() -> None:
    """One run of the app: navigation, the settings in the sidebar (in a lecture behind one button), and the page."""
    page = _navigation("hidden" if lecture() else "sidebar")
    # before any widget: one that is bound to the address takes out of it what it does not know
    every = {name: st.query_params.get_all(name) for name in st.query_params}
    st.session_state.setdefault(_OPENED, (page.url_path, every))
    # a sidebar that is on screen stays when nothing is left in it: then it is folded away
    folded: Literal["collapsed"] | int = "collapsed" if lecture() else SIDEBAR
    st.set_page_config(page_title=f"{page.title} · Sightlines", initial_sidebar_state=folded)
    if lecture():
        _lecture_menu()
    else:
        st.logo(str(ROOT / "pages/shared/logo.svg"), size="large")
        with st.sidebar:
            _settings()
    st.session_state[_THROUGH_APP] = True
    with guarded():
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


def opened_with(url: str) -> dict[str, list[str]]:
    """The settings in the address that the session began with, key -> values; none if that was another page's."""
    first, query = st.session_state.get(_OPENED, (None, {}))
    return query if first == url else {}


def lecture() -> bool:
    """Whether lecture mode is on: no sidebar, larger figures."""
    return bool(st.session_state.get(LECTURE, st.query_params.get(LECTURE, "").lower() == "true"))


def scale() -> float:
    """The factor for the type of figures and components."""
    return LARGE if lecture() else 1.0


def chosen_device() -> str:
    """The device that models run on, `cpu` or `cuda`, as chosen beside the page and kept in the URL."""
    wanted = st.session_state.get(DEVICE)
    return device.resolve(str(wanted) if wanted in device.choices() else "auto")


def _navigation(position: Literal["hidden", "sidebar"]) -> st.Page:
    sections: dict[str, list[st.Page]] = {}
    for entry in PAGES:
        page = st.Page(
            entry.file, title=entry.title, icon=entry.icon, url_path=entry.url or None, default=not entry.url
        )
        sections.setdefault(entry.section, []).append(page)
    return st.navigation(sections, position=position, expanded=True)


def _lecture_menu() -> None:
    """Pages and settings behind one button: without navigation and without any element in it, there is no sidebar."""
    with st.container(horizontal=True, horizontal_alignment="right"), st.popover("Menu", icon=":material/menu:"):
        for entry in PAGES:
            st.page_link(entry.file, label=entry.title, icon=entry.icon)
        _settings()


def _settings() -> None:
    """What is true for all pages: device, lecture mode, limits."""
    choices = device.choices()
    # no format_func: a bound widget writes the formatted text into the address
    st.segmented_control("Device", choices, default="auto", required=True, key=DEVICE, bind="query-params")
    st.caption(device.title(chosen_device()) + ("" if "cuda" in choices else ". No GPU found."))
    st.toggle(
        "Lecture mode",
        key=LECTURE,
        bind="query-params",
        help="Takes the sidebar away and enlarges the figures. The browser's zoom enlarges the rest.",
    )
    with st.popover("Limits", type="tertiary", icon=":material/straighten:"):
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
