"""What the reader asks: the picture's pixels, what is done to them, the networks and the class; plain values."""

import re
from dataclasses import dataclass, field, replace

import numpy as np

from models.cards import ModelCard, card, cards
from models.photo_card import NAME, TASK, installed, photo_card
from models.pictures_change import Change, Pixels, apply
from pages.seen import others
from viz.theme import look

TASKS = {"Clothes": "fashion", "Digits": "digits", "Photographs": TASK}
SIDE, LARGE = 28, 224
STEP = LARGE // SIDE  # pixels of a photograph to one step of a slider
STILL = "still"  # the training set of models that never saw a shifted picture


@dataclass(frozen=True)
class Given:
    """A picture: 28 x 28 or 3 x 224 x 224 bytes; what it is, in words; its true class where that is known; the steps
    that brought it into this form."""

    content: bytes
    title: str
    truth: int | None = None
    steps: tuple[str, ...] = ()

    @property
    def pixels(self) -> Pixels:
        """[28, 28] or [3, 224, 224] in 0..1."""
        shape = (SIDE, SIDE) if len(self.content) == SIDE * SIDE else (3, LARGE, LARGE)
        found = np.frombuffer(self.content, np.uint8).reshape(shape)
        return (found / np.float32(255)).astype(np.float32)


@dataclass(frozen=True)
class Asked:
    """One request. target: a class, or None for each network's own answer; terms: the network from whose classes it
    was chosen."""

    task: str
    given: Given
    change: Change
    models: tuple[str, ...]
    target: int | None
    device: str
    fill: float = field(default=0.0)
    terms: str = ""

    @property
    def pixels(self) -> Pixels:
        """What the networks are given: [28, 28] or [3, 224, 224], changed. A photograph moves in steps of 8 pixels."""
        change, by = self.change, STEP
        if self.task == TASK:
            change = replace(
                change,
                right=by * change.right,
                down=by * change.down,
                square=by * change.square,
                row=by * change.row,
                column=by * change.column,
            )
        return apply(self.given.pixels, change)

    @property
    def grey(self) -> Pixels:
        """The changed picture as brightness [h, w]."""
        return self.pixels if self.pixels.ndim == 2 else self.pixels.mean(axis=0)

    def edges(self, count: int) -> list[Pixels | None]:
        """The picture whose edge is drawn over `count` maps; photographs have too many edges to be drawn."""
        return [None if self.task == TASK else self.pixels] * count

    def label(self, name: str, at: int) -> str:
        """Class `at` of one network, in its own words."""
        return str(facts(name).settings["labels"][at])

    def target_of(self, name: str) -> int | None:
        """The chosen class for one network; None where its classes are not those that were chosen from."""
        terms = self.terms or reference(self.task, self.models)
        own, chosen = (tuple(facts(one).settings["labels"]) for one in (name, terms))
        return self.target if own == chosen else None

    def columns(self, families: tuple[str, ...] = ()) -> list[tuple[str, str]]:
        """(architecture, title) of each network, or of those of some families."""
        return [(facts(name).family, title(name)) for name in self.names(families)]

    def names(self, families: tuple[str, ...] = ()) -> list[str]:
        """The networks' names, or those of some families."""
        return [name for name in self.models if not families or facts(name).family in families]


def facts(name: str) -> ModelCard:
    """The card of a bundled network, of the packaged one for photographs, or of one from elsewhere."""
    return photo_card() if name == NAME else others.card_of(name) or card(name)


def known(task: str) -> dict[str, ModelCard]:
    """Name -> card of the task's networks: the four families, then those that saw no shifts; for photographs the
    packaged one, or none where its package is not installed."""
    if task == TASK:
        return {NAME: photo_card()} if installed() else {}
    found = sorted(cards(task), key=lambda one: one.training_set == STILL)
    return {one.name: one for one in found}


def reference(task: str, names: tuple[str, ...]) -> str:
    """The network whose classes the reader chooses from: the task's first, else the first of `names`; "" if none."""
    return next(iter([*known(task), *names]), "")


def title(name: str) -> str:
    """ "Convolution", or "Convolution without shifts"."""
    one = facts(name)
    if one.task == TASK:
        return one.title
    return look(one.family).title + (" without shifts" if one.training_set == STILL else "")


def file_name(name: str) -> str:
    """A network's name for a file or an array: no slashes of a folder or an id."""
    return re.sub(r"[^\w.-]+", "-", title(name) if others.card_of(name) else name)
