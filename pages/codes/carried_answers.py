"""The reader's own row: each scheme's answer at one place and along the row."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.codes.carried_work import SHORT, TRAINED, Answered, schemes
from pages.shared.errors import plain
from pages.shared.figure import figure_block
from viz.forest import ForestPanel, Mark, forest
from viz.matrices import Panel
from viz.strips import strips

WARNING = (
    "One row is one example; the view “Accuracy” counts thousands. A right answer may be luck: a guess is right once "
    "in as many times as there are answers."
)


def draw(found: Answered, place: int) -> None:
    """The answers at one place, and the probability of the right one along the row."""
    _tiles(found, place)
    rights = {key: found.right(key) for key in schemes()}
    if found.task == "order":
        figure = _pooled(found, rights, place)
    else:
        figure = strips(
            [Panel("", SHORT[key], values) for key, values in rights.items()],
            found.tokens,
            limits=(0.0, 1.0),
            colour_title="p(right answer)",
            edge=TRAINED - 0.5 if len(found.tokens) > TRAINED else None,
        )
    figure_block(
        "carried_answers",
        finding(found, rights),
        figure,
        along(found, rights),
        lambda: table(found),
        lambda: {key: found.answers[key] for key in schemes()},
        WARNING,
        f"positions-answers-{found.task}",
        question="Who is right on this row?",
    )


def _tiles(found: Answered, place: int) -> None:
    """Each scheme's answer at the chosen place."""
    right = found.truth[place]
    number = place + 1
    st.markdown(
        f"Asked at place {number} (“{plain(found.tokens[place])}”), the right answer is **{plain(right or '')}**."
    )
    for column, key in zip(st.columns(len(schemes()), gap="small"), schemes(), strict=True):
        said, p = found.said(key, place), float(found.row(key, place).max())
        column.metric(
            SHORT[key],
            said,
            f"{'right' if said == right else 'wrong'}, p {p:.2f}",
            delta_color="normal" if said == right else "inverse",
            delta_arrow="off",
        )


def _pooled(found: Answered, rights: dict[str, np.ndarray], place: int) -> go.Figure:
    """One answer a row: its probability a scheme."""
    marks = [[Mark(float(values[place]), text=f"{SHORT[key]}: {values[place]:.3f}")] for key, values in rights.items()]
    return forest(
        [ForestPanel("", marks, [("chance", 1 / len(found.labels))])],
        [(SHORT[key], scheme.look.colour) for key, scheme in schemes().items()],
        x_title="probability of the right answer",
        x_range=(0, 1),
    )


def _shares(found: Answered, beyond: bool) -> dict[str, tuple[int, int]]:
    """Right answers and questions, inside the first 32 places or beyond."""
    places = [at for at, right in enumerate(found.truth) if right is not None and (at >= TRAINED) == beyond]
    return {key: (sum(found.said(key, at) == found.truth[at] for at in places), len(places)) for key in schemes()}


def finding(found: Answered, rights: dict[str, np.ndarray]) -> str:
    """Who answers all, beyond the trained places where there are such."""
    beyond = any(right is not None for right in found.truth[TRAINED:])
    shares = _shares(found, beyond)
    full = [SHORT[key] for key, (hits, count) in shares.items() if hits == count]
    count = next(iter(shares.values()))[1]
    where = f"beyond place {TRAINED}" if beyond else f"within {TRAINED} places"
    if count == 1:
        return (
            f"{_names(full)} {'is' if len(full) == 1 else 'are'} right {where}"
            if full
            else f"No scheme is right {where}"
        )
    if full:
        return f"All {count} answers {where} are right with {_names(full)}"
    best = max(shares, key=lambda key: shares[key][0])
    return f"No scheme gets all {count} answers {where} right; {SHORT[best]} gets {shares[best][0]}"


def along(found: Answered, rights: dict[str, np.ndarray]) -> str:
    """Right answers inside and beyond, scheme by scheme."""
    if found.task == "order":
        return "One answer for the whole row: the last states of all places are pooled."
    parts = []
    for beyond, name in ((False, f"in the first {TRAINED} places"), (True, "beyond")):
        shares = _shares(found, beyond)
        if next(iter(shares.values()))[1]:
            parts.append(f"{name}: " + ", ".join(f"{SHORT[key]} {hits}/{n}" for key, (hits, n) in shares.items()))
    line = f" The line stands after place {TRAINED}, the longest in training." if len(parts) == 2 else ""
    return f"Right answers {'; '.join(parts)}.{line} Hatched: nothing is asked."


def table(found: Answered) -> dict[str, list]:
    """Place, symbol, scheme, right answer, given answer, probability of both."""
    rows = []
    for key in schemes():
        for at, right in enumerate(found.truth):
            if right is not None:
                said, row = found.said(key, at), found.row(key, at)
                p = (float(row.max()), float(row[found.labels.index(right)]))
                rows.append((at + 1, found.tokens[at], SHORT[key], right, said, *p))
    columns = ("place", "symbol", "scheme", "right", "answer", "p(answer)", "p(right)")
    return {name: [row[i] for row in rows] for i, name in enumerate(columns)}


def _names(names: list[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
