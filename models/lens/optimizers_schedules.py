"""Learning-rate schedules: what the rate is multiplied by at each step."""

import numpy as np
from numpy.typing import NDArray

SCHEDULES = ("constant", "step", "cosine", "warm-up")
DROPS, DROP = 3, 0.1  # `step` divides the rate by ten after each third of the run
WARM = 0.1  # share of the run that `warm-up` rises


def factors(name: str, steps: int) -> NDArray[np.float64]:
    """Multipliers [steps] of the learning rate; step t (from 0) of n:

    constant  1
    step      0.1^floor(3 t / n), as torch's StepLR with a third of the run as its size
    cosine    (1 + cos(pi t / n)) / 2, to zero at the end (Loshchilov & Hutter 2017, without restarts)
    warm-up   rises in a straight line over the first tenth, then falls as the cosine does
    """
    if name not in SCHEDULES:
        raise ValueError(f"schedule must be one of {', '.join(SCHEDULES)}, got {name!r}")
    if steps < 0:
        raise ValueError(f"steps must be at least 0, got {steps}")
    t = np.arange(steps, dtype=np.float64)
    if name == "constant":
        return np.ones(steps)
    if name == "step":
        return DROP ** np.floor(t / max(1, -(-steps // DROPS)))
    if name == "cosine":
        return (1 + np.cos(np.pi * t / max(1, steps))) / 2
    rise = max(1, round(WARM * steps))
    fall = (1 + np.cos(np.pi * (t - rise) / max(1, steps - rise))) / 2
    return np.where(t < rise, (t + 1) / rise, fall)
