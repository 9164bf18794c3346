"""A stack of equal layers that a reader shapes: how deep, how wide, how started, with what help.

    y = phi(mix(norm_before(h)));   h <- norm_after(y + h if residual else y)

mix is a matrix (fully connected), a kernel of three (convolution), a recurrence over the positions, or self-attention.
Bias-free, so that the start alone decides. Weights are drawn with variance (n_in, n_out: connections in and out)

    xavier 2 / (n_in + n_out) (Glorot & Bengio 2010)   he 2 / n_out (He et al. 2015)   scaled s^2 / n_in
    orthogonal: all singular values 1 (Saxe et al. 2014)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

KINDS = ("fully connected", "convolution", "recurrent", "attention")
INITIALISATIONS = ("xavier", "he", "orthogonal", "scaled")
NORMALISATIONS = ("none", "layer", "batch")
PLACES = ("before", "after")
ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda x: x,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "gelu": nn.functional.gelu,
}
MOST_DEPTH, MOST_WIDTH, KERNEL, EPSILON = 100, 512, 3, 1e-5


@dataclass(frozen=True)
class Shape:
    """What a stack is; `scale` is s of the initialisation "scaled", `place` says where the norm stands."""

    kind: str = "fully connected"
    depth: int = 30
    width: int = 64
    activation: str = "tanh"
    initialisation: str = "xavier"
    scale: float = 1.0
    normalisation: str = "none"
    place: str = "before"
    residual: bool = False

    def __post_init__(self) -> None:
        for name, offered in (
            ("kind", KINDS),
            ("activation", tuple(ACTIVATIONS)),
            ("initialisation", INITIALISATIONS),
            ("normalisation", NORMALISATIONS),
            ("place", PLACES),
        ):
            if getattr(self, name) not in offered:
                raise ValueError(f"{name} must be one of {', '.join(offered)}, got {getattr(self, name)!r}")
        for name, most in (("depth", MOST_DEPTH), ("width", MOST_WIDTH)):
            if not 1 <= getattr(self, name) <= most:
                raise ValueError(f"{name} must lie in 1..{most}, got {getattr(self, name)}")
        if not 0 <= self.scale <= 100:
            raise ValueError(f"scale must lie in 0..100, got {self.scale}")


class Layer(nn.Module):
    """One layer of a stack; its weights are the parameters, [out, in] or [out, in, kernel]."""

    def __init__(self, shape: Shape, noise: torch.Generator) -> None:
        super().__init__()
        self.shape = shape
        count = {"fully connected": 1, "convolution": 1, "recurrent": 2, "attention": 4}[shape.kind]
        size = (shape.width, shape.width, KERNEL) if shape.kind == "convolution" else (shape.width, shape.width)
        self.weights = nn.ParameterList([drawn(size, shape, noise) for _ in range(count)])

    def forward(self, h: Tensor) -> Tensor:
        """[B, T, D] -> [B, T, D]."""
        shape = self.shape
        x = normal(h, shape.normalisation) if shape.place == "before" else h
        y = self.mix(x)
        y = y + h if shape.residual else y
        return normal(y, shape.normalisation) if shape.place == "after" else y

    def mix(self, x: Tensor) -> Tensor:
        """What the kind does, with its activation."""
        phi, w = ACTIVATIONS[self.shape.activation], self.weights
        if self.shape.kind == "fully connected":
            return phi(x @ w[0].T)
        if self.shape.kind == "convolution":
            return phi(nn.functional.conv1d(x.transpose(1, 2), w[0], padding=KERNEL // 2).transpose(1, 2))
        if self.shape.kind == "recurrent":
            return self.recur(x)
        query, key, value = (x @ w[i].T for i in range(3))
        attention = (query @ key.transpose(-1, -2) * x.shape[-1] ** -0.5).softmax(dim=-1)
        return phi(attention @ value @ w[3].T)

    def recur(self, x: Tensor) -> Tensor:
        """s_t = phi(W x_t + U s_{t-1}), s_0 = 0."""
        phi, drive = ACTIVATIONS[self.shape.activation], x @ self.weights[0].T
        state, states = torch.zeros_like(x[:, 0]), []
        for t in range(x.shape[1]):
            state = phi(drive[:, t] + state @ self.weights[1].T)
            states.append(state)
        return torch.stack(states, dim=1)


class Stack(nn.Module):
    """Layers of one shape; forward returns every hidden state, the input first: depth + 1 tensors [B, T, D]."""

    def __init__(self, shape: Shape, seed: int = 0) -> None:
        super().__init__()
        noise = torch.Generator().manual_seed(seed)
        self.shape = shape
        self.layers = nn.ModuleList([Layer(shape, noise) for _ in range(shape.depth)])

    def forward(self, x: Tensor) -> list[Tensor]:
        hidden = [x]
        for layer in self.layers:
            hidden.append(layer(hidden[-1]))
        return hidden


def drawn(size: tuple[int, ...], shape: Shape, noise: torch.Generator) -> nn.Parameter:
    """Weights of one start, drawn in float64."""
    weight = torch.randn(size, generator=noise, dtype=torch.float64)
    taps = size[2] if len(size) > 2 else 1
    entering, leaving = size[1] * taps, size[0] * taps
    if shape.initialisation == "orthogonal":
        tall, wide = torch.linalg.qr(weight.flatten(1).T if weight.dim() > 2 else weight)
        signed = tall * wide.diagonal().sign()
        return nn.Parameter((signed.T if weight.dim() > 2 else signed).reshape(size))
    variance = {"xavier": 2 / (entering + leaving), "he": 2 / leaving, "scaled": shape.scale**2 / entering}
    return nn.Parameter(weight * variance[shape.initialisation] ** 0.5)


def normal(x: Tensor, how: str) -> Tensor:
    """Mean 0 and variance 1, over the width (layer) or over batch and positions (batch); no gain, no bias."""
    if how == "none":
        return x
    over = (2,) if how == "layer" else (0, 1)
    centred = x - x.mean(dim=over, keepdim=True)
    return centred / (centred.square().mean(dim=over, keepdim=True) + EPSILON).sqrt()
