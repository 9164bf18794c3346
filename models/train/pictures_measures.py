"""What the picture cards report: test accuracy with its interval, by class, and how it falls as pictures change.

`python -m models.train.pictures_measures` measures the bundled weights again and rewrites their cards, those alone
whose curves do not yet cover the whole test set; `--task`, `--name` and `--again` choose, minutes a network.
"""

import argparse
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models import load
from models import pictures_change as change
from models.cards import PICTURE_TASKS, WEIGHTS, cards
from models.scores import interval
from models.train.pictures_data import Part, read
from models.train.pictures_fit import logits
from models.zoo.pictures import PictureNetwork

OLD = 2_000
LEVELS: Mapping[str, tuple[float, ...]] = {
    "shift": (0, 1, 2, 3, 4, 6, 8),
    "rotation": (0, 10, 20, 30, 45, 60, 90),
    "occlusion": (0, 4, 8, 12, 14, 16, 20),
    "noise": (0, 0.05, 0.1, 0.2, 0.3, 0.4),
}
Floats = NDArray[np.float32]


def measure(network: PictureNetwork, test: Part) -> dict[str, Any]:
    """Accuracy with Wilson's interval, by class, and against every kind of change, all on the same test pictures."""
    right = correct(network, test.pictures.astype(np.float32) / np.float32(255), test.labels)
    share = float(right.mean())
    return {
        "accuracy": share,
        "interval": interval(share, len(right)),
        "count": len(right),
        "by_class": [float(right[test.labels == label].mean()) for label in range(10)],
        "robustness": {kind: curve(network, test, kind) for kind in LEVELS},
        "robustness_count": len(right),
    }


def correct(network: PictureNetwork, pictures: Floats, labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    said = logits(network, torch.from_numpy(pictures)).argmax(dim=1).numpy()
    return np.asarray(said == labels)


def curve(network: PictureNetwork, part: Part, kind: str) -> list[dict[str, Any]]:
    """Accuracy at each level of one kind of change."""
    pictures = part.pictures.astype(np.float32) / np.float32(255)
    rows = []
    for level in LEVELS[kind]:
        share = float(correct(network, CHANGES[kind](pictures, level), part.labels).mean())
        rows.append({"level": level, "accuracy": share, "interval": interval(share, len(part.labels))})
    return rows


def _shift(pictures: Floats, level: float) -> Floats:
    """A quarter of the pictures each way: right, left, down, up."""
    found, by = pictures.copy(), int(level)
    for at, (right, down) in enumerate(((by, 0), (-by, 0), (0, by), (0, -by))):
        found[at::4] = change.shifted(pictures[at::4], right, down)
    return found


def _rotate(pictures: Floats, level: float) -> Floats:
    """Every other picture clockwise, the others against it."""
    found = pictures.copy()
    for at, sign in enumerate((1, -1)):
        found[at::2] = change.turned(pictures[at::2], sign * level)
    return found


def _occlude(pictures: Floats, level: float) -> Floats:
    """A black square wholly inside, at a place drawn for each picture with a fixed seed."""
    side, draw = int(level), np.random.default_rng(2)
    tops = draw.integers(0, 28 - side + 1, (len(pictures), 2))
    middles = tops + side // 2
    return np.stack(
        [change.covered(picture, side, row, column) for picture, (row, column) in zip(pictures, middles, strict=True)]
    )


def _noise(pictures: Floats, level: float) -> Floats:
    return change.noisy(pictures, level, seed=3)


CHANGES: Mapping[str, Callable[[Floats, float], Floats]] = {
    "shift": _shift,
    "rotation": _rotate,
    "occlusion": _occlude,
    "noise": _noise,
}


def measured(metrics: Mapping[str, Any], count: int) -> bool:
    """Whether a card's curves cover `count` test pictures; a card that does not say was measured on `OLD`."""
    return metrics.get("robustness_count", OLD) == count


def again(name: str, test: Part) -> None:
    """Measure bundled weights and put the numbers on their card; what was measured otherwise stays."""
    path = WEIGHTS / f"{name}.card.json"
    found = measure(load(name, "cpu").network, test)
    facts = json.loads(path.read_text(encoding="utf-8"))
    facts["metrics"] = {**facts["metrics"], **found}
    path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", choices=PICTURE_TASKS, action="append")
    parser.add_argument("--name", action="append", help="one network, such as fashion-cnn")
    parser.add_argument("--again", action="store_true", help="also what is measured already")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    for task in chosen.task or PICTURE_TASKS:
        test = read(task).test
        for one in cards(task):
            wanted = chosen.again or not measured(one.metrics, len(test.labels))
            if wanted and (chosen.name is None or one.name in chosen.name):
                again(one.name, test)
                print(f"{one.name}: measured on {len(test.labels):,} pictures", flush=True)


if __name__ == "__main__":
    main()
