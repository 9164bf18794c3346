"""The reference run of the training page: who learns to recall from far examples alone? `make train-recall`.

Five networks of one size, each trained by itself in the page's own loop. Three learning rates with the first seed,
then two more seeds with the rate whose mean validation accuracy over the recorded moments was best. Finished runs are
kept in .cache/train; models/live/reference.json gets a data set once all its runs are finished.
"""

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from models.live.lessons import REFERENCE
from models.live.loop import train
from models.live.setup import Setup

NETWORKS = ("rnn", "lstm", "gru", "lstm-bias4", "transformer")
DATA = ("recall-far", "recall")
RATES, SEEDS = (0.002, 0.004, 0.008), (0, 1, 2)
BASE = Setup(
    "recall-far", NETWORKS, width=32, examples=2048, batch=32, epochs=10, rate=RATES[0], optimizer="adamw", clip=True
)
RUNS = Path(".cache/train")
LIMIT = 3600.0  # seconds; the number of steps is what ends a run


def run(data: str, network: str, rate: float, seed: int) -> dict[str, Any]:
    """One run, or its stored result."""
    path = RUNS / f"live-{data}-{network}-{rate:g}-{seed}.json"
    if not path.exists():
        setup = replace(BASE, data=data, networks=(network,), rate=rate, seed=seed)
        (track,) = train(lambda *_: None, setup, LIMIT, NETWORKS).tracks
        found = {
            "rate": rate,
            "seed": seed,
            "parameters": track.parameters,
            "steps": track.steps.tolist(),
            "training": track.accuracy[0].round(4).tolist(),
            "validation": track.accuracy[1].round(4).tolist(),
            "ended": track.ended,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found))
        print(path.stem, found["validation"][-1], flush=True)
    return json.loads(path.read_text())


def finished(data: str, network: str) -> dict[str, Any]:
    """All runs of one network: the tried rates, and three seeds with the best of them."""
    tried = [run(data, network, rate, SEEDS[0]) for rate in RATES]
    best = max(tried, key=lambda found: sum(found["validation"]))["rate"]
    seeds = [run(data, network, best, seed) for seed in SEEDS]
    rates = {f"{found['rate']:g}": found["validation"][-1] for found in tried}
    return {"rate": best, "rates": rates, "seeds": seeds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", choices=DATA, action="append")
    torch.set_num_threads(1)
    runs = json.loads(REFERENCE.read_text())["runs"] if REFERENCE.exists() else {}
    for data in parser.parse_args().data or DATA:
        runs[data] = {network: finished(data, network) for network in NETWORKS}
        REFERENCE.write_text(json.dumps({"setup": asdict(BASE), "runs": runs}, indent=1) + "\n")


if __name__ == "__main__":
    main()
