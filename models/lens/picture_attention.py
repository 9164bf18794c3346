"""Attention over a picture's grid: what the class token or one patch looks at, layer by layer, and rollout.

Weights say where values were taken from, not what they did to the answer (Jain and Wallace 2019). The class token's
own share and the uniform share 1/T belong beside every map.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.lens import attention
from models.trace import Trace


@dataclass(frozen=True)
class Looks:
    """maps [L, H, h, w]: weight on each patch; own [L, H]: weight left on the class token; uniform: 1 / T.

    rolled [h, w]: the same position's row of rollout through all layers; rolled_own: its class token's share.
    """

    maps: NDArray[np.float32]
    own: NDArray[np.float32]
    rolled: NDArray[np.float32]
    rolled_own: float
    uniform: float


def looks(trace: Trace, position: int = 0) -> Looks:
    """Where `position` looks: 0 is the class token, then patches row by row. Nothing is renormalised."""
    axis = trace.axes.get("encoder")
    if trace.attention is None or axis is None or axis.grid is None:
        raise ValueError("this model has no attention over a grid of patches")
    if not 0 <= position < len(axis.tokens):
        raise ValueError(f"position must lie in 0..{len(axis.tokens) - 1}, got {position}")
    maps = np.stack([[layer.map(head) for head in range(layer.heads)] for layer in trace.attention.of()])
    rows, first = maps[:, :, position], sum(axis.special)
    rolled = attention.rollout(maps)[position]
    return Looks(
        maps=rows[..., first:].reshape(*rows.shape[:2], *axis.grid),
        own=rows[..., :first].sum(axis=-1),
        rolled=rolled[first:].reshape(axis.grid),
        rolled_own=float(rolled[:first].sum()),
        uniform=1 / len(axis.tokens),
    )


def effective_patches(share: NDArray[np.floating]) -> float:
    """exp of the entropy of a map's shares: how many patches an even map of the same entropy would cover."""
    values = np.asarray(share, dtype=np.float64).ravel()
    total = values.sum()
    if not total > 0:
        raise ValueError("the map is zero everywhere")
    parts = values[values > 0] / total
    return float(np.exp(-(parts * np.log(parts)).sum()))


def enlarged(grid: NDArray[np.floating], side: int) -> NDArray[np.float32]:
    """A map of patches [h, w] as [side, side] pixels: each pixel gets the patch that its corner lies in."""
    if side < max(grid.shape):
        raise ValueError(f"side must be at least {max(grid.shape)}, got {side}")
    down, across = (np.arange(side) * size // side for size in grid.shape)
    return grid[down[:, None], across].astype(np.float32)
