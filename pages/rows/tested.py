"""What the test set says: accuracy with intervals beside the baselines; agreement is in tested_distance.py."""

from typing import Any

import numpy as np

from models.cards import ModelCard
from pages.rows import tested_distance
from pages.rows.view import View
from pages.shared.figure import figure_block
from viz.dots import Dots, dots
from viz.theme import look

SETS = {"film-test": "film snippets", "sentences-test": "labelled sentences"}


def draw(view: View) -> None:
    """The measured quality of the chosen models."""
    cards = view.request.cards
    if view.request.group == "sentiment":
        for part, name in SETS.items():
            _accuracy(cards, part, name)
        return
    tested_distance.draw(cards)


def _accuracy(cards: dict[str, ModelCard], part: str, name: str) -> None:
    found = {look(family).title: card.metrics[part] for family, card in cards.items()}
    reference = {title: scores[part] for title, scores in next(iter(cards.values())).metrics["baselines"].items()}
    rows = [Dots(f, look(f).title, *_score(card.metrics[part])) for f, card in cards.items()]
    rows += [Dots("", f"baseline: {title}", *_score(score)) for title, score in reference.items()]
    figure = dots(rows, x_title=f"accuracy in % on {name}", x_range=(50, 100))
    figure_block(
        f"tested_{part}",
        accuracy_finding(found, reference, name),
        figure,
        f"Test accuracy with 95 % intervals (Wilson); {next(iter(found.values()))['count']} texts that no model saw.",
        lambda: _accuracy_table({**found, **reference}),
        {"accuracy": np.array([score["accuracy"] for score in (found | reference).values()])},
        f"{cut(cards)}Small networks, small data, one language. Intervals speak of this test set, not of other texts, "
        "and differences inside them are no ranking of architectures.",
        f"accuracy-{part}",
        question=f"How good are they on {name}?",
    )


def cut(cards: dict[str, ModelCard]) -> str:
    """The limit that all cards share beyond the vocabulary: where long texts were cut."""
    shared = [limit for limit in next(iter(cards.values())).limits if limit.startswith("Trained and tested on")]
    return "".join(f"{limit} " for limit in shared)


def _score(score: dict[str, Any]) -> tuple[float, np.ndarray | None, float, float]:
    low, high = score["interval"]
    seeds = score.get("seeds")
    return 100 * score["accuracy"], None if seeds is None else 100 * np.array(seeds), 100 * low, 100 * high


def accuracy_finding(found: dict[str, Any], reference: dict[str, Any], name: str) -> str:
    """Whether anything separates the networks beyond their intervals."""
    best = max(found, key=lambda title: found[title]["accuracy"])
    worst = min(found, key=lambda title: found[title]["accuracy"])
    if found[best]["interval"][0] > found[worst]["interval"][1]:
        return f"On {name}, {best} beats {worst} beyond the intervals"
    simple = max(reference.values(), key=lambda score: score["accuracy"])["accuracy"]
    above = sum(score["interval"][0] > simple for score in found.values())
    return (
        f"On {name}, the intervals overlap: this data does not separate the networks; {above} of {len(found)} clearly "
        "beat the better way of counting words"
    )


def _accuracy_table(scores: dict[str, Any]) -> dict[str, list]:
    rows = [(name, s["accuracy"], *s["interval"], s["count"]) for name, s in scores.items()]
    return {column: [row[i] for row in rows] for i, column in enumerate(("model", "accuracy", "low", "high", "texts"))}
