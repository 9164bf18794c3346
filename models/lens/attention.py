"""Numbers of attention maps: how far a head looks, how widely, and where a stack of layers looks in the end.

Weights are [H, Tq, Tk] (or [Tq, Tk]): row i holds what query i takes from each key. Rows may sum below one
(attention sinks, keys that were dropped); nothing here renormalises them.
"""

import numpy as np
from numpy.typing import NDArray

from models.lens.attention_anatomy import Anatomy, anatomy, scaling, split_heads, split_maps
from models.lens.attention_patterns import PATTERNS, Patterns, Sample, cells, drawn, patterns

__all__ = [
    "PATTERNS",
    "Anatomy",
    "Patterns",
    "Sample",
    "anatomy",
    "cells",
    "distance",
    "drawn",
    "entropy",
    "grid",
    "patterns",
    "rollout",
    "scaling",
    "split_heads",
    "split_maps",
    "uniform",
    "uniform_distance",
    "uniform_entropy",
]

Array = NDArray[np.floating]
TINY = np.finfo(np.float64).tiny


def distance(weights: Array, coordinates: Array, rows: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
    """Mean attention distance of each head, [H]: mean over queries i of sum_j A_ij |x_i - x_j|.

    With `rows`, weights [H, n, T] hold only those queries.
    coordinates [T] or [T, n] are places (tokens, pixels) and give the unit. Nothing is renormalised: mass on
    dropped keys (CLS, a sink) counts as distance 0, which biases the mean down (Dosovitskiy et al. 2021, fig. 7).
    Draw `uniform_distance` beside it: a causal head at (T - 1) / 4 is uniform, not local.
    """
    heads = _heads(weights)
    places = np.asarray(coordinates, dtype=np.float64)
    places = places[:, None] if places.ndim == 1 else places
    asking = places if rows is None else places[rows]
    if heads.shape[1:] != (len(asking), len(places)):
        raise ValueError(f"weights [H, T, T] need T coordinates, got {heads.shape} and {len(places)}")
    apart = np.linalg.norm(asking[:, None] - places[None], axis=-1)
    return np.asarray(heads.reshape(len(heads), -1) @ apart.ravel() / len(asking), dtype=np.float64)


def uniform_distance(allowed: NDArray[np.bool_], coordinates: Array, rows: NDArray[np.int64] | None = None) -> float:
    """The distance of a head that spreads evenly over all it may see."""
    return float(distance(uniform(allowed), coordinates, rows)[0])


def grid(rows: int, columns: int, patch: float = 1.0) -> NDArray[np.float64]:
    """Places [rows x columns, 2] of patches, row by row, in pixels when `patch` is the patch's side."""
    places = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"), axis=-1)
    return places.reshape(-1, 2).astype(np.float64) * patch


def uniform(allowed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The map [Tq, Tk] that spreads each row evenly over the allowed keys; a row without any is zero."""
    count = allowed.sum(axis=-1, keepdims=True)
    even = np.divide(allowed, count, out=np.zeros(allowed.shape), where=count > 0)
    return np.asarray(even, dtype=np.float64)


def entropy(weights: Array) -> NDArray[np.float64]:
    """Entropy of each row in bits, [H, Tq]: -sum_j A_ij log2 A_ij; 0 looks at one key, log2 n at n evenly.

    Mass that is missing from a row (a sink) counts as one more outcome.
    """
    heads = _heads(weights)
    missing = np.clip(1 - heads.sum(axis=-1, keepdims=True), 0, 1)
    missing[missing < 1e-6] = 0.0
    return np.stack([_bits(head) for head in heads]) + _bits(missing)


def uniform_entropy(allowed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Entropy of the uniform baseline in bits, [Tq]: log2 of the number of allowed keys."""
    return np.log2(np.maximum(allowed.sum(axis=-1), 1))


def rollout(maps: Array, residual: float = 0.5) -> NDArray[np.float32]:
    """Attention rollout [T, T] (Abnar and Zuidema 2020): the product, last layer first, of r I + (1 - r) A.

    maps [L, T, T], or [L, H, T, T] whose heads are averaged. Rows of softmax maps stay at sum 1; what sinks take
    is absorbed, so such rows sum below 1. It follows weights, not values, and on causal models it piles up on
    the first token; it says nothing across linear or recurrent layers.
    """
    stack = np.asarray(maps, dtype=np.float64)
    stack = stack.mean(axis=1) if stack.ndim == 4 else stack
    if stack.ndim != 3 or stack.shape[1] != stack.shape[2]:
        raise ValueError(f"rollout takes maps [L, T, T] or [L, H, T, T], got {np.asarray(maps).shape}")
    total = np.eye(stack.shape[1])
    for layer in stack:
        total = (residual * np.eye(len(layer)) + (1 - residual) * layer) @ total
    return total.astype(np.float32)


def _heads(weights: Array) -> NDArray[np.float64]:
    """Weights as float64 [H, Tq, Tk]."""
    heads = np.asarray(weights, dtype=np.float64)
    heads = heads[None] if heads.ndim == 2 else heads
    if heads.ndim != 3:
        raise ValueError(f"weights are [H, Tq, Tk] or [Tq, Tk], got {np.asarray(weights).shape}")
    return heads


def _bits(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """-sum of p log2 p over the last axis; 0 counts as 0, being lifted to the least number above it."""
    return -(shares * np.log2(np.maximum(shares, TINY))).sum(axis=-1)
