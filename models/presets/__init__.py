"""Example texts, and what the bundled models said of them: stored, so that the first page needs no torch.

`make presets` computes the stored readings; a test computes one example of each group again and compares, to rounding.
"""

import json
from functools import cache, lru_cache
from pathlib import Path

from models.cards import ModelCard, cards
from models.reading import Reading

FOLDER = Path(__file__).parent
SETS = {"sentiment": ("sentiment", ""), "agreement": ("agreement", "mixed"), "agreement-far": ("agreement", "far")}


@cache
def presets(task: str) -> dict[str, str]:
    """Name -> text of a task, in the order in which they are offered."""
    return json.loads((FOLDER / "presets.json").read_text(encoding="utf-8"))[task]


def models_of(group: str) -> dict[str, ModelCard]:
    """Architecture -> card of one of SETS: one task and one training set."""
    task, training_set = SETS[group]
    return {card.family: card for card in cards(task) if card.training_set == training_set}


def path(group: str, preset: str) -> Path:
    """Where the readings of a preset by all models of a group are stored."""
    return FOLDER / f"{group}-{preset.replace(' ', '-')}.npz"


@lru_cache(maxsize=32)
def stored(group: str, preset: str) -> dict[str, Reading | str]:
    """Architecture -> stored reading, or the sentence that says why there is none; empty where nothing is stored.

    The time in `cost` is NaN: it belongs to the machine that is asked.
    """
    from models.store import from_bytes

    file = path(group, preset)
    return from_bytes(file.read_bytes()) if file.exists() else {}
