"""Cards of the bundled models: what each is, how it was trained, how good it is. Readable without torch."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

WEIGHTS = Path(__file__).parent / "weights"
PICTURE_TASKS = ("fashion", "digits")  # their models read pixels, all others words
TITLES: Mapping[str, str] = {
    "mlp": "Fully connected",
    "cnn": "Convolution",
    "cnn-dilated": "Dilated convolution",
    "rnn": "RNN (Elman)",
    "lstm": "LSTM",
    "lstm-bias4": "LSTM, forget bias 4",
    "gru": "GRU",
    "transformer": "Transformer",
    "vit": "Vision Transformer",
    "hybrid": "Hybrid",
}


@dataclass(frozen=True)
class ModelCard:
    """Facts of one model. metrics: what was measured on data it never saw; limits: what it cannot take or say."""

    name: str
    title: str
    task: str
    family: str
    parameters: int
    licence: str
    source: str
    sha256: str
    metrics: Mapping[str, Any]
    limits: tuple[str, ...]
    settings: Mapping[str, Any]
    trained: Mapping[str, Any]
    data: str = ""
    command: str = ""
    training_set: str = ""


def _limits(architecture: str) -> tuple[str, ...]:
    words = ("Knows only the words of its training data; every other word becomes one unknown word.",)
    if architecture == "mlp":
        return (*words, "Takes at most 64 tokens.")
    return words


@cache
def _read() -> tuple[ModelCard, ...]:
    found = []
    for path in sorted(WEIGHTS.glob("*.card.json")):
        facts = json.loads(path.read_text(encoding="utf-8"))
        found.append(ModelCard(**{**facts, "limits": tuple(facts["limits"])}))
    order = list(TITLES)
    return tuple(
        sorted(found, key=lambda card: (card.task, card.training_set == "far", order.index(card.family), card.name))
    )


def cards(task: str | None = None) -> list[ModelCard]:
    """All bundled models, or those of one task; fully connected first, hybrid last."""
    return [card for card in _read() if task in (None, card.task)]


def card(name: str) -> ModelCard:
    """The card of one name."""
    by_name = {known.name: known for known in _read()}
    if name not in by_name:
        raise ValueError(f"model must be one of {', '.join(by_name)}, got {name!r}")
    return by_name[name]


def write_card(
    name: str, weights: Path, *, settings: dict[str, Any], more_limits: tuple[str, ...] = (), **facts: Any
) -> None:
    """Store a card beside its weights; called by the training scripts. `more_limits` are those of the run."""
    architecture = settings["architecture"]
    if architecture not in TITLES:
        raise ValueError(f"models/cards.py has no title for the architecture {architecture!r}: add it to TITLES")
    content = {
        "name": name,
        "title": TITLES[architecture],
        "family": architecture,
        "licence": "Apache-2.0",
        "source": f"bundled: models/weights/{weights.name}",
        "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "limits": [*_limits(architecture), *more_limits],
        "settings": settings,
        **facts,
    }
    weights.with_suffix(".card.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
