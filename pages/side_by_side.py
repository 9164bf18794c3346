"""One sentence, seven architectures, side by side: rows are questions, columns are networks."""

import streamlit as st

from models.reading import Reading
from pages.rows import says
from pages.rows.request import ask, unknown_words
from pages.rows.view import View
from pages.rows.work import answers
from pages.shared import errors, shell
from pages.shared.board import board, page_width

LAST = "_last_view"


def current() -> View | None:
    """The view to draw: the new one, or the last one while its successor is under way or could not be had."""
    with errors.guarded():
        request = ask()
        found = answers(request)
        if found is not None:
            readings = {family: answer for family, answer in found.items() if isinstance(answer, Reading)}
            refused = {family: answer for family, answer in found.items() if isinstance(answer, str)}
            if not readings:
                raise ValueError(next(iter(refused.values())))
            st.session_state[LAST] = View(request, readings, refused)
            return st.session_state[LAST]
    last = st.session_state.get(LAST)
    if last is not None:
        st.caption("Below: the last text that was answered.")
    return last


def rows(view: View) -> None:
    """The answers, and all questions below them in the same columns."""
    per_line = board(says.columns(view.request.cards), [says.row(view)], key="board")
    view = View(view.request, view.readings, view.refused, per_line, page_width("board"))
    if strange := unknown_words(view.first.trace.tokens, view.first.trace.known):
        st.caption(strange)
    from pages.rows import below  # plotly is imported while the browser draws the answers

    below.draw(view)


shell.start()
st.header("One sentence, seven networks")
if view := current():
    rows(view)
