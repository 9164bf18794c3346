"""The board under the picture: each network with its size and test accuracy, and what it answers now."""

import numpy as np

from models.cards import ModelCard
from pages.seen.asked import Asked, facts, title
from pages.seen.work import Answers
from viz.board import Cell, Column, Row
from viz.theme import look


def columns(names: tuple[str, ...]) -> list[Column]:
    """Name, size and accuracy of each network."""
    found = []
    for name in names:
        one = facts(name)
        lines = [f"{one.parameters / 1e6:.2f} M parameters", quality(one)]
        found.append(Column(one.family, title(name), look(one.family).colour, lines))
    return found


def quality(one: ModelCard) -> str:
    """Test accuracy with half its interval."""
    if not one.metrics:
        return "not tested here"
    low, high = one.metrics["interval"]
    return f"{100 * one.metrics['accuracy']:.1f} ± {50 * (high - low):.1f} % test"


def rows(asked: Asked, found: Answers) -> list[Row]:
    """The answers, with the next two classes below."""
    return [
        Row(
            "What does it say?",
            [_cell(found.now[name], tuple(facts(name).settings["labels"])) for name in asked.models],
            reading=reading(asked, found),
        )
    ]


def _cell(probability: np.ndarray, labels: tuple[str, ...]) -> Cell:
    order = np.argsort(-probability)
    best = int(order[0])
    others = [(labels[at], f"{probability[at]:.1%}") for at in order[1:3]]
    return Cell(f"{labels[best]} {probability[best]:.1%}", float(probability[best]), True, others)


def reading(asked: Asked, found: Answers) -> str:
    """Who agrees, who is right, and who changed its answer."""
    said = {name: asked.label(name, int(found.now[name].argmax())) for name in asked.models}
    before = {name: asked.label(name, int(found.before[name].argmax())) for name in asked.models}
    parts = [_agreement(list(said.values()))]
    if asked.given.truth is not None:
        truth = asked.label(asked.models[0], asked.given.truth)
        right = sum(answer == truth for answer in said.values())
        verb = "is" if len(said) == 1 else "are"
        parts.append(f"The true class is {truth}: {right} of {len(said)} {verb} right.")
    if not asked.change.none:
        moved = [f"{title(name)} ({before[name]} before)" for name in said if said[name] != before[name]]
        parts.append(f"The change turned {', '.join(moved)}." if moved else "The change turned no answer.")
    return " ".join(parts)


def _agreement(said: list[str]) -> str:
    if len(set(said)) == 1:
        return f"All answer {said[0]}." if len(said) > 1 else f"It answers {said[0]}."
    return f"They disagree: {', '.join(sorted(set(said), key=said.index))}."
