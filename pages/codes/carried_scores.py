"""Accuracy of every scheme on every task inside the trained lengths and beyond, from the cards."""

from typing import Any

import numpy as np

from models.cards import ModelCard
from pages.codes.carried_work import SHORT, TASKS, card_of, schemes
from pages.shared.figure import figure_block
from viz.forest import ForestPanel, Mark, forest

SERIES = ("32", "64", "128")
WARNING = (
    "One size of network, one budget of training, three seeds and rows drawn at random: another network, longer "
    "training or another task can rank the schemes differently. A scheme that fails beyond 32 places here was never "
    "shown such places; one that fails at 32 did not learn the task at all within this budget, and no scheme is "
    "proved unable to."
)


def draw() -> None:
    """Three panels, a row a scheme, a mark a length."""
    found = {task: {key: card_of(task, key) for key in schemes()} for task in TASKS.values()}
    figure_block(
        "carried_scores",
        finding(found),
        forest(
            [panel(name, found[task]) for name, task in TASKS.items()],
            [(SHORT[key], scheme.look.colour) for key, scheme in schemes().items()],
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
    """Accuracies [seeds, 3] at 32, 64 and 128."""
    runs = card.metrics["seeds"]
    return np.array([[part(run["lengths"], int(length))["accuracy"] for length in SERIES] for run in runs])


def panel(name: str, cards: dict[str, ModelCard]) -> ForestPanel:
    """One task: the bundled run with its interval, all seeds as dots, and chance."""
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
    chance = 100 * next(iter(cards.values())).metrics["baselines"]["chance"]
    return ForestPanel(name, marks, [("chance", chance)])


def finding(found: dict[str, dict[str, ModelCard]]) -> str:
    """The best scheme of each task beyond the trained length, four times over."""
    best = {}
    for name, task in TASKS.items():
        far = {key: part(card.metrics["lengths"], 128)["accuracy"] for key, card in found[task].items()}
        key = max(far, key=lambda each: far[each])
        best[name] = f"{SHORT[key]} on “{name}” ({100 * far[key]:.0f} %)"
    return f"In rows of 128 the best beyond place 32 are {', '.join(best.values())}"


def said(found: dict[str, dict[str, ModelCard]]) -> str:
    """How far added codes fall, what none can do, and what is not defined."""
    far = [100 * part(found["back"][key].metrics["lengths"], 128)["accuracy"] for key in ("sinusoidal", "learned")]
    none = {task: 100 * part(found[task]["none"].metrics["lengths"], 32)["accuracy"] for task in ("order", "latest")}
    guess = 100 * found["latest"]["none"].metrics["baselines"]["any value of the key, 32"]
    return (
        f"Big marks: the bundled run and its 95 % interval; dots: each seed. On “Four back” added codes fall to "
        f"{far[0]:.0f} % (sinusoidal) and {far[1]:.0f} % (learned; beyond its 32 rows the last is read again) at 128. "
        f"Without positions “a before b” stays at {none['order']:.0f} %; behind a causal mask “Latest value” reaches "
        f"{none['latest']:.0f} % at 32 (a random earlier value of the key: {guess:.0f} %)."
    )


def table(found: dict[str, dict[str, ModelCard]]) -> dict[str, list]:
    """Task, scheme, length, where, answers, accuracy, interval, and each seed."""
    rows = []
    for name, task in TASKS.items():
        for key, card in found[task].items():
            for length in (32, 64, 128):
                for where in ("inside", "beyond"):
                    rows += _row(name, key, card, length, where)
    columns = ("task", "scheme", "length", "places", "answers", "accuracy", "low", "high", "seeds")
    return {column: [row[at] for row in rows] for at, column in enumerate(columns)}


def _row(name: str, key: str, card: ModelCard, length: int, where: str) -> list[tuple]:
    score = next(row for row in card.metrics["lengths"] if row["length"] == length)[where]
    if score is None:
        return []
    runs = [next(row for row in run["lengths"] if row["length"] == length)[where] for run in card.metrics["seeds"]]
    each = " ".join(f"{run['accuracy']:.3f}" for run in runs)
    places = "1 to 32" if where == "inside" else f"33 to {length}"
    return [(name, SHORT[key], length, places, score["count"], score["accuracy"], *score["interval"], each)]
