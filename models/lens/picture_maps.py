"""Is a map right? Pixels are deleted in its order, and the class's probability is followed."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.lens import gradcam, picture_attention, saliency
from models.lens.saliency import check_class
from models.pictures import PictureModel, Pixels
from models.pictures_ranks import centre, ink

Floats = NDArray[np.float64]
DRAWS, STEPS = 8, 14


@dataclass(frozen=True)
class Deletion:
    """share [S + 1]: part of the pixels that are gone, 0..1; probability: map's name -> that of the class [S + 1].

    random [S + 1]: the mean over seeded random orders; area: name -> mean of the curve, small is better.
    """

    share: Floats
    probability: Mapping[str, Floats]
    random: Floats

    @property
    def area(self) -> dict[str, float]:
        """Area under each curve by the trapezoid rule; random included."""
        curves = {**self.probability, "random": self.random}
        return {name: float(np.trapezoid(curve, self.share)) for name, curve in curves.items()}


def deletion(
    model: PictureModel,
    pixels: Pixels,
    target: int,
    maps: Mapping[str, NDArray[np.floating]],
    fill: float = 0.0,
    steps: int = STEPS,
    draws: int = DRAWS,
    tell: saliency.Tell | None = None,
) -> Deletion:
    """Set pixels to `fill`, greatest value of a map first, and follow the class's probability (Petsiuk et al. 2018).

    A map that falls faster than a random order points at pixels that matter to THIS network and THIS fill. Equal
    values go in a seeded random order. Deleting black pixels on black changes nothing, so ink falls fast too.
    tell: is called with the share that is done, and may raise to end the work.
    """
    check_class(model, target)
    for name, values in maps.items():
        if np.shape(values) != pixels.shape[-2:]:
            raise ValueError(f"{name}: a map must be {list(pixels.shape[-2:])}, got {list(np.shape(values))}")
    draw = np.random.default_rng(0)
    orders = [order(values, draw) for values in maps.values()]
    size = pixels.shape[-2] * pixels.shape[-1]
    orders += [draw.permutation(size) for _ in range(draws)]
    cuts = np.rint(np.linspace(0, size, steps + 1)).astype(int)
    pictures = np.stack([_without(pixels, one, cut, fill) for one in orders for cut in cuts])
    found = saliency.chances(model, pictures, target, tell).reshape(len(orders), steps + 1)
    named = dict(zip(maps, found, strict=False))
    return Deletion(cuts / size, named, found[len(maps) :].mean(axis=0))


def every(
    model: PictureModel, pixels: Pixels, target: int, fill: float = 0.0, tell: saliency.Tell | None = None
) -> dict[str, NDArray[np.floating]]:
    """Every map [h, w] that the model has, by name, and the two baselines that know no network."""
    square, stride = saliency.window(pixels)
    found: dict[str, NDArray[np.floating]] = {
        "gradient": saliency.gradient(model, pixels, target),
        "occlusion": saliency.occlusion(model, pixels, target, square, stride, fill, tell).drop,
    }
    if gradcam.layers(model):
        found["Grad-CAM"] = gradcam.gradcam(model, pixels, target).fine
    if model.axis is not None:
        looked = picture_attention.looks(model.trace(pixels))
        found["rollout"] = picture_attention.enlarged(looked.rolled, pixels.shape[-1])
    return {**found, "ink": ink(pixels), "centre": centre(pixels.shape[-1])}


def order(values: NDArray[np.floating], draw: np.random.Generator) -> NDArray[np.int64]:
    """Cells, greatest value first; equal ones shuffled."""
    shuffled = draw.permutation(np.size(values))
    flat = np.asarray(values, dtype=np.float64).ravel()[shuffled]
    return np.asarray(shuffled[np.argsort(-flat, kind="stable")])


def _without(pixels: Pixels, cells: NDArray[np.int64], count: int, fill: float) -> Pixels:
    found = pixels.copy()
    found.reshape(*found.shape[:-2], -1)[..., cells[:count]] = fill
    return found
