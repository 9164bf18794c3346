"""One training loop for every picture model, so that all families see the same pictures equally often.

AdamW with a one-cycle rate (Smith and Topin 2018): up over a tenth of the steps, then a cosine to zero; gradients
clipped to norm 1; cross-entropy. A pass can be interrupted: after each, everything is stored and the next call goes on.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from models.train.pictures_data import Part
from models.zoo.pictures import SIDE, PictureNetwork


@dataclass(frozen=True)
class Plan:
    """How one network is trained. shift: most pixels that a picture moves each way; flip: mirror half of them."""

    passes: int
    rate: float
    batch: int
    shift: int
    flip: bool
    seed: int
    decay: float = 0.02


class Paused(Exception):
    """Raised when the time of this call is over; what was reached is stored."""


def moved(pictures: Tensor, shift: int, flip: bool, draw: torch.Generator) -> Tensor:
    """Pictures [B, 28, 28], each moved by its own -shift..shift pixels on both axes and mirrored or not; zero fill."""
    count = len(pictures)
    padded = nn.functional.pad(pictures, (shift,) * 4)
    start = torch.randint(0, 2 * shift + 1, (2, count, 1), generator=draw)
    places = torch.arange(SIDE)
    rows, columns = start[0] + places, start[1] + places
    if flip:
        mirrored = torch.rand(count, 1, generator=draw) < 0.5
        columns = torch.where(mirrored, columns.flip(1), columns)
    return padded[torch.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]


def batches(part: Part, plan: Plan, number: int) -> Iterator[tuple[Tensor, Tensor]]:
    """One pass over the part in an order that seed and pass number fix; the last incomplete batch is left out."""
    draw = torch.Generator().manual_seed(1000 * plan.seed + number)
    pictures, labels = torch.from_numpy(np.array(part.pictures)), torch.from_numpy(part.labels)
    order = torch.randperm(len(labels), generator=draw)
    for start in range(0, len(order) - plan.batch + 1, plan.batch):
        at = order[start : start + plan.batch]
        yield moved(pictures[at], plan.shift, plan.flip, draw)[:, None].float() / 255, labels[at]


def fit(network: PictureNetwork, part: Part, plan: Plan, state: Path | None = None, deadline: float = np.inf) -> None:
    """Train; with a `state` file each finished pass is kept there, and `Paused` is raised after `deadline`."""
    network.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=plan.rate, weight_decay=plan.decay, fused=True)
    steps = plan.passes * (len(part.labels) // plan.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, plan.rate, total_steps=steps, pct_start=0.1, cycle_momentum=False, final_div_factor=1e3
    )
    holders = {"network": network, "optimizer": optimizer, "schedule": schedule}
    done = _resume(holders, state)
    network.train()
    for number in range(done, plan.passes):
        if time.time() > deadline:
            raise Paused
        for pictures, labels in batches(part, plan, number):
            loss = nn.functional.cross_entropy(network(pictures).logits, labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        if state is not None:
            _keep(holders, state, number + 1)
    network.eval()


def _resume(holders: dict[str, object], state: Path | None) -> int:
    if state is None or not state.exists():
        return 0
    stored = torch.load(state, weights_only=True)
    for name, holder in holders.items():
        holder.load_state_dict(stored[name])  # type: ignore[attr-defined]
    return int(stored["passes"])


def _keep(holders: dict[str, object], state: Path, passes: int) -> None:
    content = {name: holder.state_dict() for name, holder in holders.items()}  # type: ignore[attr-defined]
    state.parent.mkdir(parents=True, exist_ok=True)
    torch.save({**content, "passes": passes}, state)


@torch.no_grad()
def logits(network: PictureNetwork, pictures: Tensor) -> Tensor:
    """Logits [n, classes] of pictures [n, 28, 28] in [0, 1], in evaluation mode."""
    network.eval()
    return torch.cat([network(some[:, None]).logits for some in pictures.split(500)])


def accuracy(network: PictureNetwork, part: Part) -> float:
    """Share of pictures whose greatest logit is their label's."""
    said = logits(network, torch.from_numpy(np.array(part.pictures)).float() / 255).argmax(dim=1)
    return float((said == torch.from_numpy(part.labels)).float().mean())
