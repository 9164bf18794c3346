"""What the last state owes to each word: trained and untrained networks, by gradient and by substitution."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import streamlit as st

from models.cards import cards
from models.lens.gradient_flow_time import Times
from models.presets import presets
from models.tokenizer import pieces
from pages.flow import room
from pages.shared import loading, progress, shell
from pages.shared.figure import figure_block
from pages.shared.text import check
from viz.curves import Line
from viz.lines import LinePanel, small_lines
from viz.theme import Look, look

FAMILIES = ("rnn", "lstm", "gru", "transformer")
KINDS = ("gradient", "substitution")
RANGE = (1e-14, 1e2)
UNTRAINED = Look("untrained", "#808080", "dot", "circle-open")
GATES = Look("product of forget gates", "#009E73", "dash", "diamond-open")
MOST = 80  # words and signs
Found = dict[str, dict[str, Times]]
WARNING = (
    "One text. The gradient speaks of an infinitesimal change, substitution of a real one, by 8 random words each: "
    "where units saturate they part, and neither is memory of a fact. Both are measured at the last state after its "
    "norm. A position's influence depends on its word as well as on its distance. The product of forget gates is a "
    "mean over units of the last layer and only the direct path."
)


def draw() -> None:
    """The text, and one figure: gradients first, then substitutions."""
    width = room.measure()
    text, noise = ask()
    names = {card.family: card.name for card in cards("agreement") if card.training_set == "mixed"}
    asked = tuple((family, names[family]) for family in FAMILIES if family in names)
    found: Found | None = progress.result("clock", work, asked, text, noise, shell.chosen_device())
    if found is not None:
        _block(found, noise, width)


def ask() -> tuple[str, int | None]:
    """The reader's text and None, or no text and how many random words are read in its place."""
    offered = presets("agreement")
    if "flow_text" not in st.session_state:
        st.session_state["flow_text"] = st.query_params.get(
            "text", offered.get("forty words", next(iter(offered.values())))
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        noise = st.toggle("Random words", key="noise", bind="query-params", help="As many as the text has.")
        typed = st.text_input(
            "Your text", key="flow_text", persist_state="session", label_visibility="collapsed", disabled=noise
        )
    text = check(typed)
    if (count := len(pieces(text))) > MOST:
        raise ValueError(f"This view reads at most {MOST} words and signs; the text has {count}.")
    return ("", count) if noise else (text, None)


def work(
    report: Callable[..., None], asked: tuple[tuple[str, str], ...], text: str, noise: int | None, device: str
) -> Found:
    """The job: each network as trained, and as it stood before training, reads the text or `noise` random words."""
    loading.prepare()
    from models.lens.gradient_flow import by_time
    from models.lens.gradient_flow_time import random_words
    from models.sources import untrained

    found: Found = {"trained": {}, "untrained": {}}
    for at, (family, name) in enumerate(asked):
        for state in found:
            report((at + 0.5 * (state == "untrained")) / len(asked), f"{look(family).title}, {state}, reads the text")
            model = loading.model(name, device) if state == "trained" else untrained(name, device)
            found[state][family] = by_time(model, text if noise is None else random_words(model, noise))
    return found


def _block(found: Found, noise: int | None, width: int) -> None:
    panels = []
    for kind in KINDS:
        for family in found["trained"]:
            one, before = found["trained"][family], found["untrained"][family]
            back = np.arange(len(one.tokens) - 1, -1, -1, dtype=np.float64)
            curves = [
                Line(family, "trained", back, getattr(one, kind), look=replace(look(family), dash="solid")),
                Line("", "untrained", back, getattr(before, kind), look=UNTRAINED),
            ]
            if kind == "gradient" and one.kept is not None:
                curves.append(Line("", GATES.title, back, one.kept, look=GATES))
            panels.append(LinePanel(family, f"{look(family).title}, {kind}", curves))
    count = len(next(iter(found["trained"].values())).tokens)
    at_random = "" if noise is None else " at random"
    figure = small_lines(
        panels,
        x_title="words back from the last",
        y_title="norm",
        per_line=room.panels(width),
        log_y=True,
        y_range=RANGE,
        width=width,
        height=150,
    )
    figure_block(
        "clock",
        finding(found),
        figure,
        "gradient: norm of ∂ last state / ∂ word; substitution: mean change of the last state when the word is "
        f"replaced. Grey dots: untrained; green: the LSTM's product of forget gates. {count} words{at_random}.",
        lambda: _table(found),
        {
            f"{family.replace('-', '_')}_{state}_{kind}": getattr(one, kind)
            for state, group in found.items()
            for family, one in group.items()
            for kind in KINDS
        },
        WARNING,
        "gradient-through-time",
        question="What does the last state owe to each word?",
    )


def ratio(values: np.ndarray) -> float:
    """The first quarter's largest value over the last word's."""
    return float(values[: max(1, len(values) // 4)].max() / values[-1]) if values[-1] > 0 else float("nan")


def finding(found: Found) -> str:
    """Where the far words' gradient is gone and their influence is not."""
    trained = found["trained"]
    pairs = {f: (ratio(one.gradient), ratio(one.substitution)) for f, one in trained.items()}
    parted = [f for f, (slope, change) in pairs.items() if slope < 1e-3 and change > 1e-2]
    if parted:
        family = min(parted, key=lambda f: pairs[f][0])
        slope, change = pairs[family]
        gone = "have no gradient at all" if slope == 0 else f"have {slope:.0e} of the last word's gradient"
        return (
            f"{look(family).title}: the far words {gone}, yet replacing one still moves the state {change:.2f} times "
            "as much as the last word"
        )
    kept = max(pairs, key=lambda f: pairs[f][0])
    return f"{look(kept).title} keeps most of its gradient: far words have {pairs[kept][0]:.2g} of the last word's"


def _table(found: Found) -> dict[str, list]:
    rows = [
        (
            look(family).title,
            state,
            at,
            token,
            one.gradient[at],
            one.substitution[at],
            float("nan") if one.kept is None else one.kept[at],
        )
        for state, group in found.items()
        for family, one in group.items()
        for at, token in enumerate(one.tokens)
    ]
    columns = ("network", "state", "position", "word", "gradient", "substitution", "product of forget gates")
    return {name: [row[i] for row in rows] for i, name in enumerate(columns)}
