"""How far a unit can see by its wiring, and how far it does see by measure.

Theory: Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019.
Measure: Luo et al., "Understanding the Effective Receptive Field", NeurIPS 2016.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.lens import influence
from models.lens.influence import Lensed

if TYPE_CHECKING:
    from models.zoo import Network

SHARES = (0.5, 0.9, 0.99)


@dataclass(frozen=True)
class Layer:
    """One convolution or pooling layer along one axis."""

    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    def __post_init__(self) -> None:
        for name in ("kernel", "stride", "dilation"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.padding < 0:
            raise ValueError(f"padding must be at least 0, got {self.padding}")


@dataclass(frozen=True)
class Field:
    """size r, stride S and padding P of a stack, in input pixels or words."""

    size: int
    stride: int
    padding: int

    def centre(self, unit: int) -> float:
        """Input position in the middle of what output unit i sees: -P + i S + (r - 1) / 2."""
        return -self.padding + unit * self.stride + (self.size - 1) / 2


def theoretical(layers: Sequence[Layer]) -> Field:
    """r = 1 + sum_l d_l (k_l - 1) prod_{i<l} s_i,  S = prod s_l,  P = sum_l p_l prod_{i<l} s_i."""
    size, stride, padding = 1, 1, 0
    for layer in layers:
        size += layer.dilation * (layer.kernel - 1) * stride
        padding += layer.padding * stride
        stride *= layer.stride
    return Field(size, stride, padding)


@dataclass(frozen=True)
class EffectiveField:
    """map: influence on one position, summing to 1; sigma: its standard deviation in words or pixels;
    widths: smallest distance to either side that holds each share of SHARES."""

    map: NDArray[np.float64]
    sigma: float
    widths: tuple[int, ...]


def effective(model: Lensed, text: str, position: int) -> EffectiveField:
    """The measured field of one position: the exact gradient influence of every word on its last hidden state."""
    return field_of(influence.row(model, text, position), position)


def field_of(row: NDArray[np.floating], position: int) -> EffectiveField:
    """The field of one row of an influence matrix [T_in]; ValueError where nothing reaches the position."""
    row = row.astype(np.float64)
    total = row.sum()
    if not total > 0:
        raise ValueError(f"nothing reaches position {position}: its influence row is zero")
    share = row / total
    places = np.arange(len(share))
    mean = float((share * places).sum())
    sigma = float(np.sqrt((share * (places - mean) ** 2).sum()))
    return EffectiveField(share, sigma, tuple(width(share, position, part) for part in SHARES))


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


def reach_by_depth(network: Network) -> list[tuple[int | None, int | None]]:
    """For the embeddings and each layer of a bundled network: words seen before and after, None for all of them."""
    from models.zoo.convolution import Convolution
    from models.zoo.recurrent import Recurrence

    reach: list[tuple[int | None, int | None]] = [(0, 0)]
    for block in network.blocks:
        before, after = reach[-1]
        if isinstance(block.mix, Convolution):
            past, future = block.mix.reach
            reach.append((_add(before, past), _add(after, future)))
        else:
            reach.append((None, after if isinstance(block.mix, Recurrence) else None))
    return reach


def _add(reach: int | None, more: int) -> int | None:
    return None if reach is None else reach + more
