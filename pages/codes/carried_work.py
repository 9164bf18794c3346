"""The trained schemes: their cards, and what each model answers to one row."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from models.cards import ModelCard, cards
from models.lens import asked
from models.sources import tokenizer
from models.trace import AttentionRecord
from pages.codes.schemes import TEXT, Scheme
from pages.shared import loading

TASKS = {"a before b": "order", "Four back": "back", "Latest value": "latest"}
TRAINED = 32  # places
LONGEST = 256  # symbols
SHORT = {
    "none": "no positions",
    "sinusoidal": "sinusoidal",
    "learned": "learned",
    "rope": "RoPE",
    "alibi": "ALiBi",
    "t5": "T5",
}


@dataclass(frozen=True)
class Answered:
    """One row through all schemes: answers[scheme] [T, classes], or [1, classes] for a row that is pooled."""

    task: str
    tokens: tuple[str, ...]
    truth: asked.Truth
    labels: tuple[str, ...]
    answers: dict[str, np.ndarray]
    records: dict[str, AttentionRecord]

    def right(self, scheme: str) -> np.ndarray:
        """Probability of the right answer at each place [T], NaN where nothing is asked."""
        found = np.full(len(self.tokens), np.nan)
        for place, label in enumerate(self.truth):
            if label is not None:
                found[place] = self.row(scheme, place)[self.labels.index(label)]
        return found

    def row(self, scheme: str, place: int) -> np.ndarray:
        """Probabilities [classes] of the answer asked at a place."""
        rows = self.answers[scheme]
        return rows[place if len(rows) > 1 else 0]

    def said(self, scheme: str, place: int) -> str:
        """The most probable answer asked at a place."""
        return self.labels[int(self.row(scheme, place).argmax())]


@cache
def schemes() -> dict[str, Scheme]:
    """Key -> scheme, in the order of the page."""
    return {each.key: each for each in TEXT}


def card_of(task: str, scheme: str) -> ModelCard:
    """The card of a bundled model."""
    name = f"positions-{task}-{scheme}"
    found = [card for card in cards("positions") if card.name == name]
    if not found:
        raise ValueError(f"the model {name} is not bundled: `make train-positions` makes it")
    return found[0]


def checked(task: str, text: str) -> tuple[str, ...]:
    """The symbols of a row; ValueError where one is unknown, there are too many, or nothing is asked."""
    words = tuple(text.split())
    if not words:
        raise ValueError("The row is empty. Type symbols with blanks between them.")
    if len(words) > LONGEST:
        raise ValueError(f"The row is too long: it has {len(words):,} symbols, at most {LONGEST} are read.")
    known = tokenizer(f"positions-{task}").index
    strange = [word for word in words if word.lower() not in known]
    if strange:
        wanted = "a to p" if task != "latest" else "a0 to d7 and a to d"
        raise ValueError(f"This task knows the symbols {wanted}; got “{strange[0][:20]}”.")
    asked.truth(task, words)
    return words


def answered(report: Callable[[float, str], None], task: str, text: str, device: str) -> Answered:
    """Every scheme's answers and attention."""
    answers, records = {}, {}
    for at, (key, scheme) in enumerate(schemes().items()):
        report(at / len(schemes()), f"{scheme.title}.")
        model = loading.model(card_of(task, key).name, device)
        trace = model.trace(text)
        answers[key] = asked.answers(model, text)
        records[key] = trace.attention
    return Answered(task, trace.tokens, asked.truth(task, trace.tokens), model.labels, answers, records)
