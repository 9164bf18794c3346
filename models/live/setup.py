"""What one training run is: plain values, checked before anything is built. No torch."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from models.live.data import TASKS, Task

PLANE = ("perceptron", "mlp", "mlp-norm", "mlp-residual", "mlp-both")
MEMORY = (
    "mlp",
    "cnn",
    "rnn",
    "lstm",
    "lstm-bias4",
    "gru",
    "transformer",
    "hybrid",
    "transformer-wide",
    "transformer-unscaled",
)
OFFERED: Mapping[str, tuple[str, ...]] = {"plane": PLANE, "tokens": MEMORY, "numbers": MEMORY}
OPTIMIZERS = ("sgd", "momentum", "adam", "adamw")
MOST_NETWORKS, MOST_WIDTH, MOST_DEPTH, MOST_STEPS = 5, 128, 30, 20_000
MOST_RATE = 1e30  # what a step is multiplied by must be held by float32, in all optimizers


@dataclass(frozen=True)
class Setup:
    """One run: one data set, one to five networks that see the same batches in the same order.

    width is that of every hidden state, depth the number of hidden layers (plane) or blocks, examples the size of the
    training set, epochs how often it is gone through, clip whether gradients are cut to norm 1 before each step.
    """

    data: str = "xor"
    networks: tuple[str, ...] = ("perceptron", "mlp")
    width: int = 16
    depth: int = 1
    examples: int = 200
    batch: int = 20
    epochs: int = 40
    rate: float = 0.01
    optimizer: str = "adam"
    clip: bool = False
    seed: int = 0

    @property
    def task(self) -> Task:
        return TASKS[self.data]

    @property
    def steps(self) -> int:
        """Steps of the whole run; the last batch of an epoch may be smaller."""
        return self.epochs * math.ceil(self.examples / self.batch)

    def checked(self) -> "Setup":
        """Itself; ValueError with a sentence where it cannot be run."""
        if self.data not in TASKS:
            raise ValueError(f"The data set must be one of {', '.join(TASKS)}; got {self.data!r}.")
        self._check_networks()
        _within("Width", self.width, 1, MOST_WIDTH)
        _within("Depth", self.depth, 1, MOST_DEPTH)
        _within("Training examples", self.examples, 4, self.task.most)
        _within("Epochs", self.epochs, 1, MOST_STEPS)
        _within("Seed", self.seed, 0, 2**31 - 1)
        if not 1 <= self.batch <= self.examples:
            raise ValueError(
                f"The batch must hold 1 to {self.examples:,} examples, as many as there are to train on; "
                f"got {self.batch:,}."
            )
        if not 0 <= self.rate <= MOST_RATE:
            raise ValueError(
                f"The learning rate must be 0 or more, for a step goes down the slope, and at most {MOST_RATE:g}; "
                f"got {self.rate:g}."
            )
        if self.optimizer not in OPTIMIZERS:
            raise ValueError(f"The optimizer must be one of {', '.join(OPTIMIZERS)}; got {self.optimizer!r}.")
        if self.steps > MOST_STEPS:
            raise ValueError(
                f"These settings ask for {self.steps:,} steps; a run has at most {MOST_STEPS:,}. "
                "Take fewer epochs or a larger batch."
            )
        return self

    def _check_networks(self) -> None:
        offered = OFFERED[self.task.kind]
        if unknown := [name for name in self.networks if name not in offered]:
            raise ValueError(f"{self.task.title} takes the networks {', '.join(offered)}; got {', '.join(unknown)}.")
        if not 1 <= len(set(self.networks)) == len(self.networks) <= MOST_NETWORKS:
            raise ValueError(f"Choose one to {MOST_NETWORKS} networks; got {len(self.networks)}.")


def _within(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} must be between {low:,} and {high:,}; got {value:,}.")
