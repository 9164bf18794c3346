"""Where the layers of a model may look, in the small: which cells of an overview's tiles stand for no weight at all."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.trace import AttentionLayer

Bools = NDArray[np.bool_]


def reach(layers: Sequence[AttentionLayer], size: int) -> NDArray[np.uint8] | None:
    """uint8 [L, size, size] beside `AttentionRecord.overview`: 1 where a cell of a tile covers an allowed weight.

    None where every layer may look everywhere. Layers that share a mask are pooled once.
    """
    if all(layer.allowed is None or layer.allowed.all() for layer in layers):
        return None
    known: dict[int, Bools] = {}
    for layer in layers:
        if layer.allowed is not None and id(layer.allowed) not in known:
            known[id(layer.allowed)] = pooled(layer.allowed, size)
    everywhere = np.ones((size, size), dtype=bool)
    return np.stack([known.get(id(layer.allowed), everywhere) for layer in layers]).astype(np.uint8)


def pooled(allowed: Bools, size: int) -> Bools:
    """[Tq, Tk] as [size, size]: true where any of the cells that fall into a bin is; fewer cells than bins repeat."""
    return _rows(_rows(allowed, size).T, size).T


def _rows(flags: Bools, size: int) -> Bools:
    """The bins of `trace.AttentionRecord.overview`, along the first axis."""
    length = len(flags)
    if length < size:
        return flags[np.arange(size) * length // size]
    found = np.logical_or.reduceat(np.ascontiguousarray(flags), np.arange(size) * length // size, axis=0)
    return np.asarray(found, dtype=bool)
