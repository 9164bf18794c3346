"""Train and measure the agreement models: `make train-agreement` (about two hours of one core).

Each family gets the same budget: three learning rates with one seed, then two more seeds with the best rate;
the best of the three seeds by validation is bundled. A run ends early when it is right on every validation
sentence twice in a row. Finished runs are kept in .cache/train, so that an interrupted training goes on.
"""

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from models.cards import WEIGHTS, write_card
from models.tokenizer import UNKNOWN, WordTokenizer
from models.train.agreement_data import LABELS, Sentence, sample, vocabulary
from models.train.agreement_measures import FRONT, baselines, disturbed, measure
from models.train.fit import Batch, batch, fit, probabilities
from models.zoo import ARCHITECTURES, Network, build

SETS = {"agreement": (0, 40), "agreement-far": (21, 40)}
RATES, SEEDS = (1e-3, 2e-3, 4e-3), (0, 1, 2)
BUDGET = {"agreement": 3000, "agreement-far": 1400}
SIZE, POOL, CHECK = 32, 8, 100
RUNS = Path(".cache/train")
TOKENIZER = WordTokenizer([UNKNOWN, *vocabulary()])


def as_batch(sentences: Sequence[Sentence]) -> Batch:
    ids = [tuple(TOKENIZER.index[word] for word in sentence.words) for sentence in sentences]
    return batch(ids, [sentence.number for sentence in sentences])


def settings(architecture: str) -> dict[str, Any]:
    """What `models.zoo.build` needs."""
    return {
        "architecture": architecture,
        "vocabulary": len(TOKENIZER.words),
        "classes": len(LABELS),
        "readout": "last",
        "causal": True,
        "dropout": 0.0,
        "shift": 0,
    }


class Solved(Exception):
    """Raised when a run has nothing left to learn."""


def train(architecture: str, task: str, rate: float, seed: int) -> tuple[Network, dict[str, Any]]:
    """One run, or its stored result."""
    path = RUNS / f"{task}-{architecture}-{round(rate * 1e5)}e-5-{seed}"
    network = build(settings(architecture), seed)
    if path.with_suffix(".json").exists():
        network.load_state_dict(load_file(path.with_suffix(".safetensors")))
        return network.eval(), json.loads(path.with_suffix(".json").read_text())
    span = SETS[task]
    held = as_batch(sample(random.Random(1000 + seed), 500, span, "validation"))
    history: list[tuple[int, float]] = []

    def check(step: int, loss: float) -> None:
        if (step + 1) % CHECK:
            return
        history.append((step + 1, accuracy(network, held)))
        network.train()
        if len(history) > 1 and history[-1][1] == history[-2][1] == 1.0:
            raise Solved

    try:
        torch.manual_seed(seed)
        fit(network, endless(random.Random(seed), span), BUDGET[task], rate, report=check)
    except Solved:
        network.eval()
    result = {"rate": rate, "seed": seed, "validation": history[-1][1], "steps": history[-1][0], "history": history}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(network.state_dict(), path.with_suffix(".safetensors"))
    path.with_suffix(".json").write_text(json.dumps(result))
    return network, result


def endless(rng: random.Random, span: tuple[int, int]) -> Iterator[Batch]:
    """New sentences for every batch; eight batches are drawn at once and sorted by length, to pad less."""
    while True:
        pool = sorted(sample(rng, SIZE * POOL, span, "train"), key=lambda sentence: len(sentence.words))
        batches = [pool[start : start + SIZE] for start in range(0, len(pool), SIZE)]
        rng.shuffle(batches)
        yield from map(as_batch, batches)


def accuracy(network: Network, held: Batch) -> float:
    return float((probabilities(network, iter([held])).argmax(dim=1) == held.labels).float().mean())


def rank(result: dict[str, Any]) -> tuple[float, int]:
    """Higher validation accuracy first, then the fewer steps to get there."""
    return result["validation"], -result["steps"]


def finish(architecture: str, task: str) -> None:
    """Tune, take the best seed, measure it on the test sentences, and bundle it."""
    tried = [train(architecture, task, rate, SEEDS[0]) for rate in RATES]
    rate = max(tried, key=lambda pair: rank(pair[1]))[1]["rate"]
    runs = [train(architecture, task, rate, seed) for seed in SEEDS]
    network, best = max(runs, key=lambda pair: rank(pair[1]))
    untrained = build(settings(architecture), best["seed"]).eval()
    metrics = {
        **measure(network, untrained, as_batch),
        "validation": best["validation"],
        "disturbed": disturbed(network, as_batch),
        "baselines": baselines(),
        "trials": [result for _, result in tried],
        "seeds": [result for _, result in runs],
    }
    name = f"{task}-{architecture}"
    weights = WEIGHTS / f"{name}.safetensors"
    save_file(network.state_dict(), weights)
    low, high = SETS[task]
    write_card(
        name,
        weights,
        task="agreement",
        training_set="far" if task.endswith("far") else "mixed",
        settings={**settings(architecture), "seed": best["seed"], "labels": LABELS, "vocabulary_file": "agreement"},
        parameters=sum(p.numel() for p in network.parameters()),
        data=f"generated: models/train/agreement_data.py, {low} to {high} words between head and verb",
        command=f"python -m models.train.agreement --task {task} --architecture {architecture}",
        metrics=metrics,
        more_limits=limits(metrics["disturbed"]),
        trained={
            "rate": best["rate"],
            "seed": best["seed"],
            "steps": best["steps"],
            "budget": BUDGET[task],
            "batch": SIZE,
        },
    )


def limits(found: dict[str, Any]) -> tuple[str, ...]:
    """What training never had, in words: words in front of the sentence, and positions that are moved."""
    said = [
        f"Never had more than a few words in front of the head's phrase: with {FRONT} adverbs there, "
        f"{100 * found['in_front']['accuracy']:.0f} % are right."
    ]
    if "moved" in found:
        moved = " and ".join(f"{100 * row['accuracy']:.0f} % (by {row['places']})" for row in found["moved"])
        said.append(f"Trained without shifted positions: with all positions moved, {moved} are right.")
    return tuple(said)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", choices=SETS, action="append")
    parser.add_argument("--architecture", choices=ARCHITECTURES, action="append")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    WEIGHTS.mkdir(exist_ok=True)
    (WEIGHTS / "agreement.vocabulary.json").write_text(json.dumps(TOKENIZER.words))
    for task in chosen.task or SETS:
        for architecture in chosen.architecture or ARCHITECTURES:
            finish(architecture, task)


if __name__ == "__main__":
    main()
