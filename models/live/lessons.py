"""Setups that teach, and their recordings, stored so that the page opens with one and needs no torch for it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from models.live.record import Recording
from models.live.setup import Setup

STORED = Path(__file__).parent / "stored"
REFERENCE = Path(__file__).parent / "reference.json"


@dataclass(frozen=True)
class Lesson:
    """A setup with the question that it asks; the answer is read from the run, never from here."""

    name: str
    question: str
    setup: Setup


LESSONS: Mapping[str, Lesson] = {
    "One line": Lesson(
        "line",
        "Opposite corners are alike. Can one straight line part them? Can one hidden layer?",
        Setup("xor", ("perceptron", "mlp"), width=8, examples=200, batch=20, epochs=40, rate=0.02),
    ),
    "A way round": Lesson(
        "depth",
        "Sixteen layers: does the gradient come through them, with and without residual connections and normalisation?",
        Setup(
            "spirals",
            ("mlp", "mlp-norm", "mlp-residual", "mlp-both"),
            depth=16,
            examples=400,
            batch=40,
            epochs=50,
            rate=0.003,
        ),
    ),
    "Far memories": Lesson(
        "far",
        "The symbol stands 31 to 50 steps back, never nearer. Whose gradient finds it?",
        Setup(
            "recall-far",
            ("rnn", "lstm", "lstm-bias4", "gru", "transformer"),
            width=32,
            examples=2048,
            batch=32,
            epochs=6,
            rate=0.004,
            optimizer="adamw",
            clip=True,
        ),
    ),
    "Near examples help": Lesson(
        "near",
        "The same networks and the same validation, but training also has near examples. Do they help the far ones?",
        Setup(
            "recall",
            ("rnn", "lstm", "lstm-bias4", "gru", "transformer"),
            width=32,
            examples=2048,
            batch=32,
            epochs=6,
            rate=0.004,
            optimizer="adamw",
            clip=True,
        ),
    ),
    "Divide by √d": Lesson(
        "scale",
        "One wide head, scores divided by the root of its width and not: who learns, and who reads from few places?",
        Setup(
            "digits",
            ("transformer-wide", "transformer-unscaled"),
            width=64,
            examples=400,
            batch=40,
            epochs=24,
            rate=0.003,
        ),
    ),
    "Little data": Lesson(
        "gap",
        "One hundred digits, equal numbers of parameters: how far does validation fall behind training?",
        Setup(
            "digits",
            ("mlp", "cnn", "lstm", "transformer"),
            width=24,
            examples=100,
            batch=20,
            epochs=60,
            rate=0.003,
        ),
    ),
}


@lru_cache(maxsize=8)
def stored(name: str) -> Recording | None:
    """The stored recording of a lesson, None where there is none."""
    from models.store import from_bytes

    file = STORED / f"{LESSONS[name].name}.npz"
    return from_bytes(file.read_bytes()) if file.exists() else None


def recorded(setup: Setup) -> Recording | None:
    """The stored recording of exactly this setup, if it is a lesson's."""
    for name, lesson in LESSONS.items():
        found = stored(name) if lesson.setup == setup else None
        if found is not None and found.setup == setup:
            return found
    return None


@cache
def reference() -> dict[str, Any]:
    """The reference run of recall: {"setup": ..., "runs": {data: {network: {"rate", "rates", "seeds"}}}}.

    Written by models/train/recall.py. Never change it: it is shared.
    """
    return json.loads(REFERENCE.read_text(encoding="utf-8"))
