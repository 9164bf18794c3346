"""Sentences about one head: its pattern, how strong it is, and how much an even head would give."""

import numpy as np

from models.lens.attention import Patterns

DOES = {
    "previous": "looks at the {unit} before",
    "next": "looks at the {unit} after",
    "first": "rests on {first}",
    "delimiter": "looks at punctuation and marks",
    "self": "looks at its own place",
    "same token": "looks at other places of the same word",
    "induction": "looks at what followed the same word before",
    "local": "looks at its neighbourhood",
    "uniform": "spreads evenly",
    "mixed": "follows no single pattern",
}
SUNK = 0.005  # of a row's mass on a learned sink: less is rounding


def finding(name: str, found: Patterns, head: int = 0, unit: str = "token", first: str = "") -> str:
    """The head's pattern, with its score and that of an even head.

    `unit` is what a position is called; `first` the name of the first one where it is not of that unit, as [CLS].
    """
    what, sunk = found.name(head), float(found.sink[head])
    start = first or f"the first {unit}"
    rests = f"{start} or the sink" if sunk >= SUNK else start
    does = f"{name[:1].upper()}{name[1:]} {DOES[what].format(unit=unit, first=rests)}"
    if what == "mixed":
        return does
    at = found.names.index(what)
    score, base = found.scores[at, head], found.baseline[at]
    if what == "uniform":
        return f"{does}: {score:.0%} of it overlaps with an even head"
    parts = f" ({score - sunk:.0%} on {start}, {sunk:.0%} on the sink)" if what == "first" and sunk >= SUNK else ""
    return f"{does}: {score:.0%} of its weight{parts}; an even head would give {base:.0%}"


def short(layer: str, head: int, found: Patterns | None, at: int, traits: str = "") -> str:
    """The hover of a tile: "layer 3 head 5 (window of 5): previous 82 %"."""
    label = f"layer {layer} head {head + 1}" + (f" ({traits})" if traits else "")
    if found is None:
        return label
    what = found.name(at)
    if what == "mixed":
        return f"{label}: mixed"
    return f"{label}: {called(found, at)} {found.scores[found.names.index(what), at]:.0%}"


def called(found: Patterns, head: int) -> str:
    """A head's pattern in a word or three: what rests on a learned sink too says so."""
    what = found.name(head)
    return "first or sink" if what == "first" and found.sink[head] >= SUNK else what


def strongest(weights: np.ndarray, rows: tuple[str, ...], columns: tuple[str, ...]) -> str:
    """The largest weight of a map."""
    row, column = np.unravel_index(int(weights.argmax()), weights.shape)
    return f"Largest weight: {weights[row, column]:.2f}, from “{rows[row]}” to “{columns[column]}”."
