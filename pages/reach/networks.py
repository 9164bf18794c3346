"""The bundled picture networks as these views need them: measured once a process, with their weights or without."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from models import cards
from models.lens.receptive_field_network import Depth
from models.presets.pictures import pictures
from pages.shared import loading

FAMILIES = ("cnn", "vit", "hybrid")
TITLES = {"cnn": "CNN", "vit": "ViT", "hybrid": "hybrid"}
LOOKS = {"cnn": "cnn", "vit": "transformer", "hybrid": "hybrid"}
PAIRS = 9  # pairs of pictures whose maps are compared
TRAINED = ("trained", "untrained")


@dataclass(frozen=True)
class Moved:
    """Total variation between pictures: of attention [L, PAIRS] or None, and of the measured field [PAIRS]."""

    attention: np.ndarray | None
    field: np.ndarray


def names() -> dict[str, str]:
    """Architecture -> card's name of the networks that are bundled, trained with shifts."""
    known = {card.family: card.name for card in cards("fashion") if not card.training_set}
    return {family: known[family] for family in FAMILIES if family in known}


def labels() -> tuple[str, ...]:
    """The classes."""
    return tuple(cards("fashion")[0].settings["labels"])


def picture(at: int) -> np.ndarray:
    """Test picture `at` of 30, three a class, float32 [28, 28] in 0..1."""
    kind, number = divmod(at, 3)
    return pictures("fashion")[kind, number].astype(np.float32) / 255


def sample() -> np.ndarray:
    """One test picture of each class, [10, 28, 28]."""
    return np.stack([picture(3 * kind) for kind in range(10)])


def network(name: str, trained: bool, device: str) -> Any:
    """A bundled picture network with its trained weights, or at its random start."""
    if trained:
        return loading.model(name, device)
    return _untrained(name, device)


@lru_cache(maxsize=8)
def _untrained(name: str, device: str) -> Any:
    from models.sources import untrained

    loading.prepare()
    return untrained(name, device)


@lru_cache(maxsize=8)
def depths(name: str, trained: bool, device: str) -> tuple[Depth, ...]:
    """Every layer's field and attention distance."""
    from models.lens.receptive_field_network import by_depth

    return tuple(by_depth(network(name, trained, device), sample()))


@lru_cache(maxsize=8)
def moved(name: str, trained: bool, device: str) -> Moved:
    """How much attention and measured field differ between pictures of different classes."""
    from models.lens.receptive_field_network import moved_attention, moved_field

    model, seen = network(name, trained, device), sample()
    pairs = [(seen[at], seen[at + 1]) for at in range(PAIRS)]
    last = depths(name, trained, device)[-1].name
    looks = np.stack([moved_attention(model, *pair) for pair in pairs], axis=1) if model.axis else None
    return Moved(looks, np.array([moved_field(model, *pair, last) for pair in pairs]))


def measure(
    report: Callable[..., None], device: str, trained: tuple[str, ...] = TRAINED
) -> dict[tuple[str, str], tuple[Depth, ...]]:
    """The job: (architecture, "trained" or "untrained") -> layers."""
    loading.prepare()
    found = {}
    wanted = [(family, name, how) for family, name in names().items() for how in trained]
    for at, (family, name, how) in enumerate(wanted):
        report(at / len(wanted), f"{TITLES[family]}, {how}")
        found[family, how] = depths(name, how == TRAINED[0], device)
    return found


def compare(report: Callable[..., None], device: str) -> dict[tuple[str, str], Moved]:
    """The job: (architecture, "trained" or "untrained") -> what moves between pictures."""
    loading.prepare()
    found = {}
    wanted = [(family, name, how) for how in TRAINED for family, name in names().items()]
    for at, (family, name, how) in enumerate(wanted):
        report(at / len(wanted), f"{TITLES[family]}, {how}: pairs of pictures")
        found[family, how] = moved(name, how == TRAINED[0], device)
    return found
