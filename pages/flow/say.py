"""Numbers of many sizes in words, and what a row of norms shows."""

from collections.abc import Sequence

import numpy as np


def times(ratio: float) -> str:
    """A ratio as a reader says it: "grows 12-fold", "shrinks by 5 powers of ten"."""
    if not np.isfinite(ratio):
        return "grows beyond every number" if ratio > 0 else "is not a number"
    if ratio == 0:
        return "falls to exactly zero"
    power = float(np.log10(ratio))
    if abs(power) < 0.05:
        return "keeps its size"
    word = "grows" if power > 0 else "shrinks"
    if abs(power) >= 2:
        return f"{word} by {abs(power):.1f} powers of ten"
    return f"{word} to {ratio:.2f} of its size" if power < 0 else f"{word} {ratio:.1f}-fold"


def numbers(values: np.ndarray, name: str, smallest: str = "") -> str:
    """A sentence on zeros, infinities and NaN among the values, empty where there are none."""
    values = np.asarray(values, dtype=np.float64)
    parts = []
    if (zero := int((values == 0).sum())) > 0:
        parts.append(f"{zero} of {len(values)} are exactly zero{smallest}")
    if (odd := int(np.isnan(values).sum())) > 0:
        parts.append(f"{odd} are not numbers (crosses)")
    if (high := int(np.isinf(values).sum())) > 0:
        parts.append(f"{high} are infinite (open triangles at the top)")
    return f" {name}: {', '.join(parts)}." if parts else ""


def listed(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
