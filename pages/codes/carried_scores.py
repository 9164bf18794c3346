"""Accuracy of every scheme on every task inside the trained lengths and beyond, from the cards."""

from typing import Any

import numpy as np
import streamlit as st

from models.cards import ModelCard
from pages.codes.carried_work import SHORT, TASKS, card_of, schemes
from pages.shared.figure import figure_block
from viz.forest import ForestPanel, Mark, forest
from viz.theme import OUTLINE

SERIES = ("32", "64", "128", "256")
FAR = 128  # places of the rows that the title speaks of
GUESS = "any value of the key, "
LEGEND = (
    "Marks: the bundled run, 95% interval; dots: each seed. “a before b” counts as beyond place 32 where its later "
    "letter stands there."
)
WARNING = (
    "One size of network, one budget of training, three seeds and rows drawn at random: another network, longer "
    "training or another task can rank the schemes differently. A scheme that fails beyond 32 places here was never "
    "shown such places; one that fails at 32 did not learn the task within this budget. Two cannot learn “a before b” "
    "in this network, which reads both ways and takes the mean of all places: without positions every order of the "
    "words gives the same mean, and ALiBi's distances are the same for a row read backwards. Behind a "
    "causal mask either could. Unlike T5 itself, the scheme T5 has biases of its own in each layer, and scores are "
    "divided by the root of the head's width. A place beyond the learned table reads its last row again. The guess is "
    "a random label, for “Latest value” a random earlier value of the key, which is right more often in short rows."
)


def draw() -> None:
    """Three panels, a row a scheme and one for guessing, a mark a length."""
    found = {task: {key: card_of(task, key) for key in schemes()} for task in TASKS.values()}
    st.caption(LEGEND)
    figure_block(
        "carried_scores",
        finding(found),
        forest(
            [panel(name, found[task]) for name, task in TASKS.items()],
            [*((SHORT[key], scheme.look.colour) for key, scheme in schemes().items()), ("guess", OUTLINE)],
            series=SERIES,
            x_title="right answers in %",
            x_range=(0, 100),
        ),
        said(found),
        lambda: table(found),
        lambda: {f"{task}_{key}": seeds(card) for task in found for key, card in found[task].items()},
        WARNING,
        "positions-trained",
        question="Trained to 32 places: which scheme carries further?",
    )


def part(rows: list[dict[str, Any]], length: int) -> dict[str, Any]:
    """The share that a mark shows: inside 32 places for 32, beyond them for longer rows."""
    row = next(row for row in rows if row["length"] == length)
    return row["inside"] if length == 32 else row["beyond"]


def seeds(card: ModelCard) -> np.ndarray:
    """Accuracies [seeds, 4] at 32, 64, 128 and 256."""
    runs = card.metrics["seeds"]
    return np.array([[part(run["lengths"], int(length))["accuracy"] for length in SERIES] for run in runs])


def panel(name: str, cards: dict[str, ModelCard]) -> ForestPanel:
    """One task: the bundled run with its interval, all seeds as dots, and what a guess is worth at each length."""
    marks = []
    for key, card in cards.items():
        runs = 100 * seeds(card)
        row = []
        for at, length in enumerate(SERIES):
            score = part(card.metrics["lengths"], int(length))
            value, (low, high) = 100 * score["accuracy"], (100 * end for end in score["interval"])
            where = "" if length == "32" else ", beyond place 32"
            text = f"{SHORT[key]}, rows of {length}{where}: {value:.1f} % ({low:.1f} to {high:.1f})"
            row.append(Mark(value, low, high, runs[:, at].tolist(), text))
        marks.append(row)
    marks.append([Mark(100 * worth, text=f"guess, rows of {at}: {100 * worth:.1f} %") for at, worth in guess(cards)])
    return ForestPanel(name, marks)


def guess(cards: dict[str, ModelCard]) -> list[tuple[str, float]]:
    """What guessing is worth at each length: a random label, or an earlier value of the key where that is more."""
    baselines = next(iter(cards.values())).metrics["baselines"]
    return [(length, max(baselines["chance"], baselines.get(GUESS + length, 0.0))) for length in SERIES]


def finding(found: dict[str, dict[str, ModelCard]]) -> str:
    """Who stands out on each task beyond the trained length, four times over."""
    leads, none = [], []
    for name, task in TASKS.items():
        key = leader(found[task])
        if key is None:
            none.append(f"“{name}”")
        else:
            rows = found[task][key].metrics["lengths"]
            far, farther = (100 * part(rows, length)["accuracy"] for length in (FAR, 2 * FAR))
            leads.append(f"{SHORT[key]} leads on “{name}” ({far:.0f} %, in rows of {2 * FAR} {farther:.0f} %)")
    parts = [*leads, *([f"no scheme stands out on {' or '.join(none)}"] if none else [])]
    return f"Beyond place 32 in rows of {FAR}: {', '.join(parts)}"


def said(found: dict[str, dict[str, ModelCard]]) -> str:
    """Who cannot learn the order of two letters, and why."""
    none, alibi = (100 * part(found["order"][key].metrics["lengths"], 32)["accuracy"] for key in ("none", "alibi"))
    return (
        f"“a before b” at 32: no positions {none:.0f}%, ALiBi {alibi:.0f}%, by construction: a mean over all places "
        "hides order from one, direction from the other."
    )


def leader(cards: dict[str, ModelCard]) -> str | None:
    """The scheme whose interval and whose every seed lie above those of all others; None where there is none."""
    at = SERIES.index(str(FAR))
    runs = {key: seeds(card)[:, at] for key, card in cards.items()}
    ends = {key: part(card.metrics["lengths"], FAR)["interval"] for key, card in cards.items()}
    best = max(runs, key=lambda key: runs[key].min())
    others = [key for key in cards if key != best]
    apart = all(runs[best].min() > runs[key].max() and ends[best][0] > ends[key][1] for key in others)
    return best if apart else None


def table(found: dict[str, dict[str, ModelCard]]) -> dict[str, list]:
    """Task, scheme, length, where, answers, accuracy, interval, and each seed."""
    rows = []
    for name, task in TASKS.items():
        for key, card in found[task].items():
            for length in map(int, SERIES):
                for where in ("inside", "beyond"):
                    rows += _row(name, key, card, length, where)
        worth = dict(guess(found[task]))
        rows += [(name, "guess", int(at), places(int(at)), None, worth[at], None, None, "") for at in SERIES]
    columns = ("task", "scheme", "length", "places", "answers", "accuracy", "low", "high", "seeds")
    return {column: [row[at] for row in rows] for at, column in enumerate(columns)}


def _row(name: str, key: str, card: ModelCard, length: int, where: str) -> list[tuple]:
    score = next(row for row in card.metrics["lengths"] if row["length"] == length)[where]
    if score is None:
        return []
    runs = [next(row for row in run["lengths"] if row["length"] == length)[where] for run in card.metrics["seeds"]]
    each = " ".join(f"{run['accuracy']:.3f}" for run in runs)
    spot = "1 to 32" if where == "inside" else places(length)
    return [(name, SHORT[key], length, spot, score["count"], score["accuracy"], *score["interval"], each)]


def places(length: int) -> str:
    """The places that a mark counts."""
    return "1 to 32" if length == 32 else f"33 to {length}"
