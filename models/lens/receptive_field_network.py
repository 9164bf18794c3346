"""Bundled picture networks layer by layer: what each layer could see, what it uses, and how far its attention looks.

All in pixels of the picture, but three different measures: the side of the theoretical field, the standard deviation of
the measured influence, and the mean distance of attention. An even field of side n has sigma n / sqrt 12.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.lens import attention
from models.lens.mixing import total_variation
from models.lens.receptive_field import effective
from models.lens.receptive_field_layer import Layer
from models.lens.receptive_field_measure import EffectiveField, exact_sigma
from models.lens.receptive_field_picture import grid
from models.lens.receptive_field_read import layers_of
from models.lens.receptive_field_theory import along

if TYPE_CHECKING:
    from models.pictures import PictureModel
    from models.trace import AttentionLayer

Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class Depth:
    """One layer. could: side of the theoretical field, the whole picture above the first attention; law: sigma if all
    kernels so far were uniform and linear, None above attention; used: the measured field of the middle unit;
    distances: mean attention distance of each head, mean over pictures; even: that of uniform attention."""

    name: str
    could: int
    law: float | None
    used: EffectiveField
    distances: NDArray[np.float64] | None
    even: float | None


def by_depth(model: PictureModel, pictures: Pixels) -> list[Depth]:
    """Every layer with places, on pictures [N, 28, 28] in [0, 1]."""
    pixels = model.tensor(pictures)
    side = pixels.shape[-1]
    chain, known = layers_of(model.network), list[Layer]()
    distances, even = _distances(model, pictures) if model.axis else ([], None)
    found, attending = [], iter(distances)
    for name, activations in model.run(pixels).layers.items():
        places = grid(activations).shape[-2:]
        middle = (places[0] // 2, places[1] // 2)
        used = effective(model, pixels.cpu().numpy(), middle, name)
        own = next(attending) if name.startswith("attention") else None
        if name in chain:
            known.append(chain[name])
        whole = own is not None
        could = side if whole else along(known).size
        law = None if whole else exact_sigma(known)
        found.append(Depth(name, could, law, used, own, even if whole else None))
    return found


def attention_maps(model: PictureModel, picture: Pixels) -> NDArray[np.float32]:
    """Weights [L, H, T, T] of one picture, the class token first."""
    record = model.trace(picture).attention
    if record is None:
        raise ValueError("this network has no attention")
    return np.stack([_maps(layer) for layer in record.of()])


def coordinates(model: PictureModel) -> NDArray[np.float64]:
    """Places of the patches in pixels, [T - 1, 2]."""
    axis = model.axis
    if axis is None or axis.grid is None:
        raise ValueError("this network has no patches")
    from models.zoo.pictures import SIDE

    return attention.grid(*axis.grid, patch=SIDE / axis.grid[0])


def _distances(model: PictureModel, pictures: Pixels) -> tuple[list[NDArray[np.float64]], float]:
    """Mean attention distance [H] of every layer in pixels, and that of uniform attention.

    The class token's row and column are dropped and nothing is renormalised, in the baseline neither: what it takes
    counts as distance 0 (Dosovitskiy et al. 2021).
    """
    places = coordinates(model)
    every = np.stack([attention_maps(model, picture) for picture in pictures])
    found = [
        np.mean([attention.distance(one[layer][:, 1:, 1:], places) for one in every], axis=0)
        for layer in range(every.shape[1])
    ]
    count = len(places)
    return found, float(attention.distance(np.full((count, count), 1 / (count + 1)), places)[0])


def moved_attention(model: PictureModel, first: Pixels, second: Pixels) -> NDArray[np.float64]:
    """Total variation of the attention of each patch between two pictures, mean over heads and patches: [L]."""
    a, b = attention_maps(model, first), attention_maps(model, second)
    return np.asarray(total_variation(a, b)[:, :, 1:].mean(axis=(1, 2)))


def moved_field(model: PictureModel, first: Pixels, second: Pixels, layer: str) -> float:
    """Total variation of the measured field of the middle unit of a layer between two pictures.

    On |g|, the root of the measured energy, divided by its sum: 0 equal, 1 nothing in common.
    """
    rows = []
    for picture in (first, second):
        pixels = model.tensor(picture)
        places = grid(model.run(pixels).layers[layer]).shape[-2:]
        field = effective(model, pixels.cpu().numpy(), (places[0] // 2, places[1] // 2), layer)
        rows.append(np.sqrt(field.map).ravel())
    return float(total_variation(rows[0], rows[1]))


def _maps(layer: AttentionLayer) -> NDArray[np.float32]:
    return np.stack([layer.map(head) for head in range(layer.heads)])
