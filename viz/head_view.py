"""The head view as a payload: the strongest keys of each query and what they leave out, a set a head."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from viz.labels import raw_piece, visible
from viz.payload import pack

LEVELS = 65_535  # a weight of 1 as uint16: steps of 0.000015
MOST_TOKENS, LISTED = 65_536, 20
NO_PIECES: tuple[Sequence[str], Sequence[str]] = ((), ())


@dataclass(frozen=True)
class Links:
    """The `top` greatest weights of each row of one map [Tq, Tk], greatest first.

    keys, weights  [Tq, top]  where they point and how much they hold
    hidden         [Tq]       mass of the row that is not among them
    missing        [Tq]       1 - sum of the row: a sink, dropped keys, or a row that may look nowhere
    """

    keys: np.ndarray
    weights: np.ndarray
    hidden: np.ndarray
    missing: np.ndarray


def strongest(weights: np.ndarray, top: int) -> Links:
    """The links of one map; undefined weights (NaN) count as none, equal ones that are kept stand in key order."""
    if top < 1:
        raise ValueError(f"wanted at least one line a query; got {top}")
    known = np.nan_to_num(np.asarray(weights, dtype=np.float32))
    count = min(top, known.shape[1])
    kept = np.sort(np.argpartition(-known, count - 1, axis=1)[:, :count], axis=1)
    values = np.take_along_axis(known, kept, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    keys, values = np.take_along_axis(kept, order, axis=1), np.take_along_axis(values, order, axis=1)
    total = known.sum(axis=1, dtype=np.float64)
    hidden = np.clip(total - values.sum(axis=1, dtype=np.float64), 0, 1)
    return Links(keys, values, hidden, np.clip(1 - total, 0, 1))


def strongest_list(
    queries: Sequence[str], keys: Sequence[str], links: Mapping[str, Links], count: int = LISTED
) -> list[tuple[str, int, str, int, str, float]]:
    """The figure in words: (head, query index, query, key index, key, weight), greatest weights of all heads first."""
    rows = []
    for name, of in links.items():
        flat = of.weights.ravel()
        first = np.sort(np.argpartition(-flat, min(count, len(flat)) - 1)[:count])
        for at in first[np.argsort(-flat[first], kind="stable")]:
            query, place = divmod(int(at), of.weights.shape[1])
            key = int(of.keys[query, place])
            rows.append((name, query, queries[query], key, keys[key], float(flat[at])))
    return sorted(rows, key=lambda row: -row[-1])[:count]


def payload(
    queries: Sequence[str],
    keys: Sequence[str],
    maps: Mapping[str, np.ndarray],
    top: int = 8,
    marked: int | None = None,
    names: tuple[str, str] = ("query", "key"),
    pieces: tuple[Sequence[str], Sequence[str]] = NO_PIECES,
) -> bytes:
    """Tokens and the links of several heads for the component; `marked` is a query shown alone at first.

    `names` heads the two columns; `pieces` are the raw pieces of both, said with a chosen token.
    Positions in texts count from 1.
    Per head, in the order of `maps`: keys and weights uint16 [Tq, top], hidden and missing mass uint16 [Tq].
    """
    _check(queries, keys, maps, marked)
    links = {name: strongest(weights, top) for name, weights in maps.items()}
    arrays = []
    for each in links.values():
        arrays += [each.keys.astype(np.uint16), *map(_levels, (each.weights, each.hidden, each.missing))]
    meta = {
        "queries": [visible(token) for token in queries],
        "keys": [visible(token) for token in keys],
        "heads": list(maps),
        "names": list(names),
        "pieces": [raw_pieces(*side) for side in zip((queries, keys), pieces, strict=True)],
        "top": min(top, len(keys)),
        "marked": marked,
        "strongest": [
            [name, f"{query + 1} {visible(word)}", f"{key + 1} {visible(seen)}", f"{weight:.3f}"]
            for name, query, word, key, seen, weight in strongest_list(queries, keys, links)
        ],
    }
    return pack(meta, *arrays)


def raw_pieces(tokens: Sequence[str], pieces: Sequence[str]) -> list[str]:
    """The raw piece of each token, "" where it has none or is its own; columns beside the keys have none."""
    found = [raw_piece(token, pieces, at) for at, token in enumerate(tokens[: len(pieces)])]
    return found + [""] * (len(tokens) - len(found))


def _check(queries: Sequence[str], keys: Sequence[str], maps: Mapping[str, np.ndarray], marked: int | None) -> None:
    if not maps or not queries or not keys:
        raise ValueError(f"wanted tokens and at least one map; got {len(queries)}, {len(keys)} and {len(maps)} maps")
    if max(len(queries), len(keys)) > MOST_TOKENS:
        raise ValueError(f"wanted at most {MOST_TOKENS} tokens; got {len(queries)} and {len(keys)}")
    for name, weights in maps.items():
        if np.shape(weights) != (len(queries), len(keys)):
            raise ValueError(f"{name}: wanted weights of shape {(len(queries), len(keys))}; got {np.shape(weights)}")
    if marked is not None and not 0 <= marked < len(queries):
        raise ValueError(f"marked query must be from 0 to {len(queries) - 1}; got {marked}")


def _levels(shares: np.ndarray) -> np.ndarray:
    """Shares from 0 to 1 as uint16."""
    return np.rint(np.clip(shares, 0, 1) * LEVELS).astype(np.uint16)
