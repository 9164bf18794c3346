"""What a model trained on a position task answers along a row of symbols, and what the right answers are.

The tasks and their data: models/train/positions_data.py. The truth is worked out here from the tokens alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from models.sequence import SequenceModel

Truth = tuple[str | None, ...]
STEPS = 4  # places back that `back` asks for
SYMBOLS, KEYS = "abcdefghijklmnop", "abcd"


def truth(task: str, tokens: Sequence[str]) -> Truth:
    """The right answer at each place, None where nothing is asked. ValueError where a row asks nothing at all."""
    rules = {"order": _order, "back": _back, "latest": _latest}
    if task not in rules:
        raise ValueError(f"task must be one of {', '.join(rules)}, got {task!r}")
    return rules[task]([token.lower() for token in tokens])


def example(task: str, length: int, seed: int = 0) -> str:
    """A seeded row of `length` symbols that asks something at its end, or in its second half for `order`."""
    if length < STEPS + 1:
        raise ValueError(f"a row needs at least {STEPS + 1} symbols, got {length}")
    rng = np.random.default_rng(seed)
    if task == "latest":
        words = [f"{rng.choice(list(KEYS))}{rng.integers(8)}" if rng.random() < 0.5 else "" for _ in range(length)]
        known = ["a"] + [word[0] if word else "" for word in words]
        words = [word or str(rng.choice([k for k in known[: at + 1] if k])) for at, word in enumerate(words)]
        words[0], words[-1] = f"a{rng.integers(8)}", "a"
        return " ".join(words)
    noise = SYMBOLS if task == "back" else SYMBOLS[2:]
    words = [str(word) for word in rng.choice(list(noise), length)]
    if task == "order":
        first, second = rng.choice(length // 2, 2, replace=False) + length - length // 2
        words[first], words[second] = "a", "b"
    return " ".join(words)


def source(task: str, tokens: Sequence[str], place: int) -> int | None:
    """The place from which the answer asked at `place` is to be fetched; None for `order`, which needs two places."""
    words = [token.lower() for token in tokens]
    if task == "back":
        return place - STEPS
    if task == "latest":
        return max(at for at in range(place) if words[at][0] == words[place] and len(words[at]) == 2)
    return None


def answers(model: SequenceModel, text: str) -> NDArray[np.float64]:
    """Probabilities [T, classes] at every place, or [1, classes] for a model that pools the whole row."""
    import torch

    with torch.no_grad():
        run = model.run(model.embed(model.ids(text)))
        logits = run.logits if model.network.readout == "mean" else model.network.head(run.hidden[-1][0])
        return logits.double().softmax(dim=-1).cpu().numpy()


def _order(words: list[str]) -> Truth:
    """Stands at the later of the two, where the row first holds both."""
    if words.count("a") != 1 or words.count("b") != 1:
        raise ValueError(
            f"This task wants exactly one a and one b in the row; got {words.count('a')} and {words.count('b')}."
        )
    first, second = words.index("a"), words.index("b")
    said = "a first" if first < second else "b first"
    return tuple(said if at == max(first, second) else None for at in range(len(words)))


def _back(words: list[str]) -> Truth:
    if len(words) <= STEPS:
        raise ValueError(f"This task wants at least {STEPS + 1} symbols; got {len(words)}.")
    return (*[None] * STEPS, *words[:-STEPS])


def _latest(words: list[str]) -> Truth:
    now: dict[str, str] = {}
    found: list[str | None] = []
    for word in words:
        if len(word) == 2:
            now[word[0]] = word[1]
        found.append(now.get(word) if len(word) == 1 else None)
    if not any(found):
        raise ValueError("This task wants a key that is asked after it was given a value, such as: a3 b5 a")
    return tuple(found)
