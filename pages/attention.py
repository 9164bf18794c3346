"""Attention of one transformer: all heads, one head, its anatomy, patterns, comparisons, generated text."""

import streamlit as st

from pages.heads import (
    anatomy,
    choice,
    compare,
    generate,
    given,
    header,
    overview,
    patterns,
    restore,
    room,
    source,
    work,
)
from pages.heads.subject import Request, Subject
from pages.shared import errors, progress, shell, views

VIEWS = {  # and which controls each needs above it
    "Overview": (overview.draw, choice.ALL),
    "Anatomy": (anatomy.draw, choice.HEAD),
    "Patterns": (patterns.draw, choice.KIND),
    "Compare": (compare.draw, choice.ALL),
    "Generate": (generate.draw, choice.HEAD),
}
LAST = "_last_attention"


def current() -> Subject | None:
    """The run to look at: the new one, or the last one while its successor is under way or could not be had."""
    with errors.guarded():
        request = ask()
        found = progress.result("attention", work.traced, request) if request else None
        if found is not None:
            st.session_state[LAST] = found
            return found
    last: Subject | None = st.session_state.get(LAST)
    if last is not None:
        st.caption(f"Below: the last input that was answered, by {errors.plain(last.about.title)}.")
    return last


def ask() -> Request | None:
    """Model and input; None while one of them is missing."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        about = source.ask()
        sent = given.ask(about) if about else None
        restore.restore()
    return Request(about.name, sent, shell.chosen_device()) if about and sent is not None else None


@st.fragment
def explore(subject: Subject) -> None:
    """The views; only the chosen one is computed."""
    room.measure(subject.about)
    with errors.guarded():
        header.draw(subject)
    name = views.chosen(VIEWS, "view")
    with errors.guarded():
        draw, controls = VIEWS[name]
        draw(subject, choice.ask(subject, controls))


shell.start()
st.header("Attention", anchor=False)
if run := current():
    explore(run)
