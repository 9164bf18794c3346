"""Rotary codes (Su et al. 2021, arXiv 2104.09864): queries and keys are turned, nothing is added."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.lens.positional.sinusoid import finite, rates

LAYOUTS = ("interleaved", "half")


def angles(positions: ArrayLike, width: int, base: float = 1e4, scale: float = 1.0) -> NDArray[np.float64]:
    """p theta_i / scale in radians, theta_i = base^(-2i/width): [T, width/2].

    `scale` above 1 is position interpolation (Chen et al. 2023, arXiv 2306.15595): a text `scale` times as long
    as in training meets no new angle, and neighbours stand `scale` times closer.
    """
    if not np.isfinite(scale) or scale <= 0:
        raise ValueError(f"scale must be above 0, got {scale:g}")
    return finite("positions", positions)[:, None] / scale * rates(width, base)


def raised_base(base: float, width: int, times: float) -> float:
    """base * times^(d / (d - 2)): a text `times` as long, read without training again.

    The slowest pair turns `times` slower, as under interpolation, the fastest as fast as before; those between meet
    angles that training had not (Peng et al. 2023, arXiv 2309.00071, section 3.1, "NTK-aware"). Width 2 has one pair,
    whose speed no base changes.
    """
    rates(width, base)
    if not np.isfinite(times) or times <= 0:
        raise ValueError(f"times must be above 0, got {times:g}")
    return base * times ** (width / (width - 2)) if width > 2 else base


def rope(
    x: ArrayLike,
    positions: ArrayLike,
    base: float = 1e4,
    layout: str = "interleaved",
    rotated: int | None = None,
    scale: float = 1.0,
) -> NDArray[np.floating]:
    """R_p x for x [..., T, d]: pair i turned by p theta_i; like x in shape and type, float64 inside.

    layout     which features are a pair: "interleaved" 2i and 2i+1 (the paper), "half" i and i + d/2 (Llama's code).
               The same weights give other scores under the other layout.
    rotated    only the first so many features turn (partial rotation), theta_i then over that width; None: all.
    Norms stay, and <R_m q, R_n k> depends on m - n alone. It falls with distance for averaged q and k, not for each.
    """
    if layout not in LAYOUTS:
        raise ValueError(f"layout must be one of {', '.join(LAYOUTS)}, got {layout!r}")
    given = np.asarray(x)
    if given.ndim < 2:
        raise ValueError(f"x must have positions and features, [..., T, d], got shape {given.shape}")
    values = given.astype(np.float64)
    size = values.shape[-1] if rotated is None else rotated
    if not 0 < size <= values.shape[-1]:
        raise ValueError(f"rotated must lie in 1..{values.shape[-1]} features, got {size}")
    turn = angles(positions, size, base, scale)
    if len(turn) != values.shape[-2]:
        raise ValueError(f"wanted {values.shape[-2]} positions, one a row of x, got {len(turn)}")
    first, second = pairs(size, layout)
    a, b = values[..., first], values[..., second]
    turned = values.copy()
    turned[..., first] = a * np.cos(turn) - b * np.sin(turn)
    turned[..., second] = a * np.sin(turn) + b * np.cos(turn)
    return turned.astype(given.dtype if given.dtype.kind == "f" else np.float64)


def pairs(width: int, layout: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The two features of each pair, [width/2] each."""
    at = np.arange(width // 2)
    return (2 * at, 2 * at + 1) if layout == "interleaved" else (at, at + width // 2)


def rope_scores(
    query: ArrayLike,
    key: ArrayLike,
    relative: ArrayLike,
    base: float = 1e4,
    layout: str = "interleaved",
    rotated: int | None = None,
    scale: float = 1.0,
) -> NDArray[np.float64]:
    """<R_0 q, R_r k> of q, k [..., d] at every offset r of `relative` [n]: [..., n], not divided by sqrt(d).

    sum_i a_i cos(r theta_i) - b_i sin(r theta_i) with a_i = q_1 k_1 + q_2 k_2 and b_i = q_1 k_2 - q_2 k_1 of pair i,
    and q . k over what is not rotated: no rotated copies of the keys, so far offsets cost no memory.
    """
    q, k = np.asarray(query, dtype=np.float64), np.asarray(key, dtype=np.float64)
    size = q.shape[-1] if rotated is None else rotated
    turn = angles(relative, size, base, scale).T
    first, second = pairs(size, layout)
    along = q[..., first] * k[..., first] + q[..., second] * k[..., second]
    across = q[..., second] * k[..., first] - q[..., first] * k[..., second]
    still = (q[..., size:] * k[..., size:]).sum(axis=-1)
    return along @ np.cos(turn) + across @ np.sin(turn) + still[..., None]
