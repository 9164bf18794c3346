"""The job behind "Patterns": every head of one kind scored, beside uniform attention and shuffled tokens."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from models.lens import attention
from models.lens.attention import Patterns, Sample
from models.pretrained.stopping import asking
from models.trace import AttentionLayer, Axis
from pages.heads import work
from pages.heads.subject import Subject, special

TOKENS, SAMPLED = 1024, 256  # queries of longer inputs are sampled: all of them would take minutes
CELLS = 4_000_000  # of maps held at once


@dataclass(frozen=True, eq=False)
class Measured:
    """One layer: patterns of its heads, distance [H] and entropy [H] (bits), and what uniform attention would give.

    distance is None where queries and keys are not the same positions.
    """

    patterns: Patterns
    entropy: np.ndarray
    even_entropy: float
    distance: np.ndarray | None
    even_distance: float


def every(report: Callable[..., None], subject: Subject, kind: str) -> tuple[Measured, ...]:
    """All layers of one kind."""
    layers = subject.attention.of(kind)
    found = []
    for at, layer in enumerate(layers):
        report(at / len(layers), f"Scoring layer {at + 1} of {len(layers)}")
        found.append(measure(subject, kind, layer))
    return tuple(found)


def measure(subject: Subject, kind: str, layer: AttentionLayer, heads: range | None = None) -> Measured:
    """One layer, or some of its heads, in blocks that stay small; of a long map some queries, drawn at random."""
    shape = size(layer)
    keys = subject.sides(kind, shape)[1]
    sample = attention.drawn(shape[0], shape[0] if max(shape) <= TOKENS else SAMPLED)
    allowed = reach(layer, shape)[sample.rows]
    step = max(1, CELLS // allowed.size)
    wanted = list(heads or range(layer.heads))
    blocks = []
    for start in range(0, len(wanted), step):
        maps = np.stack([layer.rows(head, sample.rows) for head in wanted[start : start + step]])
        blocks.append(_block(maps, keys, allowed, sample, kind == "cross"))
    return _joined(blocks)


def size(layer: AttentionLayer) -> tuple[int, int]:
    """Queries and keys of a layer's maps, without building one."""
    if layer.query is not None and layer.key is not None:
        return int(layer.query.shape[1]), int(layer.key.shape[1])
    return layer.map(0).shape[0], layer.map(0).shape[1]


def sampled(layer: AttentionLayer) -> str:
    """A sentence that says when only some queries of the map are scored; empty where all are."""
    shape = size(layer)
    return (
        "" if max(shape) <= TOKENS else f"Scored on {min(SAMPLED, shape[0])} of {shape[0]:,} queries, drawn at random."
    )


def reach(layer: AttentionLayer, shape: tuple[int, int]) -> np.ndarray:
    """[Tq, Tk] bool: what the mask allows."""
    return np.ones(shape, dtype=bool) if layer.allowed is None else np.broadcast_to(layer.allowed, shape)


def unit(keys: Axis) -> tuple[str, str]:
    """What one position is called, and several: a token, a patch of a picture, a frame of a recording."""
    return ("patch", "patches") if keys.grid else ("frame", "frames") if keys.seconds else ("token", "tokens")


def places(keys: Axis) -> np.ndarray:
    """Coordinates of the positions: tokens on a line; patches on their grid, marks before them at its first corner."""
    if keys.grid is None:
        return np.arange(len(keys.tokens), dtype=np.float64)
    patches = attention.grid(*keys.grid)
    return np.concatenate([np.zeros((len(keys.tokens) - len(patches), 2)), patches])


def _block(maps: np.ndarray, keys: Axis, allowed: np.ndarray, sample: Sample, joined: bool) -> Measured:
    """Distances count between patches only: maps of pictures lose their marks first."""
    square = sample.queries == maps.shape[2] and not joined
    mark = special(keys) if keys.grid and square else np.zeros(maps.shape[2], dtype=bool)
    kept = sample.rows[~mark[sample.rows]] if square else sample.rows
    own = np.ix_(~mark[sample.rows], ~mark) if square else np.ix_(*map(range, allowed.shape))
    where = places(keys)[~mark] if square else np.zeros(0)
    asking = np.cumsum(~mark)[kept] - 1 if square else kept
    return Measured(
        attention.patterns(maps, keys.tokens, tuple(special(keys)), allowed, sample, joined, keys.pieces),
        attention.entropy(maps).mean(axis=-1),
        float(attention.uniform_entropy(allowed).mean()),
        attention.distance(maps[:, own[0], own[1]], where, asking) if square else None,
        attention.uniform_distance(allowed[own], where, asking) if square else float("nan"),
    )


def _joined(blocks: list[Measured]) -> Measured:
    first = blocks[0]
    scores = np.concatenate([block.patterns.scores for block in blocks], axis=1)
    distances = [block.distance for block in blocks if block.distance is not None]
    return replace(
        first,
        patterns=replace(first.patterns, scores=scores, sink=np.concatenate([block.patterns.sink for block in blocks])),
        entropy=np.concatenate([block.entropy for block in blocks]),
        distance=np.concatenate(distances) if distances else None,
    )


def shuffled(report: Callable[..., None], subject: Subject, kind: str) -> tuple[Measured, ...]:
    """The same measures for the same tokens in another, seeded order; special tokens keep their places."""
    request = subject.request
    model = work.loaded(report, request.model, request.device)
    with work.said(), asking(work.stop(report)):
        given = work.decoded(model, request.given)
        if hasattr(model, "shuffled"):
            trace = model.trace_tensors(model.shuffled(model.prepare(given), seed=0))
        else:
            words = given.split()  # a bundled model reads whole words
            order = np.random.default_rng(0).permutation(len(words))
            trace = model.trace(" ".join(words[place] for place in order))
    return every(report, replace(subject, trace=trace), kind)
