"""Before a model is fetched from the hub: its size, and a click. An address alone starts no download."""

from collections.abc import Callable

import streamlit as st

from models.pretrained import download
from pages.shared import errors, jobs, loading, progress
from pages.shared.settings import limits

AGREED = "_fetched_by_click"
WIDTH = 280  # pixels of the sentence and its button, as a control among others


def agreed(name: str) -> bool:
    """Whether `name` may be loaded: it is no hub id, is on this machine, or was asked for by a click in this session.

    Otherwise says how much would be fetched, beside the button that does it, or why it cannot be.
    """
    if not name.startswith("hub:") or name in st.session_state.get(AGREED, ()) or download.stored(name):
        return True
    size: int | None = progress.result(f"size {name}", weigh, name)
    if size:
        with st.container(width=WIDTH, gap="xsmall"):
            st.caption(f"{errors.plain(name.removeprefix('hub:'))} is not on this machine yet.")
            label = f"Load {size / 1e9:.1f} GB" if size >= 1e9 else f"Load {size / 1e6:.0f} MB"
            st.button(label, key=f"fetch {name}", icon=":material/download:", on_click=_agree, args=(name,))
    return size == 0


def weigh(report: Callable[..., None], name: str) -> int:
    """The job: bytes that would be fetched; 0 where loading itself says why not."""
    report(0.1, f"Asking the hub about {name.removeprefix('hub:')}")
    try:
        return download.size(name, loading.permitted(limits()))
    except ValueError as fault:
        said = str(fault)
        raise jobs.Passing(f"{said[:1].upper()}{said[1:]}.") from fault


def _agree(name: str) -> None:
    st.session_state[AGREED] = (*st.session_state.get(AGREED, ()), name)
