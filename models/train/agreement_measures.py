"""What the agreement cards report: accuracy against distance, flips, and the head's share of the gradient."""

import random
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor

from models.scores import interval
from models.train.agreement_data import ADVERBS, Sentence, sample
from models.train.fit import Batch
from models.zoo import Network

FRONT, SHIFTS = 20, (20, 40)
BUCKETS = ((0, 5), (6, 10), (11, 20), (21, 40), (41, 80))
AsBatch = Callable[[Sequence[Sentence]], Batch]


@cache
def test_sentences(distance: int) -> tuple[Sentence, ...]:
    """The test sentences of one distance: 160 each to 10 words, 80 each beyond, so at least 800 a bucket."""
    return tuple(sample(random.Random(7_000 + distance), 160 if distance <= 10 else 80, (distance, distance), "test"))


def measure(network: Network, untrained: Network, as_batch: AsBatch) -> dict[str, Any]:
    """By distance and by bucket: accuracy with its interval, flips, gradient share trained and untrained."""
    rows = [at_distance(distance, network, untrained, as_batch) for distance in range(BUCKETS[-1][1] + 1)]
    return {
        "by_distance": [{key: row[key] for key in ("distance", "count", "fits", "right")} for row in rows],
        "buckets": [bucket(rows[low : high + 1], low, high) for low, high in BUCKETS],
    }


def at_distance(distance: int, network: Network, untrained: Network, as_batch: AsBatch) -> dict[str, Any]:
    sentences = test_sentences(distance)
    fit = [s for s in sentences if network.limit is None or len(s.words) <= network.limit]
    row: dict[str, Any] = {"distance": distance, "count": len(sentences), "fits": len(fit), "right": 0, "flips": 0}
    row |= {"share": [], "untrained_share": []}
    if fit:
        labels = torch.tensor([s.number for s in fit])
        said = decisions(network, as_batch(fit))
        row["right"] = int((said == labels).sum())
        row["flips"] = int((said != decisions(network, as_batch([s.flipped() for s in fit]))).sum())
        probe = fit[:16]
        row["share"] = head_share(network, probe, as_batch).tolist()
        row["untrained_share"] = head_share(untrained, probe, as_batch).tolist()
    return row


@torch.no_grad()
def decisions(network: Network, sample: Batch) -> Tensor:
    return network(network.embedding(sample.ids), sample.mask).logits.argmax(dim=1)


def head_share(network: Network, sentences: Sequence[Sentence], as_batch: AsBatch) -> Tensor:
    """||d (logit are - logit is) / d x_head|| over the sum of the same norm at all words, float64 sums."""
    sample = as_batch(sentences)
    embedded = network.embedding(sample.ids).detach().requires_grad_()
    logits = network(embedded, sample.mask).logits
    (gradient,) = torch.autograd.grad((logits[:, 1] - logits[:, 0]).sum(), embedded)
    norms = gradient.double().norm(dim=-1) * sample.mask
    heads = torch.tensor([s.head for s in sentences])
    return norms[torch.arange(len(norms)), heads] / norms.sum(dim=1).clamp(min=1e-300)


@torch.no_grad()
def disturbed(network: Network, as_batch: AsBatch) -> dict[str, Any]:
    """Accuracy on the test sentences to ten words when something new happens that is no distance: FRONT adverbs in
    front of each; and, where position codes are added, all positions moved by SHIFTS places, the words unchanged."""
    sentences = [s for distance in range(BUCKETS[1][1] + 1) for s in test_sentences(distance)]
    labels, rng = torch.tensor([s.number for s in sentences]), random.Random(8_000)
    longer = [Sentence((*rng.choices(ADVERBS, k=FRONT), *s.words), s.head + FRONT, s.number) for s in sentences]
    share = float((decisions(network, as_batch(longer)) == labels).float().mean())
    found: dict[str, Any] = {"count": len(sentences), "in_front": {"adverbs": FRONT, "accuracy": share}}
    if network.positions is not None:
        sample = as_batch(sentences)
        embedded, places = network.embedding(sample.ids), torch.arange(sample.ids.shape[1])
        found["moved"] = [
            {"places": shift, "accuracy": float((logits.argmax(dim=1) == labels).float().mean())}
            for shift in SHIFTS
            for logits in [network(embedded, sample.mask, places=places + shift).logits]
        ]
    return found


def bucket(rows: list[dict[str, Any]], low: int, high: int) -> dict[str, Any]:
    """The rows of one range of distances, pooled; a model that takes none of the sentences has no accuracy."""
    fits = sum(row["fits"] for row in rows)
    pooled: dict[str, Any] = {"from": low, "to": high, "count": sum(row["count"] for row in rows), "fits": fits}
    if not fits:
        return pooled
    accuracy = sum(row["right"] for row in rows) / fits
    return pooled | {
        "accuracy": accuracy,
        "interval": interval(accuracy, fits),
        "flips": sum(row["flips"] for row in rows) / fits,
        "gradient_share": _mean([share for row in rows for share in row["share"]]),
        "gradient_share_untrained": _mean([share for row in rows for share in row["untrained_share"]]),
    }


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


@cache
def baselines() -> dict[str, Any]:
    """Shares of test sentences that the nearest noun and the commoner answer get right, by bucket."""
    found = []
    for low, high in BUCKETS:
        pool = [s for distance in range(low, high + 1) for s in test_sentences(distance)]
        many = sum(s.number for s in pool) / len(pool)
        last = sum(s.last_noun == s.number for s in pool) / len(pool)
        found.append({"from": low, "to": high, "last_noun": last, "majority": max(many, 1 - many)})
    return {"buckets": found}
