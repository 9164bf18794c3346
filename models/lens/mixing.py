"""The weights that join positions, before any input is asked what it does with them.

Fixed by construction in full connection (|W|), convolution (norm of each tap) and, once tanh is taken away, in the
Elman recurrence (||U^k W||); dependent on the input in attention (the weights) and in gates (what the forget
gates let through). Each row is divided by its sum, so that rows compare between architectures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from models.sequence import SequenceModel


def weights(model: SequenceModel, text: str) -> NDArray[np.float32]:
    """Mixing weights [L, T, T] of every layer; rows sum to 1."""
    import torch

    x = model.embed(model.ids(text))
    x = x if model.network.positions is None else model.network.positions(x)
    found = []
    for block in model.network.blocks:
        wired = block.mix.weights(block.before_mix(x))[0]
        found.append(wired / wired.sum(dim=-1, keepdim=True))
        x = block(x, None)
    return torch.stack(found).detach().float().cpu().numpy()


def total_variation(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float64]:
    """0.5 sum_t |p_t - q_t| of each row [..., T], rows divided by their sums: 0 equal, 1 nothing in common.

    A row without mass in both counts as unmoved; without mass in one, as wholly moved.
    """
    if first.shape != second.shape:
        raise ValueError(f"both must have one shape, got {first.shape} and {second.shape}")
    p, q = _shares(first), _shares(second)
    empty = (p.sum(axis=-1) == 0) != (q.sum(axis=-1) == 0)
    return np.where(empty, 1.0, 0.5 * np.abs(p - q).sum(axis=-1))


def _shares(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    rows = rows.astype(np.float64)
    total = rows.sum(axis=-1, keepdims=True)
    return np.divide(rows, total, out=np.zeros_like(rows), where=total > 0)


def fixed(model: SequenceModel) -> bool:
    """Whether no layer's weights can depend on the words, by construction."""
    return all(block.mix.fixed for block in model.network.blocks)
