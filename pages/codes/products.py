"""Numbers of a matrix of products: how much an offset in two dimensions decides, and the range to draw."""

import numpy as np


def unexplained_2d(matrix: np.ndarray, grid: np.ndarray) -> float:
    """`likeness.unexplained` with offsets in two dimensions: places [N, 2], offset (0, 0) left out."""
    gap = grid[:, None] - grid[None]
    gap -= gap.min(axis=(0, 1))
    label = gap[..., 0] * (gap[..., 1].max() + 1) + gap[..., 1]
    apart = ~np.eye(len(matrix), dtype=bool)
    values, at = matrix[apart], label[apart]
    means = np.bincount(at, values) / np.maximum(np.bincount(at), 1)
    return float(((values - means[at]) ** 2).sum() / ((values - values.mean()) ** 2).sum())


def percent(share: float) -> str:
    return "100%" if share > 1 - 1e-9 else f"{min(share, 0.999):.1%}"


def span(matrix: np.ndarray) -> tuple[float, float]:
    """Room for 199 of 200 products: one long code, such as that of [CLS], would flatten all others."""
    low, high = np.nanquantile(matrix, [0.0025, 0.9975])
    pad = 0.06 * (high - low) or 0.5
    return min(0.0, float(low)) - pad, max(0.0, float(high)) + pad
