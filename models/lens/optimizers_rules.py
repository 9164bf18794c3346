"""One step of each optimizer, in torch.optim's conventions, with every intermediate number by name.

A rule is  rule(x, g, state, t, settings) -> (next x, terms):  x and g are float64 [n], `state` is a dict that the rule
keeps between steps, t counts from 1, `terms` holds what the formula names (v, the mean of squares ...), [n] each.
torch's momentum is v <- mu v + g, x <- x - lr v; Sutskever et al. 2013 put lr into v, which differs once lr changes.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
State = dict[str, Vector]
Settings = Mapping[str, Any]
Rule = Callable[[Vector, Vector, State, int, Settings], tuple[Vector, State]]


def sgd(x: Vector, g: Vector, state: State, t: int, s: Settings) -> tuple[Vector, State]:
    """Gradient descent, with momentum (Polyak 1964) or Nesterov's (Sutskever et al. 2013); first v is g itself."""
    g = g + s["weight_decay"] * x
    terms = {"g": g}
    step = g
    if s["momentum"]:
        fresh = "v" not in state
        state["v"] = g if fresh else s["momentum"] * state["v"] + (1 - s["dampening"]) * g
        step = g + s["momentum"] * state["v"] if s["nesterov"] else state["v"]
        terms["v"] = state["v"]
    return x - s["lr"] * step, {**terms, "step": -s["lr"] * step}


def adagrad(x: Vector, g: Vector, state: State, t: int, s: Settings) -> tuple[Vector, State]:
    """Divides by the root of the SUM of squared gradients (Duchi et al. 2011): rates only ever fall."""
    g = g + s["weight_decay"] * x
    state["v"] = state.get("v", np.full_like(x, s["initial_accumulator_value"])) + g * g
    step = -s["lr"] / (1 + (t - 1) * s["lr_decay"]) * g / (np.sqrt(state["v"]) + s["eps"])
    return x + step, {"g": g, "v": state["v"], "step": step}


def rmsprop(x: Vector, g: Vector, state: State, t: int, s: Settings) -> tuple[Vector, State]:
    """Divides by the root of a running MEAN of squared gradients (Tieleman & Hinton 2012), without bias correction."""
    g = g + s["weight_decay"] * x
    zero = np.zeros_like(x)
    state["v"] = s["alpha"] * state.get("v", zero) + (1 - s["alpha"]) * g * g
    spread = state["v"]
    if s["centered"]:
        state["mean"] = s["alpha"] * state.get("mean", zero) + (1 - s["alpha"]) * g
        spread = spread - state["mean"] ** 2
    step = g / (np.sqrt(spread) + s["eps"])
    if s["momentum"]:
        state["buffer"] = step = s["momentum"] * state.get("buffer", zero) + step
    return x - s["lr"] * step, {"g": g, "v": state["v"], "step": -s["lr"] * step}


def adam(x: Vector, g: Vector, state: State, t: int, s: Settings) -> tuple[Vector, State]:
    """Running means of g and of g squared, both corrected for their start at zero (Kingma & Ba 2015)."""
    return _adam(x, g + s["weight_decay"] * x, state, t, s)


def adamw(x: Vector, g: Vector, state: State, t: int, s: Settings) -> tuple[Vector, State]:
    """Adam whose weight decay shrinks x itself and stays out of the means (Loshchilov & Hutter 2019)."""
    return _adam(x * (1 - s["lr"] * s["weight_decay"]), g, state, t, s)


def _adam(x: Vector, g: Vector, state: State, t: int, s: Settings) -> tuple[Vector, State]:
    first, second = s["betas"]
    zero = np.zeros_like(x)
    state["m"] = first * state.get("m", zero) + (1 - first) * g
    state["v"] = second * state.get("v", zero) + (1 - second) * g * g
    square = state["v"]
    if s["amsgrad"]:
        state["top"] = square = np.maximum(state.get("top", zero), square)
    mean, root = state["m"] / (1 - first**t), np.sqrt(square) / np.sqrt(1 - second**t)
    step = -s["lr"] * mean / (root + s["eps"])
    terms = {"g": g, "m": state["m"], "v": state["v"], "m_hat": mean, "v_hat": root**2, "step": step}
    return x + step, terms


SGD = {"lr": 1e-3, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False}
ADAM = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0, "amsgrad": False}
ADAGRAD = {"lr": 1e-2, "lr_decay": 0.0, "weight_decay": 0.0, "initial_accumulator_value": 0.0, "eps": 1e-10}
RMSPROP = {"lr": 1e-2, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0.0, "momentum": 0.0, "centered": False}
RULES: Mapping[str, tuple[Rule, Mapping[str, Any]]] = {
    "sgd": (sgd, SGD),
    "momentum": (sgd, {**SGD, "momentum": 0.9}),
    "nesterov": (sgd, {**SGD, "momentum": 0.9, "nesterov": True}),
    "adagrad": (adagrad, ADAGRAD),
    "rmsprop": (rmsprop, RMSPROP),
    "adam": (adam, ADAM),
    "adamw": (adamw, {**ADAM, "weight_decay": 1e-2}),
}
