"""Three tasks that need order, drawn anew for every batch; see models/train/positions.py.

order   16 symbols, one "a" and one "b" among them: does a stand before b? Asked of the whole row.
back    16 symbols: which one stands four places back? Asked at every place from the fifth on.
latest  tokens "c5" (key c is now 5) and "c" (what is c?), four keys and eight values: the latest value of the
        key. Asked at every bare key that was given a value before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from models.tokenizer import UNKNOWN

SYMBOLS = tuple("abcdefghijklmnop")
BACK = 4
KEYS, VALUES = tuple("abcd"), tuple("01234567")
ASKED = 0.5  # share of the tokens of `latest` that ask
SILENT = -100  # label of a place where nothing is asked, as torch's cross-entropy wants it


@dataclass(frozen=True)
class Drawn:
    """ids [B, T]; labels [B, T], SILENT where nothing is asked."""

    ids: Tensor
    labels: Tensor


@dataclass(frozen=True)
class Task:
    """One task: its words (id 0 is the unknown word), labels, whether it runs left to right, and how rows are drawn."""

    words: tuple[str, ...]
    labels: tuple[str, ...]
    causal: bool
    draw: Callable[[int, int, torch.Generator], Drawn]

    @property
    def chance(self) -> float:
        """Share of right answers of a guess among all labels; they are equally common."""
        return 1 / len(self.labels)


def order(rows: int, length: int, random: torch.Generator) -> Drawn:
    """The label stands on the later one of a and b, 1 where a is first; the model pools over the whole row."""
    ids = torch.randint(3, len(SYMBOLS) + 1, (rows, length), generator=random)
    places = torch.rand(rows, length, generator=random).argsort(dim=1)[:, :2]
    ids.scatter_(1, places, torch.tensor([[1, 2]]).expand(rows, 2))
    labels = torch.full((rows, length), SILENT)
    labels.scatter_(1, places.amax(dim=1, keepdim=True), (places[:, :1] < places[:, 1:]).long())
    return Drawn(ids, labels)


def back(rows: int, length: int, random: torch.Generator) -> Drawn:
    """The label of place t is the symbol at t - 4."""
    ids = torch.randint(1, len(SYMBOLS) + 1, (rows, length), generator=random)
    labels = torch.full((rows, length), SILENT)
    labels[:, BACK:] = ids[:, :-BACK] - 1
    return Drawn(ids, labels)


def latest(rows: int, length: int, random: torch.Generator) -> Drawn:
    """Ids: 1 + 8 key + value for a token that sets, 33 + key for one that asks."""
    key = torch.randint(0, len(KEYS), (rows, length), generator=random)
    value = torch.randint(0, len(VALUES), (rows, length), generator=random)
    asks = torch.rand(rows, length, generator=random) < ASKED
    sets = len(KEYS) * len(VALUES)
    ids = torch.where(asks, 1 + sets + key, 1 + len(VALUES) * key + value)
    now = torch.full((rows, len(KEYS)), SILENT)
    labels = torch.full((rows, length), SILENT)
    for place in range(length):
        at = key[:, place : place + 1]
        known = now.gather(1, at)
        labels[:, place] = torch.where(asks[:, place], known[:, 0], SILENT)
        now = now.scatter(1, at, torch.where(asks[:, place : place + 1], known, value[:, place : place + 1]))
    return Drawn(ids, labels)


TASKS: Mapping[str, Task] = {
    "order": Task((UNKNOWN, *SYMBOLS), ("b first", "a first"), False, order),
    "back": Task((UNKNOWN, *SYMBOLS), SYMBOLS, True, back),
    "latest": Task((UNKNOWN, *(k + v for k in KEYS for v in VALUES), *KEYS), VALUES, True, latest),
}
