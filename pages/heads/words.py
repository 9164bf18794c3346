"""Sentences about one head: its pattern, how strong it is, and how much an even head would give."""

import numpy as np

from models.lens.attention import Patterns

DOES = {
    "previous": "looks at the token before",
    "next": "looks at the token after",
    "first": "rests on the first token",
    "delimiter": "looks at punctuation and marks",
    "self": "looks at its own place",
    "same token": "looks at other places of the same word",
    "induction": "looks at what followed the same word before",
    "local": "looks at its neighbourhood",
    "uniform": "spreads evenly",
    "mixed": "follows no single pattern",
}


def finding(name: str, found: Patterns, head: int = 0) -> str:
    """The head's pattern, with its score and that of an even head."""
    what = found.name(head)
    start = f"{name[:1].upper()}{name[1:]} {DOES[what]}"
    if what == "mixed":
        return start
    at = found.names.index(what)
    score, base = found.scores[at, head], found.baseline[at]
    if what == "uniform":
        return f"{start}: {score:.0%} of it overlaps with an even head"
    return f"{start}: {score:.0%} of its weight; an even head would give {base:.0%}"


def short(layer: str, head: int, found: Patterns | None, at: int, traits: str = "") -> str:
    """The hover of a tile: "layer 3 head 5 (window of 5): previous 82 %"."""
    label = f"layer {layer} head {head + 1}" + (f" ({traits})" if traits else "")
    if found is None:
        return label
    what = found.name(at)
    if what == "mixed":
        return f"{label}: mixed"
    return f"{label}: {what} {found.scores[found.names.index(what), at]:.0%}"


def strongest(weights: np.ndarray, rows: tuple[str, ...], columns: tuple[str, ...]) -> str:
    """The largest weight of a map."""
    row, column = np.unravel_index(int(weights.argmax()), weights.shape)
    return f"Largest weight: {weights[row, column]:.2f}, from “{rows[row]}” to “{columns[column]}”."
