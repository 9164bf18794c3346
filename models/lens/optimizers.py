"""Optimizers as paths: where each one goes from one start, given only a gradient. Plain float64, no torch.

path("adam", gradient, start, 100, lr=0.1) follows torch.optim.Adam to rounding; every setting of torch's that changes
the path has torch's name and default. Names: sgd, momentum (SGD with momentum 0.9), nesterov, adagrad, rmsprop, adam,
adamw. A path on two coordinates says little about millions: there, most directions are flat and noisy.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.lens.optimizers_rules import RULES, State, Vector
from models.lens.optimizers_schedules import factors

__all__ = ["NAMES", "Walk", "best", "defaults", "path", "walk"]
NAMES = tuple(RULES)
Gradient = Callable[[Vector], ArrayLike]


@dataclass(frozen=True)
class Walk:
    """points [k + 1, n] from the start on, k <= steps; terms: for every step what its formula names, [n] each.

    rates [k] are the learning rates after the schedule. `diverged` is the step at which the run was stopped because a
    coordinate left `limit` or stopped being a number, None where it ran to its end.
    """

    name: str
    settings: Mapping[str, Any]
    points: NDArray[np.float64]
    rates: NDArray[np.float64]
    terms: tuple[State, ...]
    diverged: int | None


def defaults(name: str) -> dict[str, Any]:
    """torch.optim's default settings of an optimizer; `momentum` and `nesterov` have momentum 0.9."""
    return dict(_rule(name)[1])


def path(name: str, gradient: Gradient, start: ArrayLike, steps: int, **settings: Any) -> NDArray[np.float64]:
    """Points float64 [steps + 1, n], the start first; NaN after the step at which numbers ceased to be finite."""
    found = walk(name, gradient, start, steps, **settings).points
    rest = np.full((steps + 1 - len(found), found.shape[1]), np.nan)
    return np.concatenate([found, rest])


def walk(
    name: str,
    gradient: Gradient,
    start: ArrayLike,
    steps: int,
    *,
    limit: float = np.inf,
    schedule: str = "constant",
    **settings: Any,
) -> Walk:
    """The path with the numbers behind each step; it ends early where a coordinate is not finite or beyond `limit`."""
    rule, known = _rule(name)
    chosen = {**known, **settings}
    _check(name, known, chosen, steps)
    x = np.array(start, dtype=np.float64)
    if x.ndim != 1 or not np.isfinite(x).all():
        raise ValueError(f"start must be finite numbers [n], got {start!r}")
    rates = chosen["lr"] * factors(schedule, steps)
    state: State = {}
    points, terms, diverged = [x], [], None
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for t in range(1, steps + 1):
            slope = np.asarray(gradient(x), dtype=np.float64)
            x, seen = rule(x, slope, state, t, {**chosen, "lr": rates[t - 1]})
            points.append(x)
            terms.append(seen)
            if not np.isfinite(x).all() or np.abs(x).max() > limit:
                diverged = t
                break
    return Walk(name, chosen, np.stack(points), rates[: len(terms)], tuple(terms), diverged)


def best(
    name: str,
    value: Callable[[Vector], Any],
    gradient: Callable[[], Gradient],
    start: ArrayLike,
    steps: int,
    rates: NDArray[np.float64],
    **settings: Any,
) -> float:
    """The rate of a grid with the lowest value at the end; `gradient()` gives a fresh gradient for each try.

    The grid's first rate where none ends at a finite value. Best after exactly these steps, nothing more.
    """
    ends = []
    for rate in rates:
        tried = walk(name, gradient(), start, steps, lr=float(rate), **settings)
        with np.errstate(over="ignore", invalid="ignore"):
            end = float(value(tried.points[-1])) if tried.diverged is None else np.inf
        ends.append(end if np.isfinite(end) else np.inf)
    return float(rates[int(np.argmin(ends))])


def _rule(name: str) -> tuple[Any, Mapping[str, Any]]:
    if name not in RULES:
        raise ValueError(f"optimizer must be one of {', '.join(RULES)}, got {name!r}")
    return RULES[name]


def _check(name: str, known: Mapping[str, Any], chosen: Mapping[str, Any], steps: int) -> None:
    """Bounds as in torch.optim."""
    if unknown := sorted(set(chosen) - set(known)):
        raise ValueError(f"{name} has the settings {', '.join(known)}, got {', '.join(unknown)}")
    if steps < 0:
        raise ValueError(f"steps must be at least 0, got {steps}")
    for key in ("lr", "momentum", "weight_decay", "eps", "alpha", "lr_decay", "initial_accumulator_value"):
        if key in chosen and not (np.isfinite(chosen[key]) and chosen[key] >= 0):
            raise ValueError(f"{key} must be a finite number of at least 0, got {chosen[key]}")
    if not all(0 <= beta < 1 for beta in chosen.get("betas", ())):
        raise ValueError(f"both betas must lie in [0, 1), got {chosen['betas']}")
    if chosen.get("nesterov") and (chosen["momentum"] <= 0 or chosen["dampening"] != 0):
        raise ValueError("nesterov needs a momentum above 0 and no dampening")
