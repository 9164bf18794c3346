"""View "Trained": one small transformer a scheme and task, trained to 32 places: which scheme carries further?"""

import streamlit as st

from models.lens import asked
from pages.codes import carried_answers, carried_attention, carried_scores, carried_work, controls
from pages.codes.carried_work import TASKS
from pages.shared import progress, shell

SHOWS = ("Accuracy", "Answers", "Attention")
LENGTHS = ("12", "32", "64", "128")
ABOUT = {
    "order": "Letters, exactly one a and one b among them. Read as a whole, in both directions: is a before b?",
    "back": "Letters a to p. Read from left to right; asked at each place: which letter stands four places back?",
    "latest": "“c5” says that key c is now 5, “c” asks what c is. Keys a to d, values 0 to 7, left to right.",
}


def draw() -> None:
    """The table of all runs, or what the bundled models make of the reader's own row."""
    with controls.row():
        show = st.segmented_control("Show", SHOWS, default=SHOWS[0], required=True, key="cshow", bind="query-params")
        if show in SHOWS[1:]:
            name = st.segmented_control(
                "Task", TASKS, default="Four back", required=True, key="ctask", bind="query-params"
            )
            length = st.segmented_control(
                "Example of length", LENGTHS, default="64", required=True, key="crow", bind="query-params"
            )
    if show not in SHOWS[1:]:
        carried_scores.draw()
        return
    task = TASKS[name or "Four back"]
    text = st.text_input(
        ABOUT[task],
        asked.example(task, int(length or "64")),
        key=f"carried_{task}_{length}",
        persist_state="session",
    )
    words = carried_work.checked(task, text)
    found = progress.result("carried", carried_work.answered, task, " ".join(words), shell.chosen_device())
    if found is None:
        return
    with controls.row():
        place = _place(found)
        head = carried_attention.choose() if show == "Attention" else None
    if head is None:
        carried_answers.draw(found, place)
    else:
        carried_attention.draw(found, place, *head)


def _place(found: carried_work.Answered) -> int:
    """The asked place to look at, from 0: the nearest to the slider that asks something."""
    places = [at for at, right in enumerate(found.truth) if right is not None]
    if len(places) == 1 or found.task == "order":
        return places[-1]
    low, high = places[0] + 1, places[-1] + 1
    chosen = st.slider("Asked at place", low, high, high, key="cat", bind="query-params", width=controls.SLIDER * 2)
    return min(places, key=lambda at: abs(at + 1 - chosen))
