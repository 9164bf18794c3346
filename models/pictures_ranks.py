"""How far two maps of a picture agree, and two baselines that know no network. Numpy only."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def ink(pixels: NDArray[np.floating]) -> Floats:
    """The baseline "where the object is": the brightness itself, in colour the mean of red, green and blue."""
    values = np.asarray(pixels, dtype=np.float64)
    return values if values.ndim == 2 else values.mean(axis=0)


def centre(side: int = 28) -> Floats:
    """The baseline "the middle": minus the distance from the middle of the picture, in pixels."""
    away = np.arange(side) - (side - 1) / 2
    return -np.hypot(away[:, None], away[None])


def ranks(values: NDArray[np.floating]) -> Floats:
    """Ranks of all cells from 0; equal values share their mean rank."""
    flat = np.asarray(values, dtype=np.float64).ravel()
    _, which, counts = np.unique(flat, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts + 1) / 2)[which])


def rank_correlation(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Spearman's correlation over all cells, in -1..1; NaN where one map is even."""
    return partial(first, second)


def partial(first: NDArray[np.floating], second: NDArray[np.floating], *controls: NDArray[np.floating]) -> float:
    """Spearman's correlation of what is left of both after a least-squares fit on the ranks of the controls.

    It answers "do they agree beyond both following the ink and the middle?". NaN where nothing is left.
    """
    if np.shape(first) != np.shape(second):
        raise ValueError(f"maps must have one shape, got {np.shape(first)} and {np.shape(second)}")
    design = np.column_stack([np.ones(np.size(first)), *(ranks(control) for control in controls)])
    rest = []
    for values in (first, second):
        ranked = ranks(values)
        rest.append(ranked - design @ np.linalg.lstsq(design, ranked, rcond=None)[0])
    size = float(np.linalg.norm(rest[0]) * np.linalg.norm(rest[1]))
    return float(rest[0] @ rest[1] / size) if size > 1e-6 else float("nan")
