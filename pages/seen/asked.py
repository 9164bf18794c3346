"""What the reader asks: the picture's pixels, what is done to them, the networks and the class; plain values."""

from dataclasses import dataclass, field

import numpy as np

from models.cards import ModelCard, card, cards
from models.pictures_change import Change, Pixels, apply
from viz.theme import look

TASKS = {"Clothes": "fashion", "Digits": "digits"}
SIDE = 28
STILL = "still"  # the training set of models that never saw a shifted picture


@dataclass(frozen=True)
class Given:
    """A picture: 28 x 28 bytes; what it is, in words; its true class where that is known; what was done to fit it."""

    content: bytes
    title: str
    truth: int | None = None
    steps: tuple[str, ...] = ()

    @property
    def pixels(self) -> Pixels:
        """[28, 28] in 0..1."""
        found = np.frombuffer(self.content, np.uint8).reshape(SIDE, SIDE)
        return (found / np.float32(255)).astype(np.float32)


@dataclass(frozen=True)
class Asked:
    """One request. target: a class, or None for each network's own answer."""

    task: str
    given: Given
    change: Change
    models: tuple[str, ...]
    target: int | None
    device: str
    fill: float = field(default=0.0)

    @property
    def pixels(self) -> Pixels:
        """What the networks are given: [28, 28], changed."""
        return apply(self.given.pixels, self.change)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(card(self.models[0]).settings["labels"])

    def columns(self, families: tuple[str, ...] = ()) -> list[tuple[str, str]]:
        """(architecture, title) of each network, or of those of some families."""
        return [(card(name).family, title(name)) for name in self.names(families)]

    def names(self, families: tuple[str, ...] = ()) -> list[str]:
        """The networks' names, or those of some families."""
        return [name for name in self.models if not families or card(name).family in families]


def known(task: str) -> dict[str, ModelCard]:
    """Name -> card of the task's networks: the four families, then those that saw no shifts."""
    found = sorted(cards(task), key=lambda one: one.training_set == STILL)
    return {one.name: one for one in found}


def title(name: str) -> str:
    """ "Convolution", or "Convolution without shifts"."""
    one = card(name)
    return look(one.family).title + (" without shifts" if one.training_set == STILL else "")
