"""What one run of a model left behind: plain numpy, frozen, no torch needed to read it.

Alphabet of shapes: L layers, H heads, T tokens (Tq queries, Tk keys), D width, d head width.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
BLOCK = 128


@dataclass(frozen=True)
class AttentionLayer:
    """Queries and keys of one attention layer, enough to rebuild every weight exactly.

    query [H, Tq, d] and key [Hk, Tk, d] are taken after projection, normalisation and rotation.
    Hk divides H: query head h reads key group h // (H // Hk) (Ainslie et al. 2023, GQA).
    score = softcap(query @ key.T * scale + bias), masked by `allowed`, then softmax over keys.
    `bias` broadcasts to [H, Tq, Tk]; `allowed` to [Tq, Tk] (None: everything is allowed).
    `sinks` [H] is a learned extra logit a head, dropped after the softmax: rows then sum below one.
    `exact` [H, Tq, Tk] replaces all of it where a model could only give its finished maps.
    `index` is the depth in the model, counting layers without attention too; `span` is "full", "window of w",
    "chunks of w" or "cross"; `value` [Hk, Tk, dv] is kept by bundled models, by others only when it was asked for.
    """

    kind: str
    query: Floats | None
    key: Floats | None
    scale: float = 1.0
    allowed: Bools | None = None
    bias: Floats | None = None
    softcap: float | None = None
    sinks: Floats | None = None
    exact: Floats | None = None
    index: int = 0
    span: str = "full"
    value: Floats | None = None

    @property
    def heads(self) -> int:
        source = self.query if self.exact is None else self.exact
        assert source is not None
        return int(source.shape[0])

    def group(self, head: int) -> int:
        """Key group that a query head reads."""
        if self.key is None:
            return head
        return head // (self.heads // self.key.shape[0])

    def scores(
        self, head: int, rows: slice | NDArray[np.int64] = slice(None), dtype: type[np.floating] = np.float64
    ) -> NDArray[Any]:
        """Scores [Tq, Tk] before the softmax, or some rows of them; what the mask forbids is -inf."""
        if self.query is None or self.key is None:
            raise ValueError("this layer gave finished maps only, its scores are not known")
        query = self.query[head, rows].astype(dtype, copy=False)
        key = self.key[self.group(head)].astype(dtype, copy=False)
        score = query @ key.T
        score *= self.scale
        if self.bias is not None:
            bias = self.bias[head if self.bias.shape[0] > 1 else 0]
            score += bias[rows] if bias.shape[0] > 1 else bias
        if self.softcap is not None:
            score = self.softcap * np.tanh(score / self.softcap)
        if self.allowed is not None:
            score[~np.broadcast_to(self.allowed, (self.query.shape[1], key.shape[0]))[rows]] = -np.inf
        return score

    def rows(self, head: int, places: NDArray[np.int64]) -> Floats:
        """Weights [n, Tk] of some queries of one head, the same numbers as in its map."""
        if self.exact is not None:
            return self.exact[head][places]
        found = [self._softmax(self.scores(head, places[at : at + BLOCK]), head) for at in range(0, len(places), BLOCK)]
        return np.concatenate(found).astype(np.float32)

    def map(self, head: int, dtype: type[np.floating] = np.float64) -> Floats:
        """Weights [Tq, Tk] of one head, a block of rows at a time; a row that may look nowhere is all zero.

        `dtype` is what the softmax is computed in: float32 takes half the time and is off by some 1e-7 of a weight's
        size, more where scores are large.
        """
        if not 0 <= head < self.heads:
            raise ValueError(f"head must lie in 0..{self.heads - 1}, got {head}")
        if self.exact is not None:
            return self.exact[head]
        assert self.query is not None and self.key is not None
        weights = np.empty((self.query.shape[1], self.key.shape[1]), dtype=np.float32)
        for start in range(0, len(weights), BLOCK):
            rows = slice(start, start + BLOCK)
            weights[rows] = self._softmax(self.scores(head, rows, dtype), head)
        return weights

    def _softmax(self, score: NDArray[Any], head: int) -> NDArray[Any]:
        """Over keys, in place, beside the head's sink where it has one."""
        top = score.max(axis=-1, keepdims=True)
        sink = -np.inf if self.sinks is None else float(self.sinks[head])
        top = np.maximum(top, sink)
        top = np.where(np.isfinite(top), top, 0.0)
        score -= top
        np.exp(score, out=score)
        total = score.sum(axis=-1, keepdims=True) + np.exp(sink - top)
        score /= np.where(total == 0, 1.0, total)
        return score


