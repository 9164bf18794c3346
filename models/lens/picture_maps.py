"""Is a map right? Rank correlations between maps, baselines that know no network, and deletion curves."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.lens.saliency import check_class
from models.pictures import PictureModel, Pixels

Floats = NDArray[np.float64]
DRAWS, STEPS = 8, 14


def ink(pixels: Pixels) -> Floats:
    """The baseline "where the object is": the brightness itself."""
    return np.asarray(pixels, dtype=np.float64)


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
) -> Deletion:
    """Set pixels to `fill`, greatest value of a map first, and follow the class's probability (Petsiuk et al. 2018).

    A map that falls faster than a random order points at pixels that matter to THIS network and THIS fill. Equal
    values go in a seeded random order. Deleting black pixels on black changes nothing, so ink falls fast too.
    """
    check_class(model, target)
    for name, values in maps.items():
        if np.shape(values) != pixels.shape:
            raise ValueError(f"{name}: a map must be {list(pixels.shape)}, got {list(np.shape(values))}")
    draw = np.random.default_rng(0)
    orders = [order(values, draw) for values in maps.values()]
    orders += [draw.permutation(pixels.size) for _ in range(draws)]
    cuts = np.rint(np.linspace(0, pixels.size, steps + 1)).astype(int)
    pictures = np.stack([_without(pixels, one, cut, fill) for one in orders for cut in cuts])
    found = model.probabilities(pictures)[:, target].reshape(len(orders), steps + 1)
    named = dict(zip(maps, found, strict=False))
    return Deletion(cuts / pixels.size, named, found[len(maps) :].mean(axis=0))


def order(values: NDArray[np.floating], draw: np.random.Generator) -> NDArray[np.int64]:
    """Cells, greatest value first; equal ones shuffled."""
    shuffled = draw.permutation(np.size(values))
    flat = np.asarray(values, dtype=np.float64).ravel()[shuffled]
    return np.asarray(shuffled[np.argsort(-flat, kind="stable")])


def _without(pixels: Pixels, cells: NDArray[np.int64], count: int, fill: float) -> Pixels:
    found = pixels.copy()
    found.reshape(-1)[cells[:count]] = fill
    return found
