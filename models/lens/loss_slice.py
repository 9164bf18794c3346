"""The loss of a trained network on a plane through its weights.

    L(a, b) = loss(theta + a d1 + b d2),   d1, d2 random and filter-normalised (Li et al. 2018, arXiv 1712.09913):
    every row of a random matrix gets the length of the same row of theta; vectors (biases, norms) do not move.
Without that, a network with large weights looks flat beside one with small weights. A plane is 2 of some 170,000
directions: a wall or a valley seen here need not be one for training, and what training meets may not be seen.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from models.sequence import SequenceModel

SENTENCES, DISTANCES, BATCH_SEED = 32, (0, 10), 17
SPAN = 1.0  # the plane reaches from -SPAN to SPAN along both directions


class Slice:
    """One network's loss on a plane; works on its own copy of the weights, the shared model is never touched."""

    def __init__(self, model: SequenceModel, seed: int = 0) -> None:
        import torch

        self.network = copy.deepcopy(model.network).requires_grad_(True)
        self.weights = list(self.network.parameters())
        self.centre = [weight.detach().clone() for weight in self.weights]
        noise = torch.Generator().manual_seed(seed)
        self.directions = [[_direction(weight, noise) for weight in self.centre] for _ in range(2)]
        self.sentences = batch(model)

    def value(self, at: ArrayLike) -> float:
        """The mean cross-entropy in nats at theta + a d1 + b d2."""
        import torch

        self._move(at)
        with torch.no_grad():
            return float(self._loss())

    def gradient(self, at: ArrayLike) -> NDArray[np.float64]:
        """(dL / da, dL / db), exact: the weights' gradient along both directions."""
        import torch

        self._move(at)
        slopes = torch.autograd.grad(self._loss(), self.weights)
        pairs = [zip(slopes, direction, strict=True) for direction in self.directions]
        return np.array([sum(float((g.double() * d.double()).sum()) for g, d in each) for each in pairs])

    def _move(self, at: ArrayLike) -> None:
        a, b = np.asarray(at, dtype=np.float64).tolist()
        for weight, start, one, two in zip(self.weights, self.centre, *self.directions, strict=True):
            weight.data = start + a * one + b * two

    def _loss(self) -> Tensor:
        from torch.nn.functional import cross_entropy

        ids, mask, labels = self.sentences
        return cross_entropy(self.network(self.network.embedding(ids), mask).logits, labels)


@dataclass(frozen=True)
class Plane:
    """values [n (b), n (a)] in nats over `axis` [n] both ways; at the centre stands the trained network."""

    axis: NDArray[np.float64]
    values: NDArray[np.float64]


def plane(cut: Slice, points: int, report: Callable[..., Any]) -> Plane:
    """The slice on a grid of points x points; `report(share, text)` is called for each row."""
    if points < 2:
        raise ValueError(f"a plane needs at least 2 points a side, got {points}")
    axis = np.linspace(-SPAN, SPAN, points)
    values = np.empty((points, points))
    for row, b in enumerate(axis):
        report(row / points, f"Row {row + 1} of {points} of the loss")
        values[row] = [cut.value((a, b)) for a in axis]
    return Plane(axis, values)


def batch(model: SequenceModel) -> tuple[Tensor, Tensor, Tensor]:
    """The fixed, seeded test sentences of the agreement task: ids [B, T] padded on the right, mask [B, T], labels."""
    import torch

    from models.train.agreement_data import sample
    from models.train.fit import batch as padded

    if model.card.task != "agreement":
        raise ValueError(f"the slice is drawn for models of the agreement task, got one of {model.card.task}")
    sentences = sample(random.Random(BATCH_SEED), SENTENCES, DISTANCES, "test")
    ids = [tuple(model.tokenizer.index[word] for word in one.words) for one in sentences]
    made = padded(ids, [one.number for one in sentences])
    return tuple(part.to(torch.device(model.device)) for part in (made.ids, made.mask, made.labels))  # type: ignore[return-value]


def _direction(weight: Tensor, noise: Any) -> Tensor:
    """A random direction whose rows are as long as the weight's own; zero for a vector."""
    import torch

    if weight.dim() < 2:
        return torch.zeros_like(weight)
    drawn = torch.randn(weight.shape, generator=noise).to(weight)
    size = drawn.flatten(1).norm(dim=1).clamp(min=1e-30)
    scale = weight.flatten(1).norm(dim=1) / size
    return drawn * scale.view(-1, *(1,) * (weight.dim() - 1))
