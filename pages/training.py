"""Training: small networks learn side by side while you watch, and what happened inside them."""

import streamlit as st

from models.live.record import Recording
from models.live.setup import Setup
from pages.runs import controls, curves, gradients, reference, replay, weights, work
from pages.shared import errors, shell, views

VIEWS = {"Curves": curves.draw, "Replay": replay.draw, "Gradients": gradients.draw, "Weights": weights.draw}
REFERENCE = "Reference run"
LAST = "_asked"


def wanted() -> Setup | None:
    """What the controls ask for; where it cannot be run the page says why, and the last that could stays."""
    with errors.guarded():
        asked = controls.ask(begin)
        st.caption(errors.plain(controls.about(asked)))
        st.session_state[LAST] = asked.checked()
    return st.session_state.get(LAST)


def begin(asked: Setup) -> None:
    """Start the run that was asked for; what cannot be run is said by the page."""
    try:
        work.start(asked.checked())
    except ValueError:
        return


def view(recording: Recording | None, said: str) -> None:
    """The chosen view, under a line that says where its recording comes from."""
    name = str(st.session_state.get("tview") or "Curves")
    with errors.guarded():
        if name == REFERENCE:
            reference.draw()
            return
        if said:
            st.caption(errors.plain(said))
        if recording is not None:
            VIEWS[name](recording)


@st.fragment(run_every=work.TICK)
def live(asked: Setup | None) -> None:
    """A run under way: looked at again and again, and the whole page once when it is over."""
    if not work.active():
        st.rerun()
    work.bar()
    mine = work.done()
    view(*((mine, "") if mine else work.shown(asked)))


@st.fragment
def still(asked: Setup | None) -> None:
    """What was recorded; only the chosen view is drawn."""
    if error := work.problem():
        errors.show(error)
    view(*work.shown(asked))


shell.start()
st.header("Training", anchor=False)
setup = wanted()
views.chosen([*VIEWS, REFERENCE], "tview")
(live if work.active() else still)(setup)
