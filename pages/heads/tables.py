"""Numbers of the view \"Patterns\" as tables and short texts."""

import numpy as np

from models.lens.attention import PATTERNS
from pages.heads import measures
from pages.heads.measures import Measured
from pages.heads.subject import Subject
from pages.heads.words import SUNK, called

EVEN, SHUFFLED = "uniform", "shuffled"  # the two baselines, as they follow a pattern's name
SINK = "of “first”, sink"


def summary(found: tuple[Measured, ...]) -> str:
    """How many heads have which pattern."""
    named = [called(layer.patterns, head) for layer in found for head in range(layer.patterns.scores.shape[1])]
    each = sorted({(named.count(name), name) for name in named}, reverse=True)
    return ", ".join(f"{count} {name}" for count, name in each)


def between(values: list[float]) -> str:
    """One number, or the range over layers."""
    known = [value for value in values if np.isfinite(value)]
    if not known:
        return "no such cell"
    low, high = min(known), max(known)
    return f"{low:.0%}" if high - low < 0.005 else f"{low:.0%} to {high:.0%}"


def counts(found: tuple[Measured, ...]) -> str:
    """How many queries the scores average, from the rarest pattern to the commonest."""
    queries = found[0].patterns.queries
    return f"{queries.min()} to {queries.max()}"


def rows(
    subject: Subject,
    kind: str,
    found: tuple[Measured, ...],
    numbers: list[str],
    mixed: tuple[Measured, ...] | None = None,
    baselines: bool = False,
) -> dict[str, list]:
    """The table's columns: layer, head, key group, reach, name, a score a pattern, distance, entropy.

    With `baselines` a score is followed by an even head's; with `mixed` by the same head's for shuffled tokens.
    """
    layers = subject.attention.of(kind)
    heads = [(place, head) for place, layer in enumerate(layers) for head in range(layer.heads)]
    table: dict[str, list] = {
        "layer": [int(numbers[place]) for place, _ in heads],
        "head": [head + 1 for _, head in heads],
        "pattern": [called(found[place].patterns, head) for place, head in heads],
    }
    if any(layer.key is not None and layer.key.shape[0] != layer.heads for layer in layers):
        table["key group"] = [layers[place].group(head) + 1 for place, head in heads]
    if len({layer.span for layer in layers}) > 1:
        table["sees"] = [layers[place].span for place, _ in heads]
    for at, name in enumerate(PATTERNS):
        table[name] = [_plain(found[place].patterns.scores[at, head]) for place, head in heads]
        if baselines:
            table[f"{name}, {EVEN}"] = [_plain(found[place].patterns.baseline[at]) for place, _ in heads]
        if mixed:
            table[f"{name}, {SHUFFLED}"] = [_plain(mixed[place].patterns.scores[at, head]) for place, head in heads]
    if any((layer.patterns.sink >= SUNK).any() for layer in found):
        table[SINK] = [float(found[place].patterns.sink[head]) for place, head in heads]
    table["entropy, bits"] = [float(found[place].entropy[head]) for place, head in heads]
    if all(layer.distance is not None for layer in found):
        keys = subject.sides(kind, measures.size(layers[0]))[1]
        table[f"distance, {measures.unit(keys)[1]}"] = [float(distance(found[place])[head]) for place, head in heads]
    return table


def arrays(found: tuple[Measured, ...], mixed: tuple[Measured, ...] | None = None) -> dict[str, np.ndarray]:
    """patterns [P] by name, baseline [P, L] of an even head; of all heads, layer by layer, scores [P, heads], sink and
    entropy [heads]; with `mixed` those of shuffled tokens too."""
    numbers = {
        "patterns": np.array(list(PATTERNS)),
        "scores": np.concatenate([layer.patterns.scores for layer in found], axis=1),
        "baseline": np.stack([layer.patterns.baseline for layer in found], axis=1),
        "sink": np.concatenate([layer.patterns.sink for layer in found]),
        "entropy": np.concatenate([layer.entropy for layer in found]),
    }
    if mixed:
        numbers["shuffled_scores"] = np.concatenate([layer.patterns.scores for layer in mixed], axis=1)
        numbers["shuffled_entropy"] = np.concatenate([layer.entropy for layer in mixed])
    return numbers


def padded(layers: list[np.ndarray]) -> np.ndarray:
    """[L, most heads]: NaN where a layer has fewer heads."""
    most = max(len(layer) for layer in layers)
    return np.stack([np.pad(layer, (0, most - len(layer)), constant_values=np.nan) for layer in layers])


def _plain(score: float) -> float | None:
    return float(score) if np.isfinite(score) else None


def distance(layer: Measured) -> np.ndarray:
    """Distances [H] of a layer that has them."""
    assert layer.distance is not None
    return layer.distance
