"""The data sets of the training page, drawn anew from a seed; numpy only.

Points in the plane (classes alternate, so that both are equally frequent), 8 x 8 digits as sixteen patches, and two
tasks of memory: recall (Hochreiter and Schmidhuber 1997, in its simplest form) and adding (there, section 5.4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.live.points import Maker, corners, moons, plane, rings, spirals

DIGITS = Path(__file__).parent / "digits.npz"
LONGEST, FAR = 50, 31  # steps between the symbol and the question; "far" begins here
SYMBOLS, FILLERS = 4, 8
ADDENDS = 30  # numbers in a row of the adding problem
TOLERANCE = 0.04  # an answer of the adding problem within this is right, as in the paper
VALIDATION = 256


@dataclass(frozen=True)
class Task:
    """What a data set is: its kind (plane, tokens or numbers), classes (0: a number is asked for), and its maker.

    `chance` is the accuracy of an answer that ignores the input; `most` the greatest number of training examples.
    """

    title: str
    kind: str
    classes: int
    chance: float
    most: int
    about: str
    make: Maker


@dataclass(frozen=True)
class Data:
    """Training and validation examples. x: [N, 2] points, [N, T] symbols (int64) or [N, T, C] numbers; y: [N]."""

    task: Task
    train_x: NDArray
    train_y: NDArray
    validation_x: NDArray
    validation_y: NDArray


def draw(name: str, examples: int, seed: int) -> Data:
    """`examples` training examples and up to 256 validation examples of data set `name`, the same for the same seed."""
    if name not in TASKS:
        raise ValueError(f"The data set must be one of {', '.join(TASKS)}; got {name!r}.")
    task = TASKS[name]
    if not 4 <= examples <= task.most:
        raise ValueError(f"{task.title} takes 4 to {task.most:,} training examples; got {examples:,}.")
    return Data(task, *task.make(np.random.default_rng([seed, 7919]), examples, VALIDATION))


def recall(nearest: int) -> Maker:
    """One of four symbols among random fillers; it is asked for `k` steps later, k from `nearest` to 50.

    Every row has 51 places: fillers, the symbol, k fillers. The answer is read at the last place. In validation k is
    31 to 50 whatever training saw, so that both forms of the task are asked the same.
    """

    def make(rng: np.random.Generator, count: int, held: int) -> tuple[NDArray, NDArray, NDArray, NDArray]:
        def some(n: int, low: int) -> tuple[NDArray, NDArray]:
            rows = rng.integers(SYMBOLS, SYMBOLS + FILLERS, (n, LONGEST + 1))
            label, gap = np.arange(n) % SYMBOLS, rng.integers(low, LONGEST + 1, n)
            rows[np.arange(n), LONGEST - gap] = label
            return rows, label

        return *some(count, nearest), *some(held, FAR)

    return make


def adding(rng: np.random.Generator, count: int, held: int) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Thirty pairs (number in [0, 1], mark); the sum of the two marked numbers, one in each half, is asked for."""

    def some(n: int) -> tuple[NDArray, NDArray]:
        rows = np.zeros((n, ADDENDS, 2), np.float32)
        rows[..., 0] = rng.random((n, ADDENDS))
        half = ADDENDS // 2
        for low in (0, half):
            rows[np.arange(n), rng.integers(low, low + half, n), 1] = 1
        return rows, (rows[..., 0] * rows[..., 1]).sum(1)

    return *some(count), *some(held)


@cache
def pictures() -> tuple[NDArray, NDArray]:
    """The 1,797 digits (Alpaydin and Kaynak 1998), 8 x 8 levels 0 to 16, and their classes, in a fixed shuffled order.

    Never change the arrays: they are shared.
    """
    with np.load(DIGITS, allow_pickle=False) as file:
        pixels, label = file["pixels"], file["label"].astype(np.int64)
    order = np.random.default_rng(0).permutation(len(label))
    return pixels[order], label[order]


def digits(rng: np.random.Generator, count: int, held: int) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Pictures as sixteen patches of 2 x 2 pixels, row by row, scaled to [-1, 1]; the first 512 are for validation."""
    pixels, label = pictures()
    patches = (pixels.reshape(-1, 4, 2, 4, 2).transpose(0, 1, 3, 2, 4).reshape(-1, 16, 4) / 8 - 1).astype(np.float32)
    train = 512 + rng.permutation(len(label) - 512)[:count]
    return patches[train], label[train], patches[:held], label[:held]


def _plane(title: str, about: str, make: Maker) -> Task:
    return Task(title, "plane", 2, 0.5, 4096, about, make)


TASKS: Mapping[str, Task] = {
    "and": _plane("AND", "One corner of four differs: one line separates it.", corners((0, 0, 0, 1))),
    "or": _plane("OR", "One corner of four differs: one line separates it.", corners((0, 1, 1, 1))),
    "xor": _plane("XOR", "Opposite corners are alike: no line gets more than 75 % right.", corners((0, 1, 1, 0))),
    "moons": _plane("Two moons", "Two half circles that reach into each other.", plane(moons, 0.1)),
    "rings": _plane("Rings", "A ring within a ring.", plane(rings, 0.08)),
    "spirals": _plane("Spirals", "Two arms, one and a half turns each.", plane(spirals, 0.03)),
    "digits": Task(
        "Digits 8x8", "numbers", 10, 0.1, 1285, "Handwritten digits as sixteen patches of 2 x 2 pixels.", digits
    ),
    "recall": Task(
        "Recall, near and far",
        "tokens",
        SYMBOLS,
        1 / SYMBOLS,
        4096,
        "Which of four symbols was it, 0 to 50 steps ago? Validation: 31 to 50 steps.",
        recall(0),
    ),
    "recall-far": Task(
        "Recall, far only",
        "tokens",
        SYMBOLS,
        1 / SYMBOLS,
        4096,
        "Which of four symbols was it, 31 to 50 steps ago? There are no nearer examples.",
        recall(FAR),
    ),
    "adding": Task(
        "Adding problem",
        "numbers",
        0,
        2 * TOLERANCE - TOLERANCE**2,
        4096,
        f"The sum of two marked numbers among {ADDENDS}. Right: within {TOLERANCE} of it.",
        adding,
    ),
}
