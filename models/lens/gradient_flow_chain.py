"""Depth beside time: one product of Jacobians, with a fresh matrix for every factor or the same one each time.

    f_k(h) = phi(W_k h)         depth: W_1 ... W_n drawn apart; time: all the same W
    plain      h_{k+1} = f_k(h_k)
    residual   h_{k+1} = h_k + f_k(h_k)                                            (He et al. 2016)
    gates      h_{k+1} = z * h_k + (1 - z) * f_k(h_k),  z = sigmoid(U_k h_k + 2)   (Srivastava et al. 2015; GRU)
    both       h_{k+1} = h_k + (1 - z) * f_k(h_k)
    attention  y = sum_k a_k h_k,  a = softmax_k(h_n . h_k / sqrt(width)): a direct path from every step to the end

No input enters after the start, so that both chains differ in nothing but W.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

STARTS = ("orthogonal", "gaussian")
ACTIVATIONS = ("linear", "sigmoid", "tanh", "relu")
MOST_FACTORS, MOST_WIDTH, GATE_BIAS = 100, 128, 2.0
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Links:
    """What both chains share; `scale` is s: W = s Q (orthogonal) or entries of variance s^2 / width (gaussian)."""

    factors: int = 40
    width: int = 16
    activation: str = "tanh"
    start: str = "gaussian"
    scale: float = 1.0
    residual: bool = False
    gates: bool = False
    attention: bool = False

    def __post_init__(self) -> None:
        for name, offered in (("activation", ACTIVATIONS), ("start", STARTS)):
            if getattr(self, name) not in offered:
                raise ValueError(f"{name} must be one of {', '.join(offered)}, got {getattr(self, name)!r}")
        for name, most in (("factors", MOST_FACTORS), ("width", MOST_WIDTH)):
            if not 1 <= getattr(self, name) <= most:
                raise ValueError(f"{name} must lie in 1..{most}, got {getattr(self, name)}")
        if not 0 <= self.scale <= 100:
            raise ValueError(f"scale must lie in 0..100, got {self.scale}")


def norms(links: Links, shared: bool, seed: int = 0) -> Floats:
    """|| d y / d h_k ||_2 (largest singular value) for k = 0 .. n, [n + 1]; y is h_n, or what attention reads."""
    import torch

    noise = torch.Generator().manual_seed(seed)
    weights = [_matrix(links, noise) for _ in range(1 if shared else links.factors)]
    doors = [torch.randn(links.width, links.width, generator=noise, dtype=torch.float64) for _ in weights]
    state = torch.randn(links.width, generator=noise, dtype=torch.float64).requires_grad_()
    states = [state]
    for k in range(links.factors):
        at = 0 if shared else k
        state = _step(links, state, weights[at], doors[at] * links.width**-0.5)
        states.append(state)
    end = states[-1]
    if links.attention:
        every = torch.stack(states)
        end = ((every @ end) * links.width**-0.5).softmax(dim=0) @ every
    return spectral(end, states)


def spectral(end: "Tensor", states: list[Any]) -> Floats:
    """The largest singular value of d end / d state for each state; end is [n], its n backward passes run at once.

    Where a Jacobian has left the range of numbers: infinity, or NaN where it holds one.
    """
    import torch

    basis = torch.eye(len(end), dtype=end.dtype)
    jacobians = torch.autograd.grad(end, states, basis, is_grads_batched=True)
    return np.array([_largest(one.double()) for one in jacobians])


def _largest(jacobian: "Tensor") -> float:
    """The largest singular value; torch's own raises on entries that are not finite."""
    import torch

    if torch.isfinite(jacobian).all():
        return float(torch.linalg.matrix_norm(jacobian, 2))
    return float("nan") if jacobian.isnan().any() else float("inf")


def _matrix(links: Links, noise: Any) -> "Tensor":
    import torch

    drawn = torch.randn(links.width, links.width, generator=noise, dtype=torch.float64)
    if links.start == "gaussian":
        return links.scale * drawn * links.width**-0.5
    basis, triangle = torch.linalg.qr(drawn)
    return links.scale * basis * triangle.diagonal().sign()


def _step(links: Links, h: "Tensor", w: "Tensor", u: "Tensor") -> "Tensor":
    new = _phi(links.activation)(w @ h)
    kept: Any = 1.0 if links.residual else 0.0
    if links.gates:
        open_ = (u @ h + GATE_BIAS).sigmoid()
        new, kept = (1 - open_) * new, kept if links.residual else open_
    return kept * h + new


def _phi(name: str) -> Callable[["Tensor"], "Tensor"]:
    import torch

    return {"linear": lambda x: x, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}[name]


def pascanu(w: Floats, b: Floats, x: Floats, steps: int) -> Floats:
    """|| d x_l / d x_0 ||_2, l = 1 .. steps, of x <- W tanh(x) + b, in the notation of Pascanu et al. 2013, eq. 5."""
    product, found = np.eye(len(x)), []
    for _ in range(steps):
        product = w @ np.diag(1 - np.tanh(x) ** 2) @ product
        x = w @ np.tanh(x) + b
        found.append(np.linalg.norm(product, 2))
    return np.array(found)


# All eigenvalues of W are 0, its largest singular value is 16, and the gradient doubles at every step.
COUNTEREXAMPLE = (
    np.array([[8.0, 8.0], [-8.0, -8.0]]),
    np.array([-4.0, 4.0 + np.arctanh(0.5)]),
    np.array([0.0, np.arctanh(0.5)]),
)
