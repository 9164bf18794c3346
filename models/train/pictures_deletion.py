"""Deletion curves over test pictures, for the page: `python -m models.train.pictures_deletion` measures every card.

A card whose curves belong to its present weights is left alone, so that the command can be stopped and called again.
`--task` and `--name` choose; `--count 5` tries it on a few pictures and writes nothing.
"""

import argparse
import json
import time
from typing import Any

import numpy as np
import torch

from models import load
from models.cards import PICTURE_TASKS, WEIGHTS, ModelCard, cards
from models.lens import picture_maps
from models.train.pictures_data import Part, read

COUNT = 500
STEPS, DRAWS = 14, 2


def measure(name: str, test: Part, count: int = COUNT) -> dict[str, Any]:
    """Mean curves over the first test pictures, each explained for the network's own answer."""
    model: Any = load(name, "cpu")
    curves: dict[str, list[np.ndarray]] = {}
    areas: dict[str, list[float]] = {}
    for picture in test.pictures[:count]:
        pixels = (picture / np.float32(255)).astype(np.float32)
        target = int(model.probabilities(pixels[None])[0].argmax())
        maps = picture_maps.every(model, pixels, target)
        found = picture_maps.deletion(model, pixels, target, maps, steps=STEPS, draws=DRAWS)
        for kind, values in {**found.probability, "random": found.random}.items():
            curves.setdefault(kind, []).append(values)
        for kind, area in found.area.items():
            areas.setdefault(kind, []).append(area)
    deviation = {kind: float(np.std(values, ddof=1) / np.sqrt(count)) for kind, values in areas.items()}
    return {
        "count": count,
        "sha256": model.card.sha256,
        "fill": 0.0,
        "share": found.share.tolist(),
        "curves": {kind: np.mean(values, axis=0).round(5).tolist() for kind, values in curves.items()},
        "area": {kind: [float(np.mean(values)), deviation[kind]] for kind, values in areas.items()},
    }


def measured(one: ModelCard) -> bool:
    """Whether the card has curves of its present weights over enough pictures."""
    stored = one.metrics.get("deletion", {})
    return stored.get("sha256") == one.sha256 and stored.get("count") == COUNT


def store(name: str, curves: dict[str, Any]) -> None:
    """Put the curves on the card."""
    path = WEIGHTS / f"{name}.card.json"
    facts = json.loads(path.read_text(encoding="utf-8"))
    facts["metrics"]["deletion"] = curves
    path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", choices=PICTURE_TASKS, action="append")
    parser.add_argument("--name", action="append", help="one network, such as fashion-cnn")
    parser.add_argument("--count", type=int, default=COUNT, help="fewer pictures, as a trial: nothing is written")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    for task in chosen.task or PICTURE_TASKS:
        test = read(task).test
        for one in cards(task):
            if (measured(one) and chosen.count == COUNT) or (chosen.name is not None and one.name not in chosen.name):
                continue
            start = time.perf_counter()
            curves = measure(one.name, test, chosen.count)
            if chosen.count == COUNT:
                store(one.name, curves)
            print(f"{one.name}: {chosen.count} pictures in {time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
