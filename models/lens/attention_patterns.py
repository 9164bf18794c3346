"""What a head does, measured as the mass it puts on named cells of its map, beside what uniform attention would put.

Sources of the patterns: Clark et al. 2019 (previous, next, delimiter, self), Voita et al. 2019 (positional heads),
Xiao et al. 2023 (sinks), Olsson et al. 2022 (induction).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Places = NDArray[np.int64]

PATTERNS = {
    "previous": "key i - 1",
    "next": "key i + 1",
    "first": "key 0 from any later query, and whatever a learned sink takes",
    "delimiter": "special tokens and punctuation, key 0 excepted",
    "self": "key i",
    "same token": "other places where the query's own token stands",
    "induction": "the key just after an earlier place of the query's own token",
    "local": "keys at most 2 away, i itself included",
    "uniform": "overlap with the uniform map: sum_j min(A_ij, U_ij)",
}
SQUARE = ("previous", "next", "self", "same token", "induction", "local")
ALIKE = ("same token", "induction")
PUNCTUATION = frozenset(".,;:!?()[]{}\"'`-–—…。，、；：！？「」『』")
REACH = 2
EXCESS = 0.25
EVEN = 0.8


@dataclass(frozen=True)
class Patterns:
    """Scores [P, H] in 0..1, NaN where a pattern has no cell in this text; `baseline` [P] is the uniform map's score.

    queries [P] is the number of rows that each score averages: few rows, little evidence. sink [H] is the part of the
    score "first" that a learned sink takes, over the same rows; the rest lies on key 0.
    """

    names: tuple[str, ...]
    scores: Floats
    baseline: Floats
    queries: NDArray[np.int64]
    sink: Floats

    def excess(self) -> Floats:
        """[P, H]: (score - baseline) / (1 - baseline), 0 like uniform attention, 1 all mass on the pattern."""
        room = np.where(self.baseline < 1, 1 - self.baseline, np.nan)[:, None]
        return (self.scores - self.baseline[:, None]) / room

    def name(self, head: int) -> str:
        """The pattern with the largest excess, if that is at least 0.25: a named cell first, then "local";
        else "uniform" where the overlap with the uniform map is at least 0.8; else "mixed"."""
        excess = dict(zip(self.names, np.nan_to_num(self.excess()[:, head], nan=-1.0), strict=True))
        single = {name: value for name, value in excess.items() if name not in ("local", "uniform")}
        best = max(single, key=lambda name: single[name])
        if single[best] >= EXCESS:
            return best
        if excess["local"] >= EXCESS:
            return "local"
        return "uniform" if self.scores[self.names.index("uniform"), head] >= EVEN else "mixed"


@dataclass(frozen=True, eq=False)
class Sample:
    """Some queries of a long map: their places, from 0, rising, and how many queries the whole map has."""

    rows: Places
    queries: int


def drawn(queries: int, count: int, seed: int = 0) -> Sample:
    """`count` of `queries` places, drawn at random without replacement; all of them where there are no more."""
    rows = np.random.default_rng(seed).choice(queries, min(count, queries), replace=False)
    return Sample(np.sort(rows), queries)


def patterns(
    weights: NDArray[np.floating],
    tokens: Sequence[str],
    special: Sequence[bool] = (),
    allowed: Bools | None = None,
    sample: Sample | None = None,
    joined: bool = False,
    pieces: Sequence[str] = (),
) -> Patterns:
    """Score every pattern for every head. weights [H, Tq, Tk]; tokens and special belong to the keys.

    With a `sample` weights and allowed hold only its queries, [H, n, Tk] and [n, Tk]. `joined`: queries and keys are
    of two texts (cross-attention), so that patterns of place have no cell even where both are as long. `pieces` says
    which tokens are the same to the model: raw pieces of its vocabulary, one an id; without them the tokens' text.

    A score is the mean, over the queries that have such cells within what is allowed, of the mass on them. The
    uniform baseline is the same mean for a map that spreads evenly over what is allowed. The shuffled baseline is
    this function on the maps of the same tokens in another order: what stays is position, what falls was content.
    """
    heads = np.asarray(weights, dtype=np.float64)
    if heads.ndim != 3 or heads.shape[2] != len(tokens):
        raise ValueError(f"weights [H, Tq, Tk] need Tk tokens, got {heads.shape} and {len(tokens)}")
    reach = np.ones(heads.shape[1:], dtype=bool) if allowed is None else allowed
    count = reach.sum(axis=-1, keepdims=True)
    even = np.divide(reach, count, out=np.zeros(reach.shape), where=count > 0)
    of = sample or Sample(np.arange(heads.shape[1]), heads.shape[1])
    names = [name for name in PATTERNS if not (joined and name in SQUARE)]
    if len(of.rows) != heads.shape[1]:
        raise ValueError(f"wanted weights of {len(of.rows)} sampled queries, got {heads.shape}")
    total = heads.sum(axis=-1)
    nothing = (np.full(len(heads), np.nan), float("nan"), 0)
    texts = {name: (pieces or tokens) if name in ALIKE else tokens for name in PATTERNS}
    found = [
        _score(name, heads, total, texts[name], special, reach, even, of) if name in names else nothing
        for name in PATTERNS
    ]
    return Patterns(
        tuple(PATTERNS),
        np.array([score for score, _, _ in found]),
        np.array([base for _, base, _ in found]),
        np.array([rows for _, _, rows in found]),
        _sunk(total, cells("first", tokens, special, (of.queries, heads.shape[2]), of.rows) & reach),
    )


def _sunk(total: Floats, first: Bools) -> Floats:
    """[H]: what rows that may look at key 0 lack to one, their mean; total [H, n]."""
    rows = first.any(axis=-1)
    return np.clip(1 - total[:, rows], 0, 1).mean(axis=-1) if rows.any() else np.zeros(len(total))


def cells(
    name: str, tokens: Sequence[str], special: Sequence[bool], shape: tuple[int, int], rows: Places | None = None
) -> Bools:
    """The cells [Tq, Tk] of a pattern, before the mask, or those of some queries [n, Tk].

    Patterns of place are empty where Tq differs from Tk.
    """
    if name not in PATTERNS or name == "uniform":
        raise ValueError(f"cells belong to one of {', '.join(n for n in PATTERNS if n != 'uniform')}, got {name!r}")
    places = np.arange(shape[0]) if rows is None else rows
    query, key = places[:, None], np.arange(shape[1])[None]
    part = (len(places), shape[1])
    if name == "first":
        return np.broadcast_to((key == 0) & ((query > 0) | (shape[0] != shape[1])), part)
    if name == "delimiter":
        marks = special or (False,) * len(tokens)
        stops = [mark or set(token) <= PUNCTUATION for token, mark in zip(tokens, marks, strict=True)]
        return np.broadcast_to(np.array(stops)[None] & (key > 0), part)
    if shape[0] != shape[1]:
        return np.zeros(part, dtype=bool)
    if name in ("same token", "induction"):
        words = np.unique(np.array(tokens, dtype=object), return_inverse=True)[1]
        same = np.asarray(words[places][:, None] == words[None], dtype=bool)
        if name == "same token":
            return same & (query != key)
        return np.pad(same & (key < query), ((0, 0), (1, 0)))[:, :-1] & (query != key)
    offsets = {"previous": key == query - 1, "next": key == query + 1, "self": key == query}
    return np.asarray(offsets.get(name, np.abs(query - key) <= REACH))


def _score(
    name: str,
    heads: Floats,
    total: Floats,
    tokens: Sequence[str],
    special: Sequence[bool],
    reach: Bools,
    even: Floats,
    of: Sample,
) -> tuple[Floats, float, int]:
    """(score [H], baseline, number of rows) of one pattern; total [H, n] is what each row sums to."""
    if name == "uniform":
        rows = reach.sum(axis=-1) > 1
        if not rows.any():
            return np.full(len(heads), np.nan), 1.0, 0
        shared = np.array([np.minimum(head, even).sum(axis=-1)[rows].mean() for head in heads])
        return shared, 1.0, int(rows.sum())
    wanted = cells(name, tokens, special, (of.queries, heads.shape[2]), of.rows) & reach
    rows = wanted.any(axis=-1)
    count = int(rows.sum())
    if not count:
        return np.full(len(heads), np.nan), float("nan"), 0
    here = np.flatnonzero(wanted)  # few of all cells: gathered, not multiplied
    mass = heads.reshape(len(heads), -1)[:, here].sum(axis=-1)
    if name == "first":
        mass = mass + np.clip(1 - total[:, rows], 0, 1).sum(axis=-1)
    return mass / count, float(even.ravel()[here].sum() / count), count
