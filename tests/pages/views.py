"""Views made by hand: what a row is given, with just the arrays that its finding reads."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from models.lens.influence import Influence
from models.presets import SETS, models_of, presets, stored
from models.reading import Reading
from pages.rows.request import Request
from pages.rows.view import View

LABELS = ("negative", "positive")


def view(readings: dict[str, Any], tokens: str = "one two three", target: int = 1, group: str = "sentiment") -> View:
    """A view of readings given as keyword mappings; each has a trace with the tokens and what else is given."""
    words = tuple(tokens.split())
    made = {}
    for family, given in readings.items():
        facts = dict(given)
        trace = SimpleNamespace(tokens=words, known=(True,) * len(words), output=facts.pop("output", {}))
        made[family] = SimpleNamespace(trace=trace, **facts)
    request = Request(group, tokens, None, tuple(readings), target, LABELS, "cpu")
    return View(request, made, {})


def says(**positive: float) -> View:
    """A view in which each network gives this probability of "positive"."""
    return view({f: {"output": {"positive": p, "negative": 1 - p}} for f, p in positive.items()})


def influence(values: Any, kind: str = "gradient", exact: bool = True, error: float = 0.0) -> Influence:
    return Influence(np.asarray(values, dtype=np.float32), kind, exact, error, 8)


def falling(half: float, length: int = 12) -> np.ndarray:
    """An influence matrix that halves every `half` words, zero above the diagonal."""
    distance = np.arange(length)[:, None] - np.arange(length)[None, :]
    return np.where(distance >= 0, 2.0 ** (-distance / half), 0.0)


def examples() -> list[View]:
    """Every stored example of every group, with all its networks, for each answer."""
    found = []
    for group, (task, _) in SETS.items():
        labels = tuple(next(iter(models_of(group).values())).settings["labels"])
        for name, text in presets(task).items():
            every = stored(group, name)
            readings = {f: r for f, r in every.items() if isinstance(r, Reading)}
            refused = {f: r for f, r in every.items() if isinstance(r, str)}
            for target in range(len(labels)):
                request = Request(group, text, name, tuple(every), target, labels, "cpu")
                found.append(View(request, readings, refused))
    return found
