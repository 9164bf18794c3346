"""What every row is given: the readings with the room that the page has for them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from models.cards import ModelCard
from models.reading import Reading
from pages.rows.request import Request
from pages.shared.board import FIRST_GUESS
from viz.theme import look

MOVED = 0.005  # a finding with two decimals calls less than this unmoved


@dataclass(frozen=True)
class View:
    """readings: architecture -> Reading; refused: architecture -> the sentence why it has none."""

    request: Request
    readings: dict[str, Reading]
    refused: dict[str, str]
    per_line: int = 7
    width: int = FIRST_GUESS
    cards: dict[str, ModelCard] = field(default_factory=dict)

    @property
    def families(self) -> tuple[str, ...]:
        return self.request.families

    @property
    def first(self) -> Reading:
        return next(iter(self.readings.values()))

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens as typed; those outside the vocabulary carry a °."""
        trace = self.first.trace
        return tuple(t if known else f"{t}°" for t, known in zip(trace.tokens, trace.known, strict=True))

    @property
    def label(self) -> str:
        return self.request.labels[self.request.target]

    def titled(self) -> Iterator[tuple[str, str, Reading | None, str]]:
        """(architecture, title, reading or None, why there is none), in the order of the columns."""
        for family in self.families:
            yield family, look(family).title, self.readings.get(family), self.refused.get(family, "")


def names(families: list[str]) -> str:
    """ "the RNN", "the RNN and the LSTM", "the RNN, the LSTM and the GRU"."""
    titled = [article(family) for family in families]
    return titled[0] if len(titled) == 1 else f"{', '.join(titled[:-1])} and {titled[-1]}"


def article(family: str) -> str:
    """An architecture inside a sentence."""
    words = {
        "mlp": "full connection",
        "cnn": "convolution",
        "cnn-dilated": "dilated convolution",
        "rnn": "the RNN",
        "lstm": "the LSTM",
        "lstm-bias4": "the LSTM with forget bias 4",
        "gru": "the GRU",
        "transformer": "attention",
        "hybrid": "the hybrid",
    }
    return words[family]


def word(tokens: tuple[str, ...], at: int) -> str:
    """A word in quotation marks, with its place where the same word stands elsewhere too."""
    return f"“{tokens[at]}”" + (f" (word {at + 1})" if tokens.count(tokens[at]) > 1 else "")


def sentence(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def number(value: float) -> str:
    """A count in words to seven, in figures beyond."""
    small = ("no", "one", "two", "three", "four", "five", "six", "seven")
    return small[int(value)] if value == int(value) and value < len(small) else f"{value:g}"


def counted(count: int) -> str:
    """ "1 word", "3 words"."""
    return f"{count} word" if count == 1 else f"{count} words"


def percent(share: float) -> str:
    """A share in per cent, whole; in tenths where a whole number would say 0 or 100 and the share is neither."""
    for digits in (0, 1):
        text = f"{100 * share:.{digits}f}"
        if share in (0, 1) or float(text) not in (0, 100):
            return f"{text} %"
    return "<0.1 %" if share < 0.5 else ">99.9 %"


def shares(values: np.ndarray) -> np.ndarray:
    """Rows divided by their sums; a row of zeros stays zero."""
    rows = values.astype(np.float64)
    total = rows.sum(axis=-1, keepdims=True)
    return np.divide(rows, total, out=np.zeros_like(rows), where=total > 0).astype(np.float32)


def long_table(tokens: tuple[str, ...], panels: dict[str, np.ndarray], name: str) -> dict[str, list]:
    """Matrices as a long table: model, output word, input word, their places and the value."""
    table: dict[str, list] = {
        column: [] for column in ("model", "output", "output place", "input", "input place", name)
    }
    for title, values in panels.items():
        for u, t in np.ndindex(values.shape):
            row = (title, tokens[u], u + 1, tokens[t], t + 1, float(values[u, t]))
            for column, value in zip(table, row, strict=True):
                table[column].append(value)
    return table
