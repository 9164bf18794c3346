"""What one pass costs: parameters, multiply-accumulates by formula, steps that must wait for each other, time.

Formulas after Vaswani et al. 2017, Table 1, with the projections that the table leaves out.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from models.sequence import SequenceModel
    from models.zoo.network import Block

KINDS = ("attention", "rnn", "gru", "lstm", "convolution", "full", "feed_forward")


def macs(layer_kind: str, length: int, width: int, kernel: int = 3, inner: int | None = None) -> int:
    """Multiply-accumulates of one layer on n = length positions of d = width.

    attention 4 n d^2 + 2 n^2 d; rnn 2 n d^2; gru 6 n d^2; lstm 8 n d^2; convolution k n d^2;
    full connection over positions n^2 d; feed-forward 2 n d inner (inner = 4 d unless given).
    Norms, activations and softmax are not counted: they are lower in order.
    """
    n, d = length, width
    if min(n, d, kernel) < 1:
        raise ValueError(f"length, width and kernel must be at least 1, got {length}, {width}, {kernel}")
    counts = {
        "attention": 4 * n * d * d + 2 * n * n * d,
        "rnn": 2 * n * d * d,
        "gru": 6 * n * d * d,
        "lstm": 8 * n * d * d,
        "convolution": kernel * n * d * d,
        "full": n * n * d,
        "feed_forward": 2 * n * d * (4 * d if inner is None else inner),
    }
    if layer_kind not in counts:
        raise ValueError(f"layer_kind must be one of {', '.join(KINDS)}, got {layer_kind!r}")
    return counts[layer_kind]


@dataclass(frozen=True)
class Cost:
    """parameters of the whole network; macs and steps of one pass; milliseconds, the median of `repeats` passes."""

    parameters: int
    macs: int
    steps: int
    milliseconds: float
    repeats: int
    device: str


def of_model(model: SequenceModel, text: str, repeats: int = 9) -> Cost:
    """The cost of reading this text once."""
    from models.zoo.recurrent import Recurrence

    network, ids = model.network, model.ids(text)
    length, width = ids.shape[1], network.embedding.embedding_dim
    total = sum(_block_macs(block, length, width) for block in network.blocks)
    steps = sum(length if isinstance(block.mix, Recurrence) else 1 for block in network.blocks)
    return Cost(
        parameters=sum(p.numel() for p in network.parameters()),
        macs=total + network.head.in_features * network.head.out_features,
        steps=steps,
        milliseconds=_time(model, ids, repeats),
        repeats=repeats,
        device=model.device,
    )


def _block_macs(block: Block, length: int, width: int) -> int:
    from models.zoo.convolution import Convolution

    kernel = block.mix.convolution.kernel_size[0] if isinstance(block.mix, Convolution) else 3
    feed = macs("feed_forward", length, width, inner=block.feed[0].out_features)
    return macs(block.mix.kind, length, width, kernel=kernel) + feed


def _time(model: SequenceModel, ids: Tensor, repeats: int) -> float:
    import torch

    taken = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        model.run(model.embed(ids))
        if model.device == "cuda":
            torch.cuda.synchronize()
        taken.append(time.perf_counter() - start)
    return 1e3 * statistics.median(taken[1:])
