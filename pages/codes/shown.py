"""What a view shows of one scheme: the drawn part of its code, with names, limits and notes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.lens.positional import likeness
from models.lens.positional.sinusoid import Values
from pages.codes.schemes import Scheme

ROWS = 256  # positions that are drawn at most


@dataclass(frozen=True)
class Shown:
    """One scheme's code as drawn.

    values     [T, D]: a code a row, or for biases a query a row and a key a column
    places     the positions drawn; rows, columns their names and those of the columns; axes what both are
    finding    the title; note what is left out or where the values come from; measure what a value is
    waves      wavelength of each column in positions, NaN where it does not turn; base theirs; length the whole length
    pairwise   the matrix between positions that attention sees, by "dot" or "cosine"
    grid       rows and columns of patches of a two-dimensional code
    """

    scheme: Scheme
    values: Values
    places: np.ndarray
    rows: list[str]
    columns: list[str]
    finding: str
    measure: str
    limits: tuple[float, float]
    axes: tuple[str, str] = ("position", "feature")
    note: str = ""
    scale: str = "diverging"
    waves: Values | None = None
    length: int = 0
    cursor: int = 0
    base: float = 0.0
    grid: tuple[int, int] | None = None
    pairwise: Callable[[str], Values] | None = None

    @property
    def row(self) -> int:
        """The drawn row of the cursor."""
        return int(np.flatnonzero(self.places == self.cursor)[0])

    @property
    def biases(self) -> bool:
        """Whether values are numbers added to scores, a query a row and a key a column."""
        return self.axes[1] == "key"

    def named(self, row: int) -> str:
        """A drawn row in a sentence: its number, and its word in quotes."""
        number, _, word = self.rows[row].partition(" ")
        return f"{self.axes[0].capitalize()} {number}" + (f" (“{word}”)" if word else "")

    def between(self, measure: str) -> Values:
        """The matrix between the drawn positions, [T, T]."""
        if self.pairwise is not None:
            return self.pairwise(measure)
        return likeness.cosine(self.values) if measure == "cosine" else likeness.dot(self.values)


def window(length: int, cursor: int, most: int = ROWS) -> np.ndarray:
    """At most so many positions of 0 .. length-1, with the cursor among them, in its middle where there is room."""
    start = max(0, min(cursor - most // 2, length - most))
    return np.arange(start, min(length, start + most))


def windowed(length: int, places: Sequence[int] | np.ndarray) -> str:
    """A sentence where only a part of the positions is drawn and measured."""
    if len(places) == length:
        return ""
    return (
        f"Drawn, measured and saved: positions {places[0]:,} to {places[-1]:,} of {length:,}; "
        "move the position to see others."
    )


def symmetric(values: np.ndarray) -> tuple[float, float]:
    """Limits (-m, m) that hold 99 of 100 values."""
    known = np.abs(values[np.isfinite(values)])
    most = float(np.quantile(known, 0.99)) if known.size else 0.0
    return (-most, most) if most > 0 else (-1.0, 1.0)
