"""What is to be trained: a lesson, or any data, networks and settings. All of it stands in the address."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from models.live.data import TASKS
from models.live.lessons import LESSONS
from models.live.setup import MEMORY, MOST_NETWORKS, OPTIMIZERS, PLANE, Setup
from pages.runs import work
from viz.variants import variant

FIRST = next(iter(LESSONS))
START = LESSONS[FIRST].setup  # what the controls say when nobody chose
OTHERS = {"plane": START.networks, "memory": ("lstm", "transformer")}  # networks when data is chosen by hand
LESSON, DATA = "lesson", "tdata"
NETWORKS = {"plane": ("tplane", PLANE), "memory": ("tmemory", MEMORY)}
NUMBERS = {  # field of Setup -> (key, label, help)
    "examples": ("texamples", "Training examples", "How many examples there are to learn from."),
    "batch": ("tbatch", "Batch", "Examples whose mean gradient makes one step."),
    "epochs": ("tepochs", "Epochs", "How often the run goes through all examples."),
    "width": ("twidth", "Width", "Numbers in each hidden state. All networks share it."),
    "depth": ("tdepth", "Depth", "Hidden layers (points), or blocks of mixing and feed-forward part (sequences)."),
    "seed": ("tseed", "Seed", "Fixes the start values, the examples and their order."),
}
RATE, OPTIMIZER, CLIP = "trate", "topt", "tclip"
TITLES = {task.title: name for name, task in TASKS.items()}


def ask(begin: Callable[[Setup], None]) -> Setup:
    """Draw the controls and return what they say, not yet checked; Start calls `begin` with it."""
    _restore()
    st.pills(
        "Lessons",
        LESSONS,
        default=FIRST,
        key=LESSON,
        bind="query-params",
        on_change=_teach,
        label_visibility="collapsed",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = list(TITLES.values()).index(START.data)
        data = TITLES[st.selectbox("Data", TITLES, first, key=DATA, bind="query-params", width=230)]
        networks = _networks(kind(data))
        setup = Setup(data=data, networks=networks, **_settings())
        st.button("Start", icon=":material/play_arrow:", on_click=begin, args=(setup,))
    return setup


def about(setup: Setup) -> str:
    """The lesson's question where its settings stand, else what the data is."""
    for lesson in LESSONS.values():
        if lesson.setup == setup:
            return lesson.question
    return setup.task.about


def kind(data: str) -> str:
    """Which networks a data set takes: those of points, or those with a memory."""
    return "plane" if TASKS[data].kind == "plane" else "memory"


def _networks(which: str) -> tuple[str, ...]:
    key, offered = NETWORKS[which]
    titles = {variant(name).title: name for name in offered}
    with st.popover("Networks", icon=":material/account_tree:"):
        default = [variant(name).title for name in OTHERS[which]]
        chosen = st.pills(
            f"One to {MOST_NETWORKS}", titles, selection_mode="multi", default=default, key=key, bind="query-params"
        )
        st.caption(
            "All networks of a run share width, start seed and batches, and have the same number of parameters: for "
            "sequences by the inner width of the feed-forward parts. Only a perceptron stays smaller."
        )
    return tuple(name for title, name in titles.items() if title in chosen)


def _settings() -> dict[str, Any]:
    """The numbers of a run. None has a bound here: what cannot be run is answered with a sentence."""
    values: dict[str, Any] = {}
    with st.popover("Settings", icon=":material/tune:"):
        columns = st.columns(3)
        for at, (name, (key, label, said)) in enumerate(NUMBERS.items()):
            start = getattr(START, name)
            values[name] = columns[at % 3].number_input(
                label, value=start, step=1, key=key, bind="query-params", help=said
            )
        values["rate"] = columns[0].number_input(
            "Learning rate",
            value=START.rate,
            step=0.001,
            format="%g",
            key=RATE,
            bind="query-params",
            help="How far a step goes for a gradient of one.",
        )
        first = OPTIMIZERS.index(START.optimizer)
        values["optimizer"] = columns[1].selectbox("Optimizer", OPTIMIZERS, first, key=OPTIMIZER, bind="query-params")
        values["clip"] = columns[2].toggle(
            "Clip gradients",
            key=CLIP,
            bind="query-params",
            help="Before a step, a gradient longer than 1 is shortened to 1.",
        )
        st.caption("Training runs on the CPU, whatever the device beside the page.")
    return values


def _restore() -> None:
    """Fill what the address leaves open: from the run under way on a return to the page, else from the lesson."""
    if DATA in st.session_state:
        return
    keys = {DATA, LESSON, RATE, OPTIMIZER, CLIP, *(key for key, _, _ in NUMBERS.values())}
    keys |= {key for key, _ in NETWORKS.values()}
    last = work.setup()
    if last is not None and not keys & set(st.query_params):
        name = next((name for name, lesson in LESSONS.items() if lesson.setup == last), None)
        _write(last, name)
        return
    named = st.query_params.get(LESSON, FIRST)
    _write(LESSONS[named if named in LESSONS else FIRST].setup, named if named in LESSONS else FIRST)


def _teach() -> None:
    """A lesson was chosen: its settings are written into the controls."""
    if name := st.session_state[LESSON]:
        st.session_state.update(_values(LESSONS[name].setup, name))


def _write(setup: Setup, lesson: str | None) -> None:
    """Set every control that the address leaves open and that starts with another value."""
    usual = _values(START, FIRST)
    for key, value in _values(setup, lesson).items():
        if key not in st.query_params and value != usual[key]:
            st.session_state[key] = value


def _values(setup: Setup, lesson: str | None) -> dict[str, Any]:
    """Key of a control -> what it says for a setup."""
    values: dict[str, Any] = {key: getattr(setup, name) for name, (key, _, _) in NUMBERS.items()}
    values |= {DATA: setup.task.title, RATE: setup.rate, OPTIMIZER: setup.optimizer, CLIP: setup.clip, LESSON: lesson}
    for which, (key, offered) in NETWORKS.items():
        chosen = setup.networks if which == kind(setup.data) else OTHERS[which]
        values[key] = [variant(name).title for name in offered if name in chosen]
    return values
