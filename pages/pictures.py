"""Pictures: what a fully connected network, a CNN, a Vision Transformer and a hybrid see in the same picture."""

from dataclasses import replace

import streamlit as st

from models.photo_card import MISSING
from pages.seen import attended, cam, change, compare, deleted, features, given, others, robust, says, trained, work
from pages.seen.asked import TASKS, Asked, Given, known, reference
from pages.shared import errors, progress, shell, views
from pages.shared.board import board, page_width
from pages.shared.errors import plain

BOARD = "pictures_board"
VIEWS = {
    "Saliency": compare.draw,
    "Grad-CAM": cam.draw,
    "Attention": attended.draw,
    "Features": features.draw,
    "Deletion": lambda asked, width: deleted.draw(asked),
    "Robustness": lambda asked, width: robust.draw(asked.task),
}
FILLED = ("Saliency", "Grad-CAM")  # Deletion asks for itself, and only where it follows the picture above
LAST = "_last_picture"


def current() -> Asked | None:
    """The request: the new one, or the last one while there is no new picture."""
    picture = None
    with errors.guarded():
        name, place, row = given.ask()
        with errors.guarded():
            picture = given.picture(name, place, row)
        # drawn with and without a picture: Streamlit forgets what was chosen in a control that a run leaves out
        found = controls(TASKS[name], picture)
        if found is not None:
            st.session_state[LAST] = found
            return found
    last: Asked | None = st.session_state.get(LAST)
    if last is not None:
        st.caption(f"Below: the last picture that was answered, {plain(last.given.title)}.")
    return last


def controls(task: str, picture: Given | None) -> Asked | None:
    """Networks, class and changes, beside the picture as the networks get it; None while either is missing."""
    with st.container(horizontal=True, gap="medium"):
        left = st.container(width=change.PICTURE) if picture else None
        right = st.container(width="stretch")
    with right:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            names, more = change.networks(task)
            explain = st.container(width="content")
        names += others.ask(more, shell.chosen_device())
        terms = reference(task, names)
        with explain:  # beside the networks, but its classes are known only when one is loaded
            target = change.target(task, terms)
        if not known(task):
            st.caption(plain(MISSING))
        changes = change.ask(task)
        if picture and picture.steps:
            st.caption(plain(f"Done to {picture.title}: {', '.join(picture.steps)}."))
    if picture is None or left is None:
        return None
    asked = Asked(task, picture, changes, names, target, shell.chosen_device(), terms=terms)
    with left:
        change.picture(asked.pixels)
    if not names and not more:
        raise ValueError("Choose at least one network.")
    return asked if names else None


@st.fragment
def explore(asked: Asked) -> None:
    """Answers, then one view."""
    with errors.guarded():
        found = progress.result("pictures", work.answers, asked)
        if found is not None:
            board(says.columns(asked.models), says.rows(asked, found), key=BOARD)
            trained.draw(asked.models)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width="content"):  # lets the views wrap where the page is narrower than they are
            name = views.chosen(VIEWS, "seen")
        fill = compare.fill() if name in FILLED else 0.0
    with errors.guarded():
        VIEWS[name](replace(asked, fill=fill), page_width(BOARD))


shell.start()
st.header("Pictures", anchor=False)
if asked := current():
    explore(asked)
