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


def numbers(values: np.ndarray, name: str, zeros: str = "exactly zero") -> str:
    """A sentence on zeros, infinities and NaN among the values, empty where there are none; `zeros` says what 0 is."""
    values = np.asarray(values, dtype=np.float64)
    found = (
        ((values == 0).sum(), f"of {len(values)} {{}} {zeros}"),
        (np.isnan(values).sum(), "{} not defined (NaN; crosses)"),
        (np.isinf(values).sum(), "{} infinite (open triangles at the top)"),
    )
    parts = [f"{count} {what.format('is' if count == 1 else 'are')}" for count, what in found if count]
    return f" {name}: {', '.join(parts)}." if parts else ""


def counted(count: int, thing: str) -> str:
    """ "1 layer", "12 layers"."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def power_of_ten(power: float) -> str:
    """10^power with one decimal, also where no float holds it: "1.3e-71", "4.0e-612"."""
    whole = int(np.floor(power))
    lead = 10 ** (power - whole)
    return f"{lead:.1f}e{whole}" if lead < 9.95 else f"1.0e{whole + 1}"


def listed(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
