"""Change one word: what moves in each network, its mixing weights or its influence?"""

import numpy as np
import streamlit as st

from models.reading import MATRIX_LIMIT, Change
from models.tokenizer import WordTokenizer
from pages.rows.view import View, article, long_table, names, sentence, shares
from pages.rows.work import changes
from pages.shared import errors, progress
from pages.shared.figure import figure_block
from viz.dots import Dots, dots
from viz.matrices import Panel, matrices
from viz.theme import look

WARNING = (
    "Fixed weights do not make a fixed answer: every network's output depends on its words. Weights are averaged over "
    "layers, heads and units here, and gates over units. A row's total variation says how much its pattern moved, not "
    "whether the move matters."
)
ROWS = {"mixing": "mixing weights, averaged over layers", "influence": "influence matrix"}
PARTS = {"Mixing weights": "mixing", "Influence": "influence"}


@st.fragment
def draw(view: View) -> None:
    """The choice of a word and its replacement, and what moved."""
    tokens = view.first.trace.tokens
    if len(tokens) > MATRIX_LIMIT:
        st.info(f"Changing a word is shown to {MATRIX_LIMIT} tokens; this text has {len(tokens)}.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.selectbox(
            "Word",
            range(len(tokens)),
            index=_heaviest(view),
            format_func=lambda i: f"{i + 1}  {tokens[i]}",
            key="change_place",
            width=220,
        )
        word = st.text_input("becomes", key="change_word", value=_suggestion(view), width=220, max_chars=40)
        part = st.segmented_control(
            "Show", PARTS, default="Mixing weights", required=True, key="change_part", bind="query-params"
        )
    with errors.guarded():
        after = replaced(view, place, word)
        models = tuple((f, view.request.cards[f].name) for f in view.readings)
        found = progress.result("change", changes, models, view.request.text, after, view.request.device)
        if found is not None:
            _figures(
                view,
                {f: c for f, c in found.items() if isinstance(c, Change)},
                place,
                word,
                PARTS[part or "Mixing weights"],
            )


def _heaviest(view: View) -> int:
    """The word with the largest mean share of the gradient of the answer: the one worth changing first."""
    return int(np.mean([shares(r.of_output[view.request.target]) for r in view.readings.values()], axis=0).argmax())


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
    tokens = view.first.trace.tokens
    moved = {f: float(getattr(c, f"{part}_moved").mean()) for f, c in found.items()}
    _summary(view, found, moved, part)
    for which in ("before", "after", "difference"):
        _matrices(view, found, tokens, place, word, part, which)


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
    moved = {f: float(getattr(c, f"{part}_moved").mean()) for f, c in found.items()}
    most = max(moved, key=lambda f: moved[f])
    if part == "influence":
        return sentence(
            f"the influence moves in every network that is not linear, most in {article(most)} ({moved[most]:.2f})"
        )
    fixed = [f for f, c in found.items() if c.fixed]
    if len(fixed) == len(found):
        return "None of these networks can move its mixing weights: they are fixed after training"
    start = f"the weights of {names(fixed)} are fixed; " if fixed else ""
    return sentence(f"{start}those of {article(most)} move most ({moved[most]:.2f})")


def answers(view: View, found: dict[str, Change]) -> str:
    """Whose decision the change turns."""
    turned = [
        f for f, c in found.items() if (c.output_before[view.label] >= 0.5) != (c.output_after[view.label] >= 0.5)
    ]
    if not turned:
        return "No network's decision turns."
    return f"The decision turns in {len(turned)} of {len(found)}: {names(turned)}."


def _matrices(
    view: View, found: dict[str, Change], tokens: tuple[str, ...], place: int, word: str, part: str, which: str
) -> None:
    before = {f: _drawn(c, part, "before") for f, c in found.items()}
    after = {f: _drawn(c, part, "after") for f, c in found.items()}
    values = (
        {f: after[f] - before[f] for f in found} if which == "difference" else before if which == "before" else after
    )
    scaled = values.values() if which == "difference" else (*before.values(), *after.values())
    top = max(0.1, round(float(max(np.percentile(np.abs(v), 99) for v in scaled)), 2))
    shown = tuple(word if which == "after" and i == place else token for i, token in enumerate(tokens))
    panels = [Panel(f, title, values.get(f), why) for f, title, _, why in view.titled()]
    figure = matrices(
        panels,
        shown,
        shown,
        limits=(-top, top) if which == "difference" else (0.0, min(1.0, top)),
        per_line=view.per_line,
        colour_title="change of share" if which == "difference" else "share of the row",
        scale="diverging" if which == "difference" else "sequential",
        marked=place,
        width=view.width,
    )
    figure_block(
        f"changed_{which}",
        which.capitalize(),
        figure,
        "",
        lambda: long_table(tokens, values, "share"),
        {f.replace("-", "_"): v for f, v in values.items()},
        WARNING,
        f"changed-{part}-{which}",
    )


def _drawn(change: Change, part: str, when: str) -> np.ndarray:
    """Shares of each row, mixing weights averaged over layers."""
    values = getattr(change, f"{part}_{when}")
    return shares(values.mean(axis=0) if part == "mixing" else values)


def _table(view: View, found: dict[str, Change], part: str) -> dict[str, list]:
    tokens = view.first.trace.tokens
    rows = [
        (f, i + 1, t, float(getattr(c, f"{part}_moved")[i])) for f, c in found.items() for i, t in enumerate(tokens)
    ]
    return {name: [row[i] for row in rows] for i, name in enumerate(("model", "place", "word", "moved"))}
