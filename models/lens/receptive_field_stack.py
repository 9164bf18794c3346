"""Stacks of convolutions made to be measured: how kernel, depth, dilation, skips and pooling shape the effective field.

Luo et al., "Understanding the Effective Receptive Field", NeurIPS 2016. No zeros are padded: the input is exactly the
theoretical field and the output one unit, so that no border disturbs the measure. Untrained weights only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle, islice
from typing import TYPE_CHECKING

import numpy as np

from models.lens.receptive_field_layer import Layer, on_axis
from models.lens.receptive_field_measure import EffectiveField, exact_sigma, field_of_plane
from models.lens.receptive_field_theory import along

if TYPE_CHECKING:
    from torch import Generator, Tensor

WEIGHTS = ("uniform", "random", "ReLU")
CHANNELS = 8
LARGEST = 161  # pixels a side; beyond, one measurement takes too long
SAMPLES, TOGETHER = 16, 4


@dataclass(frozen=True)
class Stack:
    """`depth` k x k layers with `dilations` in turn; `pool` > 0 halves the map by averages after every `pool` layers.

    skip: out = (x + conv(x)) / 2 with uniform weights, (x + conv(x)) / sqrt 2 with random ones.
    """

    kernel: int = 3
    depth: int = 10
    dilations: tuple[int, ...] = (1,)
    skip: bool = False
    pool: int = 0
    weights: str = "random"

    def __post_init__(self) -> None:
        if self.kernel < 1 or self.kernel % 2 == 0:
            raise ValueError(f"the kernel must be odd, got {self.kernel}")
        if self.depth < 1:
            raise ValueError(f"at least one layer is needed, got {self.depth}")
        if self.weights not in WEIGHTS:
            raise ValueError(f"weights must be one of {', '.join(WEIGHTS)}, got {self.weights!r}")

    @property
    def layers(self) -> list[Layer]:
        """All layers, lowest first; a pooling has stride 2."""
        found = []
        for at, dilation in enumerate(islice(cycle(self.dilations), self.depth), start=1):
            found.append(Layer(self.kernel, dilation=dilation))
            if self.pool and at % self.pool == 0 and at < self.depth:
                found.append(Layer(2, 2))
        return found

    @property
    def size(self) -> int:
        """The theoretical field in pixels."""
        return along(self.layers).size

    @property
    def exact(self) -> float:
        """sigma by formula: exact for linear layers, with poolings too."""
        return exact_sigma(self.layers, self.skip)


def measure(
    stack: Stack, samples: int = SAMPLES, seed: int = 0, report: Callable[[float, str], None] | None = None
) -> EffectiveField:
    """The field of the one output unit, over `samples` draws of weights and inputs.

    uniform weights: |g| of one draw, which is the exact field of a linear stack. random weights: the mean of g^2 over
    draws, not normalised a draw (that would push sigma up: 2.80 for 2.58 at ten 3 x 3 layers).
    """
    import torch

    size = stack.size
    if size > LARGEST:
        raise ValueError(f"this stack sees {size} pixels, at most {LARGEST} are measured: take fewer or smaller layers")
    draw = torch.Generator().manual_seed(seed)
    energy = np.zeros((size, size))
    uniform = stack.weights == "uniform"
    for at in range(0, 1 if uniform else samples, TOGETHER):
        if report:
            report(at / samples, f"draw {at + 1} of {samples}")
        count = 1 if uniform else min(TOGETHER, samples - at)
        slopes = _slopes(stack, torch.randn(1, count, size, size, generator=draw), draw).double().numpy()
        energy += (np.abs(slopes) if uniform else slopes**2).sum(axis=0)
    return field_of_plane(energy, ((size - 1) / 2, (size - 1) / 2))


def _slopes(stack: Stack, pixels: Tensor, draw: Generator) -> Tensor:
    """d unit / d pixel for each of `count` draws, [count, H, W]; the draws run side by side as groups of channels."""
    import torch

    pixels.requires_grad_()
    count = pixels.shape[1]
    x = pixels.repeat_interleave(CHANNELS, dim=1) if stack.skip else pixels
    layers = stack.layers
    for at, layer in enumerate(layers):
        if on_axis(layer.stride, 0) == 2:
            x = torch.nn.functional.avg_pool2d(x, 2)
        else:
            x = _layer(stack, x, on_axis(layer.dilation, 0), draw, count, last=at == len(layers) - 1)
    (slopes,) = torch.autograd.grad(x[0, ::CHANNELS, 0, 0].sum(), pixels)
    return slopes[0]


def _layer(stack: Stack, x: Tensor, dilation: int, draw: Generator, count: int, last: bool) -> Tensor:
    """One convolution, with its skip and its ReLU."""
    import torch

    inside = x.shape[1] // count
    fan = inside * stack.kernel**2
    shape = (CHANNELS * count, inside, stack.kernel, stack.kernel)
    if stack.weights == "uniform":
        weight, share = torch.full(shape, 1 / fan), 0.5
    else:
        gain = 2.0 if stack.weights == "ReLU" else 1.0
        weight, share = torch.randn(shape, generator=draw) * (gain / fan) ** 0.5, 0.5**0.5
    out = torch.nn.functional.conv2d(x, weight, dilation=dilation, groups=count)
    if stack.weights == "ReLU" and not last:
        out = out.relu()
    if not stack.skip:
        return out
    edge = dilation * (stack.kernel - 1) // 2
    inner = x[..., edge : x.shape[-2] - edge, edge : x.shape[-1] - edge]
    return (inner + out) * share
