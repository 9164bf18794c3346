"""What mean-field theory says of a plain, wide, fully connected stack at its start.

Poole et al. 2016, Schoenholz et al. 2017 (arXiv 1606.05340, 1611.01232), without biases:

    q_l = sigma_w^2 E[h_{l-1}^2],   h = phi(sqrt(q) z), z ~ N(0, 1)       variance of the sums of layer l
    || d loss / d h_{l-1} ||^2 / || d loss / d h_l ||^2 = sigma_w^2 E[phi'(sqrt(q_l) z)^2]

exact in the limit of infinite width. sigma_w^2 is 1 for xavier and orthogonal, 2 for he, s^2 for scaled.
The known special cases follow: linear 1, ReLU with xavier sqrt(1/2), ReLU with he 1, sigmoid below 1/4.
"""

from collections.abc import Callable, Mapping
from math import erf, pi

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
VARIANCE = {"xavier": 1.0, "orthogonal": 1.0, "he": 2.0}
STEP = 0.005
NODES = np.arange(-10 + STEP / 2, 10, STEP)  # midpoints: none falls on the kink of ReLU
_erf = np.vectorize(erf, otypes=[np.float64])


def _sigmoid(z: Floats) -> Floats:
    return 1 / (1 + np.exp(-z))


def _normal(z: Floats) -> Floats:
    return np.exp(-z * z / 2) / np.sqrt(2 * pi)


def _below(z: Floats) -> Floats:
    return (1 + _erf(z / np.sqrt(2))) / 2


# phi and its derivative
FUNCTIONS: Mapping[str, tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]] = {
    "linear": (lambda z: z, np.ones_like),
    "sigmoid": (_sigmoid, lambda z: _sigmoid(z) * (1 - _sigmoid(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(np.float64)),
    "gelu": (lambda z: z * _below(z), lambda z: _below(z) + z * _normal(z)),
}


def mean(values: Floats) -> float:
    """E[f(z)], z ~ N(0, 1), from f at `NODES`, by the midpoint rule."""
    return float((_normal(NODES) * values).sum() * STEP)


def gradient(activation: str, initialisation: str, depth: int, scale: float = 1.0) -> Floats:
    """Predicted || d loss / d h_l || / || d loss / d h_L ||, [depth + 1], for inputs of variance 1."""
    if activation not in FUNCTIONS:
        raise ValueError(f"activation must be one of {', '.join(FUNCTIONS)}, got {activation!r}")
    spread = scale**2 if initialisation == "scaled" else VARIANCE[initialisation]
    phi, slope = FUNCTIONS[activation]
    size, factors = 1.0, []
    for _ in range(depth):
        root = np.sqrt(spread * size)
        factors.append(np.sqrt(spread * mean(slope(root * NODES) ** 2)))
        size = mean(phi(root * NODES) ** 2)
    return np.append(np.cumprod(factors[::-1])[::-1], 1.0)
