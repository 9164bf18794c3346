"""What every training run of a network reached, not the best alone."""

import numpy as np

from models.cards import ModelCard
from pages.rows.view import names, sentence
from pages.shared.figure import figure_block
from viz.dots import Dots, dots
from viz.theme import look


def draw(cards: dict[str, ModelCard]) -> None:
    """Validation accuracy of all five runs of each network: three learning rates, then two more seeds."""
    found = {family: runs(card) for family, card in cards.items()}
    reached = {family: 100 * np.array([run["validation"] for run in every]) for family, every in found.items()}
    rows = [Dots(f, look(f).title, float(values.max()), values) for f, values in reached.items()]
    figure = dots(rows, x_title="validation accuracy in % at the distances trained on", x_range=(40, 102))
    never = [family for family, values in reached.items() if values.max() < 60]
    title = f"{names(never)} learned nothing in any of five runs" if never else "every network learned in some run"
    figure_block(
        "tested_runs",
        sentence(title),
        figure,
        "A dot is one training run: three learning rates, then two more seeds with the best. Diamond: the best run.",
        lambda: _runs_table(cards),
        {f.replace("-", "_"): values for f, values in reached.items()},
        "Five runs a network and a fixed number of steps: a network that fails here may learn with another rate, "
        "start or curriculum, or with more steps.",
        "training-runs",
        question="Does every run learn?",
    )


def runs(card: ModelCard) -> list[dict]:
    """The runs of a card, each once: the trials with the first seed, and the other seeds."""
    first = card.metrics["trials"]
    known = {(run["rate"], run["seed"]) for run in first}
    return [*first, *(run for run in card.metrics["seeds"] if (run["rate"], run["seed"]) not in known)]


def _runs_table(cards: dict[str, ModelCard]) -> dict[str, list]:
    rows = [
        (look(f).title, r["rate"], r["seed"], r["steps"], r["validation"]) for f, c in cards.items() for r in runs(c)
    ]
    return {name: [row[i] for row in rows] for i, name in enumerate(("model", "rate", "seed", "steps", "validation"))}
