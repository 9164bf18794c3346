"""A matrix of products in numbers and words: how much an offset decides, which way, and the range to draw."""

import numpy as np

from models.lens.positional import likeness
from pages.codes.shown import Shown

SPREAD = "The band runs from the least to the greatest product at each offset; without a band the offset decides all."
NO_DIRECTION = "A code of zeros has no direction: there is no cosine"
LEAVES = " The greatest product, {:.3g}, leaves the plot."


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


def explained(shown: Shown, matrix: np.ndarray) -> str:
    """How much the offset alone decides, beside random codes; measured on what is drawn."""
    if shown.grid is not None:
        grid = np.array(np.divmod(np.arange(len(matrix)), shown.grid[1])).T
        return f"The offset in rows and columns decides {percent(1 - unexplained_2d(matrix, grid))} of the products"
    known = int(np.isfinite(matrix).any(axis=0).sum())
    if not known:
        return NO_DIRECTION if np.isfinite(shown.values).any() else "No position here has a code"
    if known < 3:
        return "Too few positions to compare offsets"
    left = likeness.unexplained(matrix)
    if shown.biases:
        return f"The offset decides {percent(1 - left)} of the biases"
    if np.isnan(left):
        return "All pairs of positions are alike"
    return f"The offset decides {percent(1 - left)} of the products; of random codes {2 / known:.0%}"


def spread(matrix: np.ndarray, high: np.ndarray) -> str:
    """What the band is, and whether it leaves the plot."""
    return SPREAD + (LEAVES.format(high.max()) if high.max() > span(matrix)[1] else "")


def directed(shown: Shown, matrix: np.ndarray) -> str:
    """Whether k positions later and k earlier look alike."""
    later = matrix[np.triu_indices(len(matrix), 1)]
    if shown.biases and len(later) and np.isnan(later).all():
        return "Only earlier keys can be read: the mask tells the direction"
    found = likeness.direction(matrix)
    if np.isnan(found):
        return "No product tells positions apart"
    if found < 1e-9:
        return "It tells how far, not which way: both sides are equal"
    return f"The two sides differ by up to {found:.0%} of the range"
