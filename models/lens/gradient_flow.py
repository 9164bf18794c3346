"""Does the gradient arrive? Norm of d loss / d hidden for every layer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.lens.gradient_flow_time import by_time
from models.lens.influence import Lensed, check_class

__all__ = ["Flow", "by_depth", "by_time"]


@dataclass(frozen=True)
class Flow:
    """names and norms of what the gradient passes, from the input to the read-out; norms are float64, [L + 1]."""

    names: tuple[str, ...]
    norms: NDArray[np.float64]

    @property
    def factor(self) -> float:
        """Mean factor a layer on the way back: (first / last)^(1 / layers); NaN where a norm is zero."""
        if len(self.norms) < 2 or not (self.norms[[0, -1]] > 0).all():
            return float("nan")
        return float((self.norms[0] / self.norms[-1]) ** (1 / (len(self.norms) - 1)))


def by_depth(model: Lensed, text: str, target: int) -> Flow:
    """|| d loss / d h_l ||_F over all positions, for the embeddings (l = 0) and every layer.

    loss = cross-entropy against class `target`, in float64 from the logits on, so that a sure model
    (p close to 1) still shows its small gradient. A model that already agrees with the target has a small
    loss and small norms throughout: compare the shape along the layers, not the height, between models.
    """
    import torch

    embedded = model.embed(model.ids(text)).detach().requires_grad_()
    run = model.run(embedded)
    check_class(run.logits, target)
    loss = torch.nn.functional.cross_entropy(run.logits.double(), torch.tensor([target], device=run.logits.device))
    slopes = torch.autograd.grad(loss, run.hidden)
    norms = np.array([float(slope.double().norm()) for slope in slopes])
    return Flow(("input", *(f"layer {i + 1}" for i in range(len(norms) - 1))), norms)
