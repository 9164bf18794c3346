"""One sentence, seven architectures, side by side: rows are questions, columns are networks."""

import streamlit as st

from models.reading import Reading
from pages.rows import attends, changed, costs, depth, distances, says, sees, shuffle, tested, words
from pages.rows.request import Request, ask, unknown_words
from pages.rows.view import View
from pages.rows.work import answers
from pages.shared import errors, progress, shell
from pages.shared.board import board, page_width

MORE = {
    "Distance": distances.draw,
    "Change one word": changed.draw,
    "Shuffle the words": shuffle.draw,
    "Test set": tested.draw,
}
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


@st.fragment
def cost(view: View) -> None:
    """The price row. A stored example has no times: they belong to this machine and are measured when asked for."""
    times = costs.times(view)
    request = (tuple((f, view.request.cards[f].name) for f in view.readings), view.request.text, view.request.device)
    if not times and st.session_state.get("_timed") == request:
        times = progress.result("times", costs.measure, *request) or {}
    board(says.columns(view.request.cards), [costs.row(view, times)], key="board_cost", header=False)
    if not times and st.session_state.get("_timed") != request and st.button("Measure the time on this machine"):
        st.session_state["_timed"] = request
        st.rerun(scope="fragment")


def rows(view: View) -> None:
    """All questions, in the columns of the board."""
    request: Request = view.request
    per_line = board(says.columns(request.cards), [says.row(view)], key="board")
    view = View(request, view.readings, view.refused, per_line, page_width("board"))
    if strange := unknown_words(view.first.trace.tokens, view.first.trace.known):
        st.caption(strange)
    for draw in (sees.draw, words.draw, attends.draw, depth.reach, depth.gradient, cost):
        with errors.guarded():
            draw(view)
    st.divider()
    more = st.segmented_control("Ask more", MORE, default="Distance", required=True, key="more", bind="query-params")
    with errors.guarded():
        MORE[more or "Distance"](view)


shell.start()
st.header("One sentence, seven networks")
if view := current():
    rows(view)
