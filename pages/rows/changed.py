"""Change one word: what moves in each network, its mixing weights or its influence?"""

import numpy as np
import streamlit as st

from models.presets import SETS
from models.reading import MATRIX_LIMIT, Change
from models.tokenizer import WordTokenizer
from pages.rows import changed_maps
from pages.rows.view import MOVED, View, article, names, sentence, shares
from pages.rows.work import changes
from pages.shared import errors, progress
from pages.shared.figure import figure_block
from viz.dots import Dots, dots
from viz.theme import look

MIXING = (
    "Mixing weights say how strongly word t is joined to word u: |W| in full connection; the norm of each tap in a "
    "convolution; ‖UᵏW‖ in the RNN, fixed once its tanh is taken away; what the input gate of an LSTM writes times "
    "what its later forget gates keep; 1 − z times the later z in a GRU; the softmax weights in attention."
)
WARNING = (
    f"{MIXING} Fixed weights do not make a fixed answer: every network's output depends on its words. Weights are "
    "averaged over layers, heads and units here. A row's total variation says how much its pattern moved, not whether "
    "the move matters."
)
ROWS = {
    "mixing": "mixing weights, averaged over layers",
    "gradient": "gradient influence",
    "substitution": "substitution influence",
}
PARTS = {"Mixing weights": "mixing", "Gradient influence": "gradient", "Substitution influence": "substitution"}
PLACE = "change_place"  # the place of the word, from 1, in the address


@st.fragment
def draw(view: View) -> None:
    """The choice of a word and its replacement, and what moved."""
    tokens = view.first.trace.tokens
    if len(tokens) > MATRIX_LIMIT:
        st.info(f"Changing a word is shown to {MATRIX_LIMIT} tokens; this text has {len(tokens)}.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = _place(view)
        word = st.text_input(
            "becomes",
            key=f"{SETS[view.request.group][0]}_change_word",
            value=_suggestion(view),
            width=220,
            max_chars=40,
            persist_state="session",
        )
        part = st.segmented_control(
            "Show", PARTS, default="Mixing weights", required=True, key="change_part", bind="query-params"
        )
    with errors.guarded():
        after = replaced(view, place, word)
        models = tuple((f, view.request.cards[f].name) for f in view.readings)
        found = progress.result("change", changes, models, view.request.text, after, view.request.device)
        if found is not None:
            moved = {f: c for f, c in found.items() if isinstance(c, Change)}
            _figures(view, moved, place, word, PARTS[part or "Mixing weights"])


def _place(view: View) -> int:
    """The chosen place, kept by the session and, as a number alone, by the address: the words are the reader's own."""
    tokens, usual = view.first.trace.tokens, heaviest(view)
    asked = st.query_params.get(PLACE, "")
    at = int(asked) - 1 if asked.isdecimal() and 1 <= int(asked) <= len(tokens) else usual
    place = st.selectbox(
        "Word",
        range(len(tokens)),
        index=at,
        format_func=lambda i: f"{i + 1}  {tokens[i]}",
        key=PLACE,
        width=220,
        persist_state="session",
    )
    if place != usual:
        st.query_params[PLACE] = str(place + 1)
    elif PLACE in st.query_params:
        del st.query_params[PLACE]
    return place


def heaviest(view: View) -> int:
    """The word, no punctuation mark, with the largest mean share of the gradient of the answer."""
    mean = np.mean([shares(r.of_output[view.request.target]) for r in view.readings.values()], axis=0)
    spoken = np.array([any(map(str.isalnum, token)) for token in view.first.trace.tokens])
    return int(np.where(spoken | ~spoken.any(), mean, -1).argmax())


def _suggestion(view: View) -> str:
    return "great" if view.request.group == "sentiment" else "cats"


def replaced(view: View, place: int, word: str) -> str:
    """The text with one token replaced; ValueError unless the new word is exactly one token."""
    spans = WordTokenizer(["<unk>"])(view.request.text).spans
    parts = WordTokenizer(["<unk>"])(word)
    if len(parts) != 1:
        raise ValueError(f"Type exactly one word; {len(parts)} were found.")
    start, end = spans[place]
    text = view.request.text[:start] + parts.strings[0] + view.request.text[end:]
    if len(WordTokenizer(["<unk>"])(text)) != len(spans):
        raise ValueError("The new word runs into its neighbour. Take another word or another place.")
    return text


def _figures(view: View, found: dict[str, Change], place: int, word: str, part: str) -> None:
    if not found:
        raise ValueError("None of the chosen networks can take this text.")
    moved = {f: float(getattr(c, f"{part}_moved").mean()) for f, c in found.items()}
    _summary(view, found, moved, part)
    changed_maps.draw(view, found, place, word, part)


def _summary(view: View, found: dict[str, Change], moved: dict[str, float], part: str) -> None:
    rows = [Dots(f, look(f).title, moved[f], getattr(c, f"{part}_moved")) for f, c in found.items()]
    figure = dots(rows, x_title="total variation of a row: 0 unmoved, 1 nothing in common", x_range=(-0.02, 1.02))
    figure_block(
        "changed",
        finding(found, part),
        figure,
        f"Each dot is one row of the {ROWS[part]}; the diamond is the mean. {answers(view, found)}",
        lambda: _table(view, found, part),
        {f.replace("-", "_"): getattr(c, f"{part}_moved") for f, c in found.items()},
        WARNING,
        f"changed-{part}",
        question="How far does changing one word move each network?",
    )


def finding(found: dict[str, Change], part: str) -> str:
    """Who cannot move by construction, and who moves most."""
    means = {f: float(getattr(c, f"{part}_moved").mean()) for f, c in found.items()}
    fixed = [f for f, c in found.items() if c.fixed] if part == "mixing" else []
    free = {f: mean for f, mean in means.items() if f not in fixed}
    note = " (the RNN's once tanh is taken away)" if "rnn" in fixed else ""
    if not free:
        return f"None of these networks can move its mixing weights: they are fixed after training{note}"
    most = max(free, key=lambda f: free[f])
    moved = [f for f, mean in free.items() if mean >= MOVED]
    if part != "mixing":
        if not moved:
            return f"The {ROWS[part]} moves in no network"
        where = "every network" if len(moved) == len(free) else f"{len(moved)} of {len(free)} networks"
        return sentence(f"the {ROWS[part]} moves in {where}, most in {article(most)} ({free[most]:.2f})")
    start, those = (f"the weights of {names(fixed)} are fixed{note}; ", "those") if fixed else ("", "the weights")
    if not moved:
        return sentence(f"{start}{those} of {names(list(free))} do not move here")
    return sentence(f"{start}{those} of {article(most)} move most ({free[most]:.2f})")


def answers(view: View, found: dict[str, Change]) -> str:
    """Whose decision the change turns."""
    turned = [
        f for f, c in found.items() if (c.output_before[view.label] >= 0.5) != (c.output_after[view.label] >= 0.5)
    ]
    if not turned:
        return "No network's decision turns."
    return f"The decision turns in {len(turned)} of {len(found)}: {names(turned)}."


def _table(view: View, found: dict[str, Change], part: str) -> dict[str, list]:
    tokens = view.first.trace.tokens
    rows = [
        (f, i + 1, t, float(getattr(c, f"{part}_moved")[i])) for f, c in found.items() for i, t in enumerate(tokens)
    ]
    return {name: [row[i] for row in rows] for i, name in enumerate(("model", "place", "word", "moved"))}
