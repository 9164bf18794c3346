"""The numbers of the two boards, answers and costs, as a table and a file, and what they do not show."""

import streamlit as st

from pages.rows.view import View
from pages.shared.errors import plain
from pages.shared.figure import file_button
from viz.table import to_csv
from viz.theme import look

WARNING = (
    "A probability near 1 does not say that the answer is right: the test set does, on average. Operations leave out "
    "norms, activations and softmax. A time is that of one text on this machine and ranks no architecture; steps one "
    "after the other are what more processors cannot shorten."
)


@st.fragment
def draw(view: View, times: dict[str, float]) -> None:
    """The row under the costs; a fragment, so that opening the table runs nothing else of the page."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        numbers = st.popover("Table of answers and costs", type="tertiary", key="board_table", on_change="rerun")
        if numbers.open:
            numbers.dataframe(table(view, times), width=760, hide_index=True)
        file_button("CSV", lambda: to_csv(table(view, times)), "answers-and-costs.csv", "text/csv", "board")
        with st.popover("What this does not show", type="tertiary", key="board_warning"):
            st.markdown(plain(WARNING))


def table(view: View, times: dict[str, float]) -> dict[str, list]:
    """One row a model: every answer's probability, then what one pass costs; a time that was not measured is NaN."""
    found: dict[str, list] = {"model": [look(family).title for family in view.readings]}
    for label in view.request.labels:
        found[f"p({label})"] = [reading.trace.output[label] for reading in view.readings.values()]
    for name, field in (("parameters", "parameters"), ("multiply-accumulates", "macs"), ("steps in a row", "steps")):
        found[name] = [getattr(reading.cost, field) for reading in view.readings.values()]
    found["milliseconds"] = [times.get(family, float("nan")) for family in view.readings]
    return found
