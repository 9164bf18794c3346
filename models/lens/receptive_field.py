"""How far a unit can see by its wiring, and how far it does see by measure.

Theory: Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019
(receptive_field_theory; published networks in receptive_field_nets).
Measure: Luo et al., "Understanding the Effective Receptive Field", NeurIPS 2016 (stacks in receptive_field_stack).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import NDArray

from models.lens import influence
from models.lens.influence import Lensed
from models.lens.receptive_field_layer import SAME, Layer
from models.lens.receptive_field_measure import (
    SHARES,
    EffectiveField,
    exact_sigma,
    field_of,
    field_of_plane,
    mean_widths,
    width,
)
from models.lens.receptive_field_picture import Pictured, of_pictures
from models.lens.receptive_field_theory import Field, Node, Plane, theoretical

if TYPE_CHECKING:
    from models.zoo import Network

__all__ = [
    "SAME",
    "SHARES",
    "EffectiveField",
    "Field",
    "Layer",
    "Node",
    "Plane",
    "effective",
    "exact_sigma",
    "field_of",
    "field_of_plane",
    "mean_widths",
    "reach_by_depth",
    "theoretical",
    "width",
]


@overload
def effective(model: Lensed, input: str, position: int) -> EffectiveField: ...
@overload
def effective(
    model: Pictured, input: NDArray[np.floating], position: tuple[int, int], layer: str | None = None
) -> EffectiveField: ...
def effective(
    model: Lensed | Pictured,
    input: str | NDArray[np.floating],
    position: int | tuple[int, int],
    layer: str | None = None,
) -> EffectiveField:
    """The measured field of one position.

    A text: the exact gradient influence of every word on the last hidden state at `position`, a row of the influence
    matrix. Pictures [N, C, H, W]: the mean over pictures and random directions v of (d v . h_unit / d pixel)^2, summed
    over colours, for the unit `position` (row, column) of the named layer (None: the last); tokens are laid out as
    patches. The square is averaged and never normalised a picture: then independent zero-mean weights give
    `exact_sigma` (Luo et al. 2016).
    """
    if isinstance(input, str):
        assert isinstance(position, int)
        return field_of(influence.row(model, input, position), position)  # type: ignore[arg-type]
    assert not isinstance(position, int)
    return of_pictures(model, input, position, layer)  # type: ignore[arg-type]


def reach_by_depth(network: Network) -> list[tuple[int | None, int | None]]:
    """For the embeddings and each layer of a bundled network: words seen before and after, None for all of them."""
    reach: list[tuple[int | None, int | None]] = [(0, 0)]
    for block in network.blocks:
        before, after = reach[-1]
        past, future = block.mix.reach
        reach.append((_add(before, past), _add(after, future)))
    return reach


def _add(reach: int | None, more: int | None) -> int | None:
    return None if reach is None or more is None else reach + more
