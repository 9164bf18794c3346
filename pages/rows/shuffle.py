"""Does the order matter? Shuffle the words and see how far each output moves."""

import numpy as np

from pages.rows.view import MOVED, View, article, names, sentence
from pages.shared.figure import figure_block
from viz.dots import Dots, dots


def draw(view: View) -> None:
    """One row of dots a model: sixteen seeded shuffles."""
    moved = {f: r.moved for f, r in view.readings.items()}
    rows = [
        Dots(family, title, float(moved[family].mean()), moved[family])
        for family, title, reading, _ in view.titled()
        if reading
    ]
    figure = dots(rows, x_title="total variation of the output: 0 unmoved, 1 turned over", x_range=(-0.02, 1.02))
    figure_block(
        "shuffle",
        finding(moved),
        figure,
        "Each dot is one seeded shuffle of the words; the diamond is the mean. A bag of words would stay at 0.",
        lambda: _table(moved),
        {family.replace("-", "_"): values for family, values in moved.items()},
        "A shuffled sentence is no sentence: a network may move because it met something new, not because it reads "
        "order as we do. A network that stays may still use order elsewhere.",
        "shuffle",
        question="Does the order of the words matter?",
    )


def finding(moved: dict[str, np.ndarray]) -> str:
    """The most and the least moved."""
    means = {family: float(values.mean()) for family, values in moved.items()}
    most, least = max(means, key=lambda f: means[f]), min(means, key=lambda f: means[f])
    if means[most] < MOVED:
        return "Shuffling moves no network's answer"
    if means[most] - means[least] < MOVED:
        return sentence(f"shuffling moves {names(list(means))} by {means[most]:.2f} on average")
    return sentence(
        f"shuffling moves {article(most)} most (mean {means[most]:.2f}), {article(least)} least ({means[least]:.2f})"
    )


def _table(moved: dict[str, np.ndarray]) -> dict[str, list]:
    rows = [(f, i + 1, float(value)) for f, values in moved.items() for i, value in enumerate(values)]
    return {name: [row[i] for row in rows] for i, name in enumerate(("model", "shuffle", "moved"))}
