"""Gradient by depth of any model at all: activations, gradients, parameters and updates of every layer."""

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.lens.gradient_flow_attention import loss_of
from models.pretrained.weights import FLOAT, ROOM, free_memory

if TYPE_CHECKING:
    from torch import Tensor

LOSSES = ("task", "norm")
MOST_PARAMETERS = 150_000_000  # above this no copy is made, and gradients of parameters are left out
SHARED = "its weights cannot be told apart by layer: layers share them, or their names carry no number of a layer"
_LAYER = re.compile(r"(?:^|\.)(?:blocks|layers?|h|stages)\.(\d+)\.")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Layers:
    """names [L + 1], the input first; activation (root mean square) and gradient || d loss / d h_l ||_F [L + 1];
    parameters || d loss / d theta_l || and weights || theta_l || [L], None with the reason in `why`; loss its value."""

    names: tuple[str, ...]
    activation: Floats
    gradient: Floats
    parameters: Floats | None
    weights: Floats | None
    loss: float
    why: str = ""

    def update(self, rate: float) -> Floats | None:
        """Size of one step of SGD against the weights, [L]."""
        if not (np.isfinite(rate) and rate >= 0):
            raise ValueError(f"the learning rate must be a finite number of at least 0, got {rate}")
        if self.parameters is None or self.weights is None:
            return None
        return rate * self.parameters / np.maximum(self.weights, np.finfo(np.float64).tiny)


def by_model(model: Any, text: str, loss: str = "task", target: int | None = None) -> Layers:
    """One pass and one backward pass over a text, on a copy of the network where parameters are asked for too.

    task: cross-entropy against class `target` (None: the model's own answer; the next word of a language model).
    norm: half the squared norm of the logits, or of the mean of the last states where there are none.
    """
    import torch

    if loss not in LOSSES:
        raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {loss!r}")
    own, run = _network(model)
    count = sum(one.numel() for one in own.parameters())
    why = _no_copy(count)
    copied = not why
    network = copy.deepcopy(own).requires_grad_(True) if copied else own
    embedded = model.embed(model.ids(text)).detach().requires_grad_()
    hidden, logits = run(network, embedded)
    value = 0.5 * logits.double().square().sum() if loss == "norm" and logits.shape[-1] else None
    value = loss_of(logits[:, :0] if loss == "norm" else logits, hidden[-1], target) if value is None else value
    groups = _by_layer(network.named_parameters(), len(hidden) - 1) if copied else []
    every = [one for group in groups for one in group]
    slopes = torch.autograd.grad(value, [*hidden, *every], allow_unused=True)
    states, rest = slopes[: len(hidden)], list(slopes[len(hidden) :])
    known = bool(every)
    return Layers(
        names=("input", *(f"layer {i}" for i in range(1, len(hidden)))),
        activation=np.array([float(h.detach().double().square().mean().sqrt()) for h in hidden]),
        gradient=np.array([_joint([slope]) for slope in states]),
        parameters=np.array([_joint([rest.pop(0) for _ in group]) for group in groups]) if known else None,
        weights=np.array([_joint(group) for group in groups]) if known else None,
        loss=float(value.detach()),
        why=why or ("" if known else SHARED),
    )


def _no_copy(count: int) -> str:
    """Why no copy with gradients of `count` parameters, float32, is made; "" where there is room for it."""
    if count > MOST_PARAMETERS:
        return f"it has {count:,} parameters, and gradients of parameters are computed up to {MOST_PARAMETERS:,}"
    needed, free = int(2 * count * FLOAT * ROOM), free_memory()
    if free is None or needed <= free:
        return ""
    return f"a copy with its gradients takes about {needed / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free"


def _network(model: Any) -> tuple[Any, Any]:
    """The torch module behind a model, and how to run it over embeddings: -> hidden states, logits [1, classes]."""
    if hasattr(model, "network"):

        def ours(network: Any, embedded: "Tensor") -> tuple[list, "Tensor"]:
            run = network(embedded)
            return run.hidden, run.logits

        return model.network, ours
    own = model.capturing if model.route == "recorded" else model.own

    def theirs(network: Any, embedded: "Tensor") -> tuple[list, "Tensor"]:
        out = network(inputs_embeds=embedded, output_hidden_states=True)
        hidden = list(out["hidden_states"])
        logits = out.get("logits")
        logits = embedded.new_zeros((1, 0)) if logits is None else logits
        return hidden, logits[:, -1] if logits.dim() == 3 else logits

    return own, theirs


def _by_layer(named: Iterable[tuple[str, "Tensor"]], layers: int) -> list[list["Tensor"]]:
    """The parameters of each layer, by the layer's number in their names; [] where they cannot be told apart."""
    groups: list[list[Tensor]] = [[] for _ in range(layers)]
    for name, one in named:
        found = _LAYER.search(name)
        if found and int(found[1]) < layers:
            groups[int(found[1])].append(one)
    return groups if all(groups) else []


def _joint(tensors: list) -> float:
    """The norm of several tensors as one vector, in float64; a part that the loss does not reach counts 0."""
    return float(sum(float(one.detach().double().square().sum()) for one in tensors if one is not None) ** 0.5)
