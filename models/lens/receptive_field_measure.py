"""Influence on one position as a field: its spread, and the widths that hold most of it.

Luo et al., "Understanding the Effective Receptive Field", NeurIPS 2016. sigma needs no threshold and is the number to
compare; widths cut the tail off and depend on where.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.lens.receptive_field_layer import Layer, on_axis

SHARES = (0.5, 0.9, 0.99)


@dataclass(frozen=True)
class EffectiveField:
    """map: influence on one position, [T] or [H, W], summing to 1; sigma: its standard deviation along an axis in words
    or pixels (two axes: the root of their mean variance); widths: smallest distance to either side, on pictures half
    the side of the smallest centred square, that holds each share of SHARES."""

    map: NDArray[np.float64]
    sigma: float
    widths: tuple[int, ...]


def exact_sigma(layers: Sequence[Layer], skip: bool = False) -> float:
    """sigma of the field of linear layers with uniform kernels: sqrt(sum_l S_l^2 d_l^2 (k_l^2 - 1) / 12).

    Along the first axis; S_l is the stride before layer l. It is also the sigma of E[g^2] for independent zero-mean
    weights. A skip connection beside every layer of stride 1, both paths of one weight, halves its variance.
    """
    stride, variance = 1, 0.0
    for layer in layers:
        share = 0.5 if skip and layer.stride == 1 else 1.0
        apart = stride * on_axis(layer.dilation, 0)
        variance += share * apart**2 * (on_axis(layer.kernel, 0) ** 2 - 1) / 12
        stride *= on_axis(layer.stride, 0)
    return float(np.sqrt(variance))


def field_of(row: NDArray[np.floating], position: int) -> EffectiveField:
    """The field of one row of an influence matrix [T_in]; ValueError where nothing reaches the position."""
    row = row.astype(np.float64)
    total = row.sum()
    if not total > 0:
        raise ValueError(f"nothing reaches position {position}: its influence row is zero")
    share = row / total
    return EffectiveField(
        share, float(np.sqrt(_variance(share))), tuple(width(share, position, part) for part in SHARES)
    )


def field_of_plane(values: NDArray[np.floating], centre: tuple[float, float]) -> EffectiveField:
    """The field of values [H, W] >= 0 around `centre` (row, column) in pixels."""
    values = values.astype(np.float64)
    total = values.sum()
    if not total > 0:
        raise ValueError(f"nothing reaches the unit at {centre[0]:g}, {centre[1]:g}: its field is zero")
    share = values / total
    variance = [_variance(share.sum(axis=1 - axis)) for axis in (0, 1)]
    places = [np.abs(np.arange(size) - middle) for size, middle in zip(share.shape, centre, strict=True)]
    ring = np.ceil(np.maximum(places[0][:, None], places[1][None, :]) - 1e-9).astype(int)
    held = np.cumsum(np.bincount(ring.ravel(), weights=share.ravel()))
    widths = tuple(int(np.searchsorted(held, part * held[-1] - 1e-12)) for part in SHARES)
    return EffectiveField(share, float(np.sqrt(np.mean(variance))), widths)


def _variance(share: NDArray[np.float64]) -> float:
    places = np.arange(len(share))
    return float((share * (places - (share * places).sum()) ** 2).sum())


def width(share: NDArray[np.floating], position: int, part: float) -> int:
    """Smallest r such that the positions within r of `position` hold at least `part` of the mass."""
    distance = np.abs(np.arange(len(share)) - position)
    held = np.cumsum(np.bincount(distance, weights=share))
    return int(np.searchsorted(held, part * held[-1] - 1e-12))


def mean_widths(matrix: NDArray[np.floating]) -> tuple[float, ...]:
    """Widths that hold 50, 90 and 99 % of the influence, averaged over the positions that anything reaches."""
    rows = [u for u in range(len(matrix)) if matrix[u].sum() > 0]
    if not rows:
        raise ValueError("nothing reaches any position: the influence matrix is zero")
    found = np.array([[width(matrix[u], u, part) for part in SHARES] for u in rows])
    return tuple(float(value) for value in found.mean(axis=0))
