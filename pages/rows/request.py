"""What the reader asks: task, text, models, class. The state is in the address, the text only on request."""

from dataclasses import dataclass

import streamlit as st

from models.cards import ModelCard
from models.presets import SETS, models_of, presets
from pages.shared import shell
from pages.shared.errors import plain
from pages.shared.text import check, share
from viz.theme import look

GROUPS = {"Sentiment": "sentiment", "Agreement": "agreement", "Agreement, far only": "agreement-far"}
SEVEN = ("mlp", "cnn", "rnn", "lstm", "gru", "transformer", "hybrid")
ABOUT = {
    "sentiment": "Real opinions; the test is on film snippets. The networks hardly differ in accuracy here.",
    "agreement": "Which verb follows, is or are? It hangs on one noun. Accuracy below: 0 to 40 words after it.",
    "agreement-far": "The same networks, trained only at 21 to 40 words before the verb. Accuracy below: 0 to 40.",
}


@dataclass(frozen=True)
class Request:
    """Plain values; `preset` names the example that the text still equals, else None."""

    group: str
    text: str
    preset: str | None
    families: tuple[str, ...]
    target: int
    labels: tuple[str, ...]
    device: str

    @property
    def cards(self) -> dict[str, ModelCard]:
        """Architecture -> card of the chosen models, in their fixed order."""
        return {family: card for family, card in models_of(self.group).items() if family in self.families}


def ask() -> Request:
    """Draw the controls and return what they say; ValueError with a sentence where that cannot be answered."""
    first = st.container(horizontal=True, vertical_alignment="bottom")
    box = st.container()
    with first:
        name = st.segmented_control("Task", GROUPS, default="Sentiment", required=True, key="task", bind="query-params")
    group = GROUPS[name or "Sentiment"]
    task = SETS[group][0]
    cards = models_of(group)
    preset = _examples(task)
    with box:
        text = _text(task, preset)
    with first:
        labels = tuple(next(iter(cards.values())).settings["labels"])
        label = _class(task, labels)
        families = _models(group, tuple(cards))
        share(text)
    st.caption(ABOUT[group])
    if not 2 <= len(families) <= 7:
        raise ValueError(f"Choose two to seven models; {len(families)} {'is' if len(families) == 1 else 'are'} chosen.")
    return Request(group, check(text), preset, families, labels.index(label), labels, shell.chosen_device())


def _from_address(task: str) -> str | None:
    """The text of a shared address; it belongs to the task that the address opened."""
    first, text = st.session_state.setdefault("_shared", (task, st.query_params.get("text")))
    return text if first == task else None


def _examples(task: str) -> str | None:
    """The examples as pills; choosing one writes its text into the box."""
    key, offered = f"{task}_example", presets(task)

    def write() -> None:
        if chosen := st.session_state.get(key):
            st.session_state[f"{task}_text"] = offered[chosen]

    default = next(iter(offered)) if _from_address(task) is None else None
    chosen = st.pills(
        "Examples",
        offered,
        default=default,
        key=key,
        bind="query-params",
        on_change=write,
        label_visibility="collapsed",
    )
    if shell.lecture():
        _steps(task, list(offered), chosen)
    return chosen


def _steps(task: str, names: list[str], chosen: str | None) -> None:
    """Previous and next example, by button or arrow key, for a lecture."""

    def step(by: int) -> None:
        at = names.index(chosen) if chosen in names else -by
        name = names[(at + by) % len(names)]
        st.session_state[f"{task}_example"] = name
        st.session_state[f"{task}_text"] = presets(task)[name]

    with st.container(horizontal=True):
        st.button("Previous example", shortcut="Left", on_click=step, args=(-1,), key="previous")
        st.button("Next example", shortcut="Right", on_click=step, args=(1,), key="next")


def _text(task: str, preset: str | None) -> str:
    """The text box; typing lets go of the example."""
    key = f"{task}_text"
    offered = presets(task)
    if key not in st.session_state:
        shared = _from_address(task)
        st.session_state[key] = offered[preset or next(iter(offered))] if shared is None else shared

    def typed() -> None:
        same = [name for name, text in offered.items() if text == st.session_state[key]]
        st.session_state[f"{task}_example"] = same[0] if same else None

    return st.text_input("Your text", key=key, on_change=typed, persist_state="session", label_visibility="collapsed")


def _models(group: str, offered: tuple[str, ...]) -> tuple[str, ...]:
    """Two to seven models, in their fixed order."""
    titles = {look(family).title: family for family in offered}
    default = [title for title, family in titles.items() if family in SEVEN]
    with st.popover("Models"):
        chosen = st.pills(
            "Two to seven models",
            titles,
            selection_mode="multi",
            default=default,
            key=f"{group}_models",
            bind="query-params",
        )
    return tuple(family for title, family in titles.items() if title in chosen)


def _class(task: str, labels: tuple[str, ...]) -> str:
    chosen = st.segmented_control(
        "Answer to explain", labels, default=labels[-1], required=True, key=f"{task}_class", bind="query-params"
    )
    return chosen or labels[-1]


def unknown_words(tokens: tuple[str, ...], known: tuple[bool, ...]) -> str:
    """A line of Markdown that names the words outside the vocabulary, empty where there is none."""
    strange = list(dict.fromkeys(token for token, in_it in zip(tokens, known, strict=True) if not in_it))
    if not strange:
        return ""
    named = ", ".join(f"“{plain(token)}”" for token in strange[:12]) + (" …" if len(strange) > 12 else "")
    return f"Not in the vocabulary, marked ° and read as one unknown word: {named}."
