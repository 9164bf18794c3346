"""What a position model is asked when it is trained: places it was trained on and places beyond, apart."""

from typing import Any

import torch
from torch import Tensor, nn

from models.scores import interval
from models.train.positions_data import KEYS, SILENT, VALUES, Drawn, Task
from models.zoo import Network

TRAINED = (8, 32)  # lengths
TESTED = (32, 64, 128, 256)
ANSWERS, MANY = 512, 128  # rows a tested length: one answer a row, or many
PART = 64  # rows that go through at once
TEST_SEED = 10_000


def logits(network: Network, drawn: Drawn, causal: bool) -> tuple[Tensor, Tensor]:
    """Logits [N, classes] and labels [N] of the answers asked for; a model of the whole row gives one a row."""
    run = network(network.embedding(drawn.ids))
    if not causal:
        return run.logits, drawn.labels.amax(dim=1)
    asked = drawn.labels != SILENT
    return network.head(run.hidden[-1][asked]), drawn.labels[asked]


def loss(network: Network, drawn: Drawn, causal: bool) -> Tensor:
    """Mean cross-entropy of the answers, nats."""
    return nn.functional.cross_entropy(*logits(network, drawn, causal))


def held_rows(task: Task, length: int) -> Drawn:
    """The same rows for every scheme and seed."""
    return task.draw(MANY if task.causal else ANSWERS, length, torch.Generator().manual_seed(TEST_SEED + length))


@torch.no_grad()
def right(network: Network, drawn: Drawn, causal: bool) -> Tensor:
    """Whether each answer asked for is right, [N], in row-major order."""
    parts = zip(drawn.ids.split(PART), drawn.labels.split(PART), strict=True)
    found = [logits(network, Drawn(*part), causal) for part in parts]
    return torch.cat([score.argmax(dim=1) == label for score, label in found])


def measure(network: Network, task: Task) -> list[dict[str, Any]]:
    """For each length the share of right answers inside the first 32 places and beyond them.

    An answer of `order` lies where the later of a and b stands.
    """
    network.eval()
    found = []
    for length in TESTED:
        drawn = held_rows(task, length)
        hits = right(network, drawn, task.causal)
        place = (drawn.labels != SILENT).nonzero()[:, 1]
        found.append(
            {
                "length": length,
                "inside": share(hits[place < TRAINED[1]]),
                "beyond": share(hits[place >= TRAINED[1]]),
            }
        )
    return found


def share(hits: Tensor) -> dict[str, Any] | None:
    """Share of right answers with Wilson's 95 % interval; None where nothing was asked."""
    if not len(hits):
        return None
    accuracy = float(hits.float().mean())
    return {"count": len(hits), "accuracy": accuracy, "interval": interval(accuracy, len(hits))}


def any_value(length: int, task: Task) -> float:
    """`latest`: share right, beyond place 32, of picking one of the key's earlier values at random."""
    drawn = held_rows(task, length)
    sets = len(KEYS) * len(VALUES)
    shares = []
    for row, place in (drawn.labels != SILENT).nonzero().tolist():
        if place >= TRAINED[1] or length == TRAINED[1]:
            key, before = int(drawn.ids[row, place]) - 1 - sets, drawn.ids[row, :place]
            values = (before[(before <= sets) & ((before - 1) // len(VALUES) == key)] - 1) % len(VALUES)
            shares.append(float((values == drawn.labels[row, place]).float().mean()))
    return sum(shares) / len(shares)
