"""The permutation test: does a network know in which order its words came?

f maps word embeddings x [T, D] to states f(x) [T, D]. If f(P x) = P f(x) for every permutation P (equivariance), each
word's state is the same wherever it stands: order is invisible. An encoder without positions passes; a causal mask
alone makes it fail (Kazemnejad et al. 2023). Computed in float64, so that rounding stays near 1e-15.

The states are layer-normed, of order 1; the error is the largest absolute difference of any feature.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from models.sequence import SequenceModel
    from models.zoo import Network

    States = Callable[[Tensor], Tensor]

PERMUTATIONS = 8
INVISIBLE = 1e-6  # below this, order is invisible


def errors(states: States, embedded: Tensor, count: int = PERMUTATIONS, seed: int = 0) -> NDArray[np.float64]:
    """max |f(P x) - P f(x)| for `count` seeded permutations P of the words, [count]; embedded [1, T, D].

    None leaves every word in its place, which no network could tell; so there must be two words.
    """
    import torch

    orders = [torch.from_numpy(order) for order in permutations(embedded.shape[1], count, seed)]
    with torch.no_grad():
        still = states(embedded)
        return np.array([float((states(embedded[:, order]) - still[:, order]).abs().max()) for order in orders])


def permutations(length: int, count: int, seed: int = 0) -> list[NDArray[np.int64]]:
    """`count` seeded orders of 0 .. length-1, each but the one that changes nothing equally likely."""
    if length < 2:
        raise ValueError(f"The permutation test needs at least 2 words to exchange; this text has {length}.")
    rng, still = np.random.default_rng(seed), np.arange(length)
    found: list[NDArray[np.int64]] = []
    while len(found) < count:
        order = rng.permutation(length)
        if (order != still).any():
            found.append(order)
    return found


def of_model(model: SequenceModel, text: str) -> NDArray[np.float64]:
    """The errors of a bundled model as it is, over the embeddings of its text."""
    network = _double(model)
    return errors(lambda x: network(x).hidden[-1], network.embedding(model.ids(text).cpu()))


def without_codes(model: SequenceModel, text: str) -> dict[str, NDArray[np.float64]]:
    """The errors of a bundled transformer with its codes left out, as an encoder and under a causal mask.

    The same trained weights serve both; neither was trained this way, and the result does not depend on them.
    """
    from models.zoo import build

    network = _double(model)
    words = network.embedding(model.ids(text).cpu())
    causal = build({**model.card.settings, "scheme": "none", "causal": True, "places": 1}).double()
    causal.load_state_dict(network.state_dict())
    causal.eval()
    return {
        "encoder": errors(lambda x: network(x, coded=False).hidden[-1], words),
        "decoder": errors(lambda x: causal(x).hidden[-1], words),
    }


def bag(model: SequenceModel, text: str) -> NDArray[np.float64]:
    """The errors of a bag of words over the model's embeddings: every word is given the mean of all."""
    words = _double(model).embedding(model.ids(text).cpu())
    return errors(lambda x: x + x.mean(dim=1, keepdim=True), words)


def invisible(found: NDArray[np.float64]) -> bool:
    """Whether order is invisible: every permutation's error lies below 1e-6."""
    return bool((found < INVISIBLE).all())


def _double(model: SequenceModel) -> Network:
    """A copy in float64 on the CPU; the shared model stays as it is."""
    return copy.deepcopy(model.network).cpu().double()
