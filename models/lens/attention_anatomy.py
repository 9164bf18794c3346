"""One query taken apart: every number of its row, from the vectors to the sum, each traceable to the one before.

Also the two experiments that belong to it: what the division by sqrt(d) is for, and how heads must be split.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.trace import AttentionLayer

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Anatomy:
    """Row `row` of one head, in the order of computation, float64.

    query [d], keys [Tk, d]     after projection, normalisation and rotation
    product [Tk, d]             query * key, element by element
    raw [Tk]                    its sum over d
    scaled [Tk]                 raw * scale
    bias [Tk]                   what position adds (0 without a bias)
    capped [Tk]                 c tanh((scaled + bias) / c), or scaled + bias without a cap
    mask [Tk]                   0, or -inf where looking is forbidden
    weights [Tk]                softmax of capped + mask beside `sink_score`, a learned sink's own score (-inf: none),
                                which no query, scale or mask touches; `sink` is the mass that it takes
    values, weighted [Tk, dv]   value vectors, and weights * values; None unless values were recorded
    output [dv]                 their sum over keys
    entropy                     of the row in bits, the sink as one outcome
    gradient                    size of the softmax's Jacobian, ||diag(p) - p p^T||_F
    """

    query: Floats
    keys: Floats
    product: Floats
    raw: Floats
    scale: float
    scaled: Floats
    bias: Floats
    capped: Floats
    mask: Floats
    weights: Floats
    sink_score: float
    sink: float
    values: Floats | None
    weighted: Floats | None
    output: Floats | None
    entropy: float
    gradient: float


def anatomy(layer: AttentionLayer, head: int, row: int, scale: float | None = None) -> Anatomy:
    """Take one row apart; `scale` puts another factor in place of the model's own (1 switches the division off)."""
    if layer.query is None or layer.key is None:
        raise ValueError("this layer gave finished maps only, so its row cannot be taken apart")
    if not 0 <= head < layer.heads:
        raise ValueError(f"head must lie in 0..{layer.heads - 1}, got {head}")
    if not 0 <= row < layer.query.shape[1]:
        raise ValueError(f"query must lie in 0..{layer.query.shape[1] - 1}, got {row}")
    group = layer.group(head)
    query, keys = layer.query[head, row].astype(np.float64), layer.key[group].astype(np.float64)
    product = query * keys
    raw = product.sum(axis=-1)
    factor = layer.scale if scale is None else scale
    bias = _bias(layer, head, row)
    added = raw * factor + bias
    capped = added if layer.softcap is None else layer.softcap * np.tanh(added / layer.softcap)
    mask = np.zeros(len(keys)) if layer.allowed is None else np.where(layer.allowed[row], 0.0, -np.inf)
    sink_score = -np.inf if layer.sinks is None else float(layer.sinks[head])
    shares = softmax(np.append(capped + mask, sink_score))
    weights = shares[:-1]
    values = None if layer.value is None else layer.value[group].astype(np.float64)
    weighted = None if values is None else weights[:, None] * values
    output = None if weighted is None else weighted.sum(axis=0)
    return Anatomy(
        query=query,
        keys=keys,
        product=product,
        raw=raw,
        scale=factor,
        scaled=raw * factor,
        bias=bias,
        capped=capped,
        mask=mask,
        weights=weights,
        sink_score=sink_score,
        sink=float(shares[-1]),
        values=values,
        weighted=weighted,
        output=output,
        entropy=bits(shares),
        gradient=jacobian_size(shares),
    )


def _bias(layer: AttentionLayer, head: int, row: int) -> Floats:
    assert layer.key is not None
    if layer.bias is None:
        return np.zeros(layer.key.shape[1])
    of = layer.bias[head if layer.bias.shape[0] > 1 else 0]
    line = of[row if of.shape[0] > 1 else 0].astype(np.float64)
    return np.broadcast_to(line, (layer.key.shape[1],))


def softmax(scores: Floats) -> Floats:
    """Along the last axis; a row that may look nowhere is all zero."""
    top = scores.max(axis=-1, keepdims=True)
    weight = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    total = weight.sum(axis=-1, keepdims=True)
    return weight / np.where(total == 0, 1.0, total)


def bits(shares: Floats) -> float:
    """Entropy in bits."""
    seen = shares[shares > 0]
    return float(-(seen * np.log2(seen)).sum())


def jacobian_size(shares: Floats) -> float:
    """||diag(p) - p p^T||_F = sqrt(sum p^2 - 2 sum p^3 + (sum p^2)^2): 0 where the softmax is saturated."""
    square = (shares**2).sum()
    return float(np.sqrt(max(0.0, square - 2 * (shares**3).sum() + square**2)))


@dataclass(frozen=True)
class Scaling:
    """By width d: standard deviation of the scores, mean entropy (bits) and mean softmax gradient of a row,
    with the division by sqrt(d) and without. Each array is [2, len(widths)], row 0 divided."""

    widths: tuple[int, ...]
    spread: Floats
    entropy: Floats
    gradient: Floats


def scaling(widths: tuple[int, ...], keys: int = 32, draws: int = 200, seed: int = 0) -> Scaling:
    """Why scores are divided (Vaswani et al. 2017, section 3.2.1): q and k ~ N(0, 1) give q.k a deviation of sqrt(d).

    Undivided, the softmax saturates as d grows, and its gradient dies. Trained models need not have such q and k.
    """
    if not widths or min(widths) < 1:
        raise ValueError(f"widths must be 1 or more, got {widths}")
    random = np.random.default_rng(seed)
    spread, entropy, gradient = (np.zeros((2, len(widths))) for _ in range(3))
    for column, width in enumerate(widths):
        query = random.standard_normal((draws, 1, width))
        scores = (query * random.standard_normal((draws, keys, width))).sum(axis=-1)
        for line, factor in enumerate((width**-0.5, 1.0)):
            rows = softmax(scores * factor)
            spread[line, column] = (scores * factor).std()
            entropy[line, column] = np.mean([bits(row) for row in rows])
            gradient[line, column] = np.mean([jacobian_size(row) for row in rows])
    return Scaling(tuple(widths), spread, entropy, gradient)


def split_heads(x: NDArray[np.floating], heads: int, how: str = "into") -> NDArray[np.floating]:
    """Cut the width of x [T, D] into heads, [n, T, d].

    "into" cuts INTO `heads` chunks of width D / heads, which is multi-head attention. "of size" cuts chunks OF
    SIZE `heads`, which makes D / heads heads of width `heads`: the slip of handing num_heads to a split by size.
    """
    if how not in ("into", "of size"):
        raise ValueError(f"how must be one of into, of size, got {how!r}")
    length, width = x.shape
    if heads < 1 or width % heads:
        raise ValueError(f"the width must be a multiple of the heads, got {width} and {heads}")
    count = heads if how == "into" else width // heads
    return x.reshape(length, count, width // count).transpose(1, 0, 2)


def split_maps(
    query: NDArray[np.floating], key: NDArray[np.floating], heads: int, how: str = "into"
) -> NDArray[np.float64]:
    """The maps [n, T, T] that follow from a split of query and key [T, D]; each head divides by its own sqrt(d)."""
    queries, keys = (split_heads(np.asarray(x, dtype=np.float64), heads, how) for x in (query, key))
    return softmax(queries @ keys.transpose(0, 2, 1) * queries.shape[-1] ** -0.5)
