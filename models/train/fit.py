"""One training loop for every bundled sequence model, so that all families get the same treatment."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.zoo import Network


@dataclass(frozen=True)
class Batch:
    """ids [B, T], right-padded with 0; lengths [B]; labels: classes [B], or probabilities of them [B, classes]."""

    ids: Tensor
    lengths: Tensor
    labels: Tensor

    @property
    def mask(self) -> Tensor:
        return torch.arange(self.ids.shape[1])[None] < self.lengths[:, None]


def batch(ids: Sequence[tuple[int, ...]], labels: Sequence[int] | Sequence[tuple[float, ...]]) -> Batch:
    lengths = torch.tensor([len(row) for row in ids])
    padded = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in ids], batch_first=True)
    return Batch(padded, lengths, torch.tensor(labels))


def fit(
    network: Network,
    batches: Iterator[Batch],
    steps: int,
    rate: float,
    decay: float = 0.01,
    forget: float = 0.0,
    report: Callable[[int, float], None] | None = None,
) -> None:
    """AdamW with 5 % linear warm-up, then a cosine to zero; gradients clipped to norm 1; cross-entropy.

    forget: chance that a word is replaced by the unknown word (id 0) while training.
    """
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay, fused=True)
    warm = max(1, steps // 20)

    def schedule(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule)
    network.train()
    for step, sample in zip(range(steps), batches, strict=False):
        ids = sample.ids
        if forget:
            ids = ids.masked_fill(torch.rand(ids.shape) < forget, 0)
        logits = network(network.embedding(ids), sample.mask).logits
        loss = nn.functional.cross_entropy(logits, sample.labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        if report is not None:
            report(step, float(loss.detach()))
    network.eval()


@torch.no_grad()
def probabilities(network: Network, samples: Iterator[Batch]) -> Tensor:
    """Class probabilities [N, classes] in evaluation mode."""
    network.eval()
    return torch.cat([network(network.embedding(s.ids), s.mask).logits.softmax(dim=-1) for s in samples])
