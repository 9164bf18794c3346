"""Gradient through a stack that the reader shapes: what every layer gets, and what theory says it should get."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from models.zoo.stack import Shape

BATCH, POSITIONS = 16, 8  # random inputs; positions of every kind but the fully connected one, which has 1
PRECISIONS = ("float64", "float32")
MATRICES = {"fully connected": 1, "convolution": 3, "recurrent": 2, "attention": 4}  # [width, width] in a layer
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Depth:
    """Norms of one stack, float64; L layers, hidden state 0 is the input.

    activation [L + 1]  root mean square of h_l
    gradient   [L + 1]  || d loss / d h_l ||_F; 1 at the top by construction
    parameters [L]      || d loss / d W_l ||_F over all weights of layer l
    weights    [L]      || W_l ||_F
    A zero is an underflow where the numbers have no smaller value, or a layer that passes nothing: see `powers`.
    """

    activation: Floats
    gradient: Floats
    parameters: Floats
    weights: Floats

    def update(self, rate: float) -> Floats:
        """Size of one step of SGD against the weights, rate ||grad|| / ||W||, [L]."""
        if not (np.isfinite(rate) and rate >= 0):
            raise ValueError(f"the learning rate must be a finite number of at least 0, got {rate}")
        return rate * self.parameters / np.maximum(self.weights, np.finfo(np.float64).tiny)

    @property
    def factor(self) -> float:
        """What one layer multiplies the gradient by on the way back, fitted: exp(-slope of log gradient on l)."""
        return fitted(self.gradient[1:])


def weights_of(kind: str, depth: int, width: int) -> int:
    """How many weights a stack of `depth` layers has; one needs 16 bytes in float64, for itself and its gradient."""
    return MATRICES[kind] * depth * width**2


def fitted(gradient: Floats) -> float:
    """exp(-slope) of a least-squares line through log norms [n] in order of depth; NaN with fewer than two above 0."""
    good = np.flatnonzero(np.isfinite(gradient) & (gradient > 0))
    if len(good) < 2:
        return float("nan")
    return float(np.exp(-np.polyfit(good, np.log(gradient[good]), 1)[0]))


def through(shape: "Shape", seed: int = 0, precision: str = "float64") -> Depth:
    """Norms of a freshly drawn stack on random inputs of variance 1.

    loss = <r, h_L>, r a random direction of length 1: the gradient starts as 1 at the top, whatever the stack does, so
    stacks can be compared. All sums of squares are float64, so that only the network's own precision underflows.
    """
    import torch

    stack, hidden, way = _run(shape, seed, precision)
    loss = (hidden[-1] * way).sum()
    weights = [list(layer.weights) for layer in stack.layers]
    slopes = torch.autograd.grad(loss, [*hidden, *(one for group in weights for one in group)])
    states, rest = slopes[: len(hidden)], list(slopes[len(hidden) :])
    per_layer = [[rest.pop(0) for _ in group] for group in weights]
    return Depth(
        activation=np.array([float(h.detach().double().square().mean().sqrt()) for h in hidden]),
        gradient=np.array([float(slope.double().norm()) for slope in states]),
        parameters=np.array([_joint(group) for group in per_layer]),
        weights=np.array([_joint(group) for group in weights]),
    )


def powers(shape: "Shape", seed: int = 0) -> Floats:
    """log10 of `through(...).gradient`, [L + 1], also where no float holds it; -inf where a layer passes nothing.

    In float64, and scaled to length 1 before each layer, so that the product over layers cannot underflow: what is
    -inf here is no underflow but a layer whose units are all off, saturated, or cut by a norm.
    """
    import torch

    _, hidden, way = _run(shape, seed, "float64")
    found = [0.0]
    for below, above in zip(hidden[-2::-1], hidden[:0:-1], strict=True):
        (slope,) = torch.autograd.grad(above, below, way, retain_graph=True)
        size = float(slope.norm())
        if not size:
            found += [-np.inf] * (len(hidden) - len(found))
            break
        found.append(found[-1] + float(np.log10(size)))
        way = slope / size
    return np.array(found[::-1])


def _run(shape: "Shape", seed: int, precision: str) -> tuple[Any, list, Any]:
    """The stack, its hidden states on random inputs of variance 1, and the direction r of the loss, length 1."""
    import torch

    from models.zoo.stack import Stack

    if precision not in PRECISIONS:
        raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")
    kind = torch.float64 if precision == "float64" else torch.float32
    stack = Stack(shape, seed).to(kind)
    noise = torch.Generator().manual_seed(seed + 1)
    length = 1 if shape.kind == "fully connected" else POSITIONS
    size = (BATCH, length, shape.width)
    x = torch.randn(size, generator=noise, dtype=torch.float64).to(kind).requires_grad_()
    way = torch.randn(size, generator=noise, dtype=torch.float64)
    return stack, stack(x), (way / way.norm()).to(kind)


def _joint(tensors: list) -> float:
    """The norm of several tensors as one vector, in float64."""
    return float(sum(float(one.detach().double().square().sum()) for one in tensors) ** 0.5)
