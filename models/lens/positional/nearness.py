"""What a scheme does to the score of a key by how far back it stands, and the weights that follow from that alone.

One query, and the same key at every offset. What is measured is the change of the score q.k / sqrt(d) that the scheme
causes; whatever differs between two keys then differs by position, not by content.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.lens.positional.bias import alibi_slopes, t5, t5_example
from models.lens.positional.rotary import rope_scores
from models.lens.positional.sinusoid import Values, finite, rates

ROUNDING = 1e-9  # a pair slowed down to just the trained angles meets no new one, whatever powers round to
SCHEMES = ("none", "sinusoidal", "learned", "rope", "alibi", "t5")


@dataclass(frozen=True)
class Settings:
    """width d of a head or of a code, base of the wavelengths, `head` (from 0) of `heads`.

    alike      the key's content equals the query's; else the two are independent
    draws      seeded contents, standard normal features, over which RoPE is averaged
    rotated, scale    RoPE's turned features (None: all) and position interpolation
    learned    a table of codes [T, D]; biases a table [buckets, H] of T5 (None: the stated example), one direction
    """

    width: int = 64
    base: float = 1e4
    heads: int = 8
    head: int = 0
    alike: bool = True
    draws: int = 32
    rotated: int | None = None
    scale: float = 1.0
    learned: Values | None = None
    biases: Values | None = None
    max_distance: int = 128


def changes(scheme: str, offsets: ArrayLike, settings: Settings) -> Values:
    """Change of the score at offsets back (>= 0), [samples, n]; NaN where the scheme has no value.

    none        0
    sinusoidal  PE_p . PE_{p-r} / sqrt(d) = sum_i cos(w_i r) / sqrt(d): the term of the two codes alone, before any
                learned projection; terms of code with content depend on the content and average to 0
    learned     c_p . c_{p-r} sqrt(d) / (2 mean |c|^2), a sample a position p; NaN beyond the table. Scaled so that the
                codes are as long as sinusoids of width d: a norm after the sum makes a table's own size meaningless
    rope        (<R_0 q, R_-r k> - q.k) / sqrt(d), a sample a drawn content
    alibi       -m_h r;        t5   the bias of the offset's bucket (T5 itself does not divide by sqrt(d))
    """
    away = finite("offsets", offsets)
    if (away < 0).any():
        raise ValueError(f"offsets back must be at least 0, got {away.min():g}")
    if scheme not in SCHEMES:
        raise ValueError(f"scheme must be one of {', '.join(SCHEMES)}, got {scheme!r}")
    return _CHANGES[scheme](away, settings)


def _none(away: Values, settings: Settings) -> Values:
    return np.zeros((1, len(away)))


def _sinusoidal(away: Values, settings: Settings) -> Values:
    turn = np.outer(rates(settings.width, settings.base), away)
    return np.cos(turn).sum(axis=0)[None] / settings.width**0.5


def _learned(away: Values, settings: Settings) -> Values:
    if settings.learned is None:
        return np.full((1, len(away)), np.nan)
    table = np.asarray(settings.learned, dtype=np.float64)
    place = np.arange(len(table))[:, None] - away.astype(np.int64)
    products = np.take_along_axis(table @ table.T, place.clip(min=0), axis=1)
    size = 2 * (table**2).sum(axis=1).mean() / settings.width**0.5
    return np.where(place >= 0, products, np.nan) / size


def _rope(away: Values, settings: Settings) -> Values:
    query, key = content(settings)
    moved = rope_scores(query, key, -away, settings.base, rotated=settings.rotated, scale=settings.scale)
    return (moved - (query * key).sum(axis=1)[:, None]) / settings.width**0.5


def _alibi(away: Values, settings: Settings) -> Values:
    return -alibi_slopes(settings.heads)[_head(settings, settings.heads)] * away[None]


def _t5(away: Values, settings: Settings) -> Values:
    table = settings.biases
    if table is None:
        table = t5_example(settings.heads, bidirectional=False, max_distance=settings.max_distance)
    found = t5(table, -away, bidirectional=False, max_distance=settings.max_distance)
    return found[_head(settings, len(found))][None]


def _head(settings: Settings, heads: int) -> int:
    if not 0 <= settings.head < heads:
        raise ValueError(f"head must lie in 1..{heads}, got {settings.head + 1}")
    return settings.head


_CHANGES = {
    "none": _none,
    "sinusoidal": _sinusoidal,
    "learned": _learned,
    "rope": _rope,
    "alibi": _alibi,
    "t5": _t5,
}


def content(settings: Settings) -> tuple[Values, Values]:
    """Seeded queries and keys [draws, d] with standard normal features; the key is the query where they are alike."""
    random = np.random.default_rng(0)
    query = random.standard_normal((settings.draws, settings.width))
    return query, query if settings.alike else random.standard_normal(query.shape)


def weights(scheme: str, length: int, settings: Settings) -> Values:
    """softmax over offsets 0 .. length-1 of the changes, [samples, length]: the last query's weights by offset.

    Every key has the same content, so these weights are the scheme's own idea of nearness. Samples without a value
    at some offset are left out; a table that is too short leaves none and gives one row of NaN.
    """
    scores = changes(scheme, np.arange(length), settings)
    whole = scores[~np.isnan(scores).any(axis=1)]
    if not len(whole):
        return np.full((1, length), np.nan)
    shares = np.exp(whole - whole.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def keys_read(shares: NDArray[np.floating]) -> float:
    """exp of the entropy of weights [samples, n], averaged over samples: n where all count alike, 1 for one key."""
    known = np.asarray(shares, dtype=np.float64)
    logs = np.log(np.where(known > 0, known, 1.0))
    return float(np.exp(-(known * logs).sum(axis=1)).mean())


def beyond(shares: NDArray[np.floating], trained: int) -> float:
    """Weight on offsets of `trained` and more, which no training text of that length had; mean over samples."""
    return float(np.asarray(shares)[:, trained:].sum(axis=1).mean())


def new_angles(
    width: int, base: float, trained: int, length: int, scale: float = 1.0, later: float | None = None
) -> float:
    """Share of pairs that meet an angle at `length` which no offset below `trained` had.

    Pair i has met the angles from 0 to trained * w_i; with 2 pi it has gone round and met them all. `scale` divides
    positions, and `later` is another base, at `length` alone: the model was trained without them.
    """
    speed, now = rates(width, base), rates(width, base if later is None else later) / scale
    farther = length * now > trained * speed * (1 + ROUNDING)
    return float(((trained * speed < 2 * np.pi) & farther).mean())
