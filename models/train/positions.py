"""Train and measure the position models: `make train-positions` (about twenty minutes of one core).

Six schemes, three tasks, three seeds; every run has the same budget and rate. Of the three seeds the one with the
lowest validation loss at the trained lengths (8 to 32) is bundled; nothing beyond them is looked at to choose.
Finished runs are kept in .cache/train, so that an interrupted training goes on.
"""

import argparse
import json
import time
from itertools import product
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from models.cards import WEIGHTS, write_card
from models.train.positions_data import TASKS
from models.train.positions_measures import TESTED, TRAINED, any_value, loss, measure
from models.zoo import Network, build
from models.zoo.schemes import SCHEMES

RATE, SIZE, WARM = 3e-3, 32, 0.05
STEPS = {"order": 1000, "back": 400, "latest": 700}
SEEDS = (0, 1, 2)
VALIDATION_SEED, VALIDATION_ROWS = 5_000, 512
RUNS = Path(".cache/train")
OWN = {  # what a scheme adds to a card's limits
    "learned": ("A place beyond the table reads its last row.",),
    "t5": (
        "Unlike T5 itself, each layer has biases of its own and scores are divided by the root of the head width.",
        f"Biases of distances that rows of {TRAINED[1]} places do not have stand near their random start.",
    ),
}


def settings(task: str, scheme: str) -> dict[str, Any]:
    """What `models.zoo.build` needs; a model that runs left to right is read at its last word."""
    about = TASKS[task]
    return {
        "architecture": "transformer",
        "vocabulary": len(about.words),
        "classes": len(about.labels),
        "readout": "last" if about.causal else "mean",
        "causal": about.causal,
        "dropout": 0.0,
        "shift": 0,
        "scheme": scheme,
        "places": TRAINED[1],
    }


def train(task: str, scheme: str, seed: int) -> tuple[Network, dict[str, Any]]:
    """One run, or its stored result; one that was measured at other lengths is measured again."""
    path = RUNS / f"positions-{task}-{scheme}-{seed}"
    network = build(settings(task, scheme), seed)
    if path.with_suffix(".json").exists():
        network.load_state_dict(load_file(path.with_suffix(".safetensors")))
        result = json.loads(path.with_suffix(".json").read_text())
        if [row["length"] for row in result["lengths"]] != list(TESTED):
            result["lengths"] = measure(network, TASKS[task])
            path.with_suffix(".json").write_text(json.dumps(result))
        return network.eval(), result
    fit(network, task, seed)
    result = {"seed": seed, "validation_loss": validate(network, task), "lengths": measure(network, TASKS[task])}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(network.state_dict(), path.with_suffix(".safetensors"))
    path.with_suffix(".json").write_text(json.dumps(result))
    return network, result


def fit(network: Network, task: str, seed: int) -> None:
    """AdamW, one-cycle rate, gradients clipped to norm 1; every batch has one length, drawn evenly from 8 to 32."""
    about, random = TASKS[task], torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=STEPS[task], pct_start=WARM)
    network.train()
    for _ in range(STEPS[task]):
        length = int(torch.randint(TRAINED[0], TRAINED[1] + 1, (), generator=random))
        optimizer.zero_grad(set_to_none=True)
        loss(network, about.draw(SIZE, length, random), about.causal).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    network.eval()


@torch.no_grad()
def validate(network: Network, task: str) -> float:
    """Mean loss over rows of 8, 16, 24 and 32 places that are neither trained nor tested on."""
    random, about = torch.Generator().manual_seed(VALIDATION_SEED), TASKS[task]
    drawn = [about.draw(VALIDATION_ROWS // 4, length, random) for length in range(TRAINED[0], TRAINED[1] + 1, 8)]
    return sum(float(loss(network, rows, about.causal)) for rows in drawn) / len(drawn)


def limits(scheme: str) -> list[str]:
    """What a reader of the card should know."""
    said = ["Knows only the symbols of its task.", f"Was trained on at most {TRAINED[1]} places."]
    return [*said, *OWN.get(scheme, ())]


def stored(task: str, scheme: str, seed: int) -> bool:
    """Whether this run is finished."""
    return (RUNS / f"positions-{task}-{scheme}-{seed}.json").exists()


def finish(task: str, scheme: str) -> None:
    """Of the finished seeds take the best by validation, and bundle it."""
    about, name = TASKS[task], f"positions-{task}-{scheme}"
    runs = [train(task, scheme, seed) for seed in SEEDS if stored(task, scheme, seed)]
    network, best = min(runs, key=lambda run: run[1]["validation_loss"])
    baselines = {"chance": about.chance}
    if task == "latest":
        baselines |= {f"any value of the key, {length}": any_value(length, about) for length in TESTED}
    weights = WEIGHTS / f"{name}.safetensors"
    save_file(network.state_dict(), weights)
    write_card(
        name,
        weights,
        title=f"Transformer, {scheme}",
        task="positions",
        training_set=task,
        settings={
            **settings(task, scheme),
            "seed": best["seed"],
            "labels": about.labels,
            "vocabulary_file": f"positions-{task}",
        },
        parameters=sum(p.numel() for p in network.parameters()),
        data=f"generated: models/train/positions_data.py, rows of {TRAINED[0]} to {TRAINED[1]} tokens",
        command=f"python -m models.train.positions --task {task} --scheme {scheme}",
        limits=limits(scheme),
        metrics={"lengths": best["lengths"], "baselines": baselines, "seeds": [result for _, result in runs]},
        trained={"rate": RATE, "seed": best["seed"], "steps": STEPS[task], "batch": SIZE},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", choices=TASKS, action="append")
    parser.add_argument("--scheme", choices=SCHEMES, action="append")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no new run after so many")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    WEIGHTS.mkdir(exist_ok=True)
    pairs = [(task, scheme) for scheme in chosen.scheme or SCHEMES for task in chosen.task or TASKS]
    until = time.monotonic() + 60 * chosen.minutes
    for seed, (task, scheme) in product(SEEDS, pairs):
        if time.monotonic() < until:
            train(task, scheme, seed)
    for task in chosen.task or TASKS:
        words = json.dumps(list(TASKS[task].words))
        (WEIGHTS / f"positions-{task}.vocabulary.json").write_text(words, encoding="utf-8")
    for task, scheme in pairs:
        if stored(task, scheme, SEEDS[0]):
            finish(task, scheme)


if __name__ == "__main__":
    main()
