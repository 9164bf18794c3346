"""What does it say? The board on top: a header a model, and its answer."""

from math import floor
from typing import Any

from models.cards import ModelCard
from models.scores import interval
from pages.rows.view import View, names, number, sentence
from viz.board import Cell, Column, Row
from viz.theme import look


def columns(cards: dict[str, ModelCard]) -> list[Column]:
    """Name, size and accuracy of each model."""
    return [
        Column(
            family,
            look(family).title,
            look(family).colour,
            [f"{card.parameters / 1e6:.2f} M parameters", quality(card)],
        )
        for family, card in cards.items()
    ]


def quality(card: ModelCard) -> str:
    """ "79 ± 3 % test": on film snippets, or for agreement at 0 to 40 words."""
    if card.task == "sentiment":
        return f"{spread(card.metrics['film-test'])} test"
    return f"{spread(pooled(card))} test"


def pooled(card: ModelCard) -> dict[str, Any]:
    """Accuracy over all distances from 0 to 40, from the card's counts."""
    rows = [row for row in card.metrics["by_distance"] if row["distance"] <= 40]
    count = sum(row["fits"] for row in rows)
    accuracy = sum(row["right"] for row in rows) / count
    return {"accuracy": accuracy, "interval": interval(accuracy, count)}


def spread(score: dict[str, Any]) -> str:
    """ "79 ± 3 %": half the width of the 95 % interval, in tenths below 1 %; ">99.8 %", its low end, close to 100."""
    low, high = score["interval"]
    share, half = 100 * score["accuracy"], 50 * (high - low)
    if share >= 99.95:
        return f">{floor(1000 * low) / 10:.1f} %"
    return f"{share:.0f} ± {half:.0f} %" if half >= 0.95 else f"{share:.1f} ± {half:.1f} %"


def row(view: View) -> Row:
    """The probability of the chosen answer as a bar a model."""
    cells = []
    for _, _, reading, _ in view.titled():
        share = reading.trace.output[view.label] if reading else None
        cells.append(
            Cell("cannot take this text") if share is None else Cell(f"{view.label} {short(share)}", share, True)
        )
    return Row("What does it say?", cells, f"probability of “{view.label}”", reading_of(view))


def reading_of(view: View) -> str:
    """Who agrees with whom, and who is least sure."""
    shares = {family: reading.trace.output[view.label] for family, reading in view.readings.items()}
    other = next(label for label in view.request.labels if label != view.label)
    if len(shares) == 1:
        return sentence(f"{names(list(shares))} says {view.label if min(shares.values()) >= 0.5 else other}.")
    for_it = [family for family, share in shares.items() if share >= 0.5]
    against = [family for family in shares if family not in for_it]
    least = min(shares, key=lambda family: abs(shares[family] - 0.5))
    if not against or not for_it:
        said = view.label if for_it else other
        everyone = "both" if len(shares) == 2 else f"all {number(len(shares))}"
        return sentence(f"{everyone} say {said}; {names([least])} is least sure.")
    few, word = (for_it, view.label) if len(for_it) <= len(against) else (against, other)
    most = other if word == view.label else view.label
    return sentence(
        f"{names(few)} {'says' if len(few) == 1 else 'say'} {word}; the other {number(len(shares) - len(few))} {most}."
    )


def short(share: float) -> str:
    """A probability without the zero before the point; never 0 or 1 by rounding."""
    if 0 < share < 0.005:
        return "<.01"
    return f"{share:.2f}".removeprefix("0") if share < 0.995 else (">.99" if share < 1 else "1")
