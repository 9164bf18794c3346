"""Deletion curves over test pictures, for the page: `python -m models.train.pictures_deletion` (minutes)."""

import argparse
import json
from typing import Any

import numpy as np
import torch

from models import load
from models.cards import PICTURE_TASKS, WEIGHTS, cards
from models.lens import picture_maps
from models.train.pictures_data import Part, read

COUNT = 100
STEPS, DRAWS = 14, 2


def measure(name: str, test: Part) -> dict[str, Any]:
    """Mean curves over the first test pictures, each explained for the network's own answer."""
    model: Any = load(name, "cpu")
    curves: dict[str, list[np.ndarray]] = {}
    areas: dict[str, list[float]] = {}
    for picture in test.pictures[:COUNT]:
        pixels = (picture / np.float32(255)).astype(np.float32)
        target = int(model.probabilities(pixels[None])[0].argmax())
        maps = picture_maps.every(model, pixels, target)
        found = picture_maps.deletion(model, pixels, target, maps, steps=STEPS, draws=DRAWS)
        for kind, values in {**found.probability, "random": found.random}.items():
            curves.setdefault(kind, []).append(values)
        for kind, area in found.area.items():
            areas.setdefault(kind, []).append(area)
    deviation = {kind: float(np.std(values, ddof=1) / np.sqrt(COUNT)) for kind, values in areas.items()}
    return {
        "count": COUNT,
        "fill": 0.0,
        "share": found.share.tolist(),
        "curves": {kind: np.mean(values, axis=0).round(5).tolist() for kind, values in curves.items()},
        "area": {kind: [float(np.mean(values)), deviation[kind]] for kind, values in areas.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", choices=PICTURE_TASKS, action="append")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    for task in chosen.task or PICTURE_TASKS:
        test = read(task).test
        for one in cards(task):
            path = WEIGHTS / f"{one.name}.card.json"
            facts = json.loads(path.read_text(encoding="utf-8"))
            if "deletion" in facts["metrics"]:
                continue
            facts["metrics"]["deletion"] = measure(one.name, test)
            path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
            print(f"{one.name}: done", flush=True)


if __name__ == "__main__":
    main()
