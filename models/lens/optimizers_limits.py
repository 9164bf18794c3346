"""How large a learning rate may be: stability on a quadratic of curvature lambda."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

FIXED_RATE = ("sgd", "momentum", "nesterov")


def limit(name: str, curvature: ArrayLike, momentum: float = 0.9) -> NDArray[np.float64]:
    """The rate above which  f(x) = lambda x^2 / 2  diverges, for every curvature lambda > 0.

    sgd       2 / lambda
    momentum  2 (1 + mu) / lambda                 (heavy ball, v <- mu v + g; Polyak 1964)
    nesterov  2 (1 + mu) / ((1 + 2 mu) lambda)    (the same with x <- x - lr (g + mu v))
    Rates that adapt (Adagrad, RMSprop, Adam) have no such line: they divide by the gradient's own size.
    """
    size = np.asarray(curvature, dtype=np.float64)
    if not (size > 0).all():
        raise ValueError(f"curvature must be above 0, got {size.min():g}")
    if not 0 <= momentum < 1:
        raise ValueError(f"momentum must lie in [0, 1), got {momentum}")
    scale = {"sgd": 2.0, "momentum": 2 * (1 + momentum), "nesterov": 2 * (1 + momentum) / (1 + 2 * momentum)}
    if name not in scale:
        raise ValueError(f"a limit is known for {', '.join(scale)}, got {name!r}")
    return scale[name] / size


def growth(name: str, rate: float, curvature: float, momentum: float = 0.9) -> float:
    """Largest |eigenvalue| of one step on lambda x^2 / 2: x shrinks by it a step in the long run, diverges above 1."""
    if name not in FIXED_RATE:
        raise ValueError(f"growth is known for {', '.join(FIXED_RATE)}, got {name!r}")
    mu, push = 0.0 if name == "sgd" else momentum, rate * curvature
    moved, kept = (1 + mu, mu * mu) if name == "nesterov" else (1.0, mu)
    step = np.array([[1 - push * moved, -rate * kept], [curvature, mu]])  # (x, v) -> the next (x, v)
    return float(np.abs(np.linalg.eigvals(step)).max())


def curvatures(gradient: Callable[[NDArray[np.float64]], ArrayLike], x: ArrayLike, step: float = 1e-4) -> NDArray:
    """Eigenvalues of the Hessian at x, ascending [n]: central differences of the gradient, made symmetric."""
    point = np.asarray(x, dtype=np.float64)
    shifts = np.eye(len(point)) * step
    rows = [(np.asarray(gradient(point + s)) - np.asarray(gradient(point - s))) / (2 * step) for s in shifts]
    hessian = np.stack(rows)
    return np.linalg.eigvalsh((hessian + hessian.T) / 2)