@dataclass(frozen=True)
class AttentionRecord:
    """Every attention layer of a run, by kind: "encoder", "decoder", "cross".

    `bare` names the layers of a hybrid that left no map: depth, from 0, -> kind, such as "linear attention".
    """

    layers: Mapping[str, tuple[AttentionLayer, ...]]
    route: str = "recorded"
    note: str = ""
    bare: Mapping[int, str] = field(default_factory=dict)

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(kind for kind in ("encoder", "decoder", "cross") if self.layers.get(kind))

    def of(self, kind: str | None = None) -> tuple[AttentionLayer, ...]:
        """The layers of one kind; the only or first kind when none is named."""
        wanted = self.kinds[0] if kind is None else kind
        if wanted not in self.kinds:
            raise ValueError(f"kind must be one of {', '.join(self.kinds)}, got {wanted!r}")
        return self.layers[wanted]

    def map(self, layer: int, head: int, kind: str | None = None) -> Floats:
        """Weights [Tq, Tk] of one head, exact, computed now from queries and keys."""
        layers = self.of(kind)
        if not 0 <= layer < len(layers):
            raise ValueError(f"layer must lie in 0..{len(layers) - 1}, got {layer}")
        return layers[layer].map(head)

    def overview(self, size: int = 64, kind: str | None = None) -> NDArray[np.uint8]:
        """All heads as tiles [L, H, size, size], max-pooled so that no peak is lost, 255 = weight 1.

        A map with fewer than `size` rows or columns keeps one cell a token, repeated to fill the tile. Computed in
        float32, which a byte cannot tell from the exact map.
        """
        layers = self.of(kind)
        rows = [[_pool(layer.map(head, np.float32), size) for head in range(layer.heads)] for layer in layers]
        return np.asarray(rows, dtype=np.uint8)


def _pool(weights: Floats, size: int) -> NDArray[np.uint8]:
    """Max over the cells that fall into each of size x size bins, as bytes; fewer cells than bins are repeated."""
    down = _pool_rows(weights, size)
    both = _pool_rows(np.ascontiguousarray(down.T), size).T
    return np.rint(both * 255).astype(np.uint8)


def _pool_rows(weights: Floats, size: int) -> Floats:
    """Max of each of `size` runs of rows: whole rows at a time, three times as fast as np.maximum.reduceat."""
    length = len(weights)
    if length < size:
        return weights[np.arange(size) * length // size]
    if length % size == 0:
        return np.asarray(weights.reshape(size, length // size, -1).max(axis=1), dtype=np.float32)
    edges = np.arange(size + 1) * length // size
    return np.stack([weights[start:end].max(axis=0) for start, end in pairwise(edges)])


@dataclass(frozen=True)
class Axis:
    """What the positions along one side of an attention map are.

    tokens   the text each position came from; a patch or a frame has its number
    pieces   the raw piece of the vocabulary
    special  whether the model put the position there itself ([CLS], a register, the end mark)
    grid     rows and columns of patches, which follow the special positions of a picture; else None
    seconds  length of one audio frame; else None
    """

    tokens: tuple[str, ...]
    pieces: tuple[str, ...] = ()
    special: tuple[bool, ...] = ()
    grid: tuple[int, int] | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Trace:
    """One input through one model.

    tokens      the input as the user typed it, piece by piece
    known       whether each token is in the model's vocabulary
    output      label -> probability; empty for a model without a task
    hidden      [L + 1, T, D]: the embeddings, then the output of each layer (the last one normalised,
                as the read-out sees it)
    attention   queries and keys, or None for a model that has no attention
    gates       name -> [L, T, D] in [0, 1] (cell states: any value), or None
    read_at     position that the output is read from, or None where all positions are pooled
    axes        "encoder" and "decoder" -> what stands on that side; empty for the bundled models
    encoder_hidden  [L + 1, T, D] of the source where the model has a decoder too (`hidden` is the decoder's)
    """

    tokens: tuple[str, ...]
    known: tuple[bool, ...]
    output: Mapping[str, float]
    hidden: Floats
    attention: AttentionRecord | None = None
    gates: Mapping[str, Floats] | None = None
    read_at: int | None = None
    notes: tuple[str, ...] = field(default=())
    axes: Mapping[str, Axis] = field(default_factory=dict)
    encoder_hidden: Floats | None = None

    def sides(self, kind: str) -> tuple[Axis, Axis]:
        """Queries (rows) and keys (columns) of the maps of one kind of attention."""
        own = Axis(self.tokens)
        query = self.axes.get("decoder" if kind == "cross" else kind, own)
        return query, self.axes.get("encoder", own) if kind == "cross" else query
