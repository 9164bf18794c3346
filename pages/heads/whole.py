"""Every weight of every head as arrays: the maps, or, where those are too many, what they are rebuilt from."""

import numpy as np

from models.trace import AttentionLayer
from pages.heads import measures

CELLS = 16_000_000  # weights in one file: 64 MB
FORMULA = (
    "weights[h] = softmax over keys of score[h]; score[h] = query[h] @ key[h // (heads // key groups)].T * scale + "
    "bias[h]; softcap c: c * tanh(score / c); -inf where allowed is false; sinks[h] is one more logit of the softmax, "
    "left out of the map. In float64, then rounded to float32. *_as_layer: the array of that layer."
)
SHARED = ("allowed", "bias")


def fits(layers: tuple[AttentionLayer, ...]) -> bool:
    """Whether all maps go into one file; finished maps always do, since they are in memory as they are."""
    return all(layer.exact is not None for layer in layers) or count(layers) <= CELLS


def count(layers: tuple[AttentionLayer, ...]) -> int:
    """How many weights there are, over all layers and heads."""
    return sum(layer.heads * int(np.prod(measures.size(layer))) for layer in layers)


def arrays(layers: tuple[AttentionLayer, ...], numbers: list[str]) -> dict[str, np.ndarray]:
    """layer_n [H, Tq, Tk] a layer where they fit; else its query, key and all that shapes the softmax, and FORMULA."""
    if fits(layers):
        return {
            f"layer_{number}": np.stack([layer.map(head) for head in range(layer.heads)])
            for number, layer in zip(numbers, layers, strict=True)
        }
    found: dict[str, np.ndarray] = {"formula": np.array(FORMULA)}
    owners: dict[int, str] = {}
    for number, layer in zip(numbers, layers, strict=True):
        found |= {f"layer_{number}_{name}": value for name, value in _own(layer).items()}
        for name in SHARED:
            value = getattr(layer, name)
            if value is None:
                continue
            owner = owners.setdefault(id(value), number)
            suffix, kept = (name, value) if owner == number else (f"{name}_as_layer", np.array(int(owner)))
            found[f"layer_{number}_{suffix}"] = kept
    return found


def hint(layers: tuple[AttentionLayer, ...]) -> str:
    """What the button says where the maps do not fit; else nothing."""
    if fits(layers):
        return ""
    return (
        f"All {count(layers) / 1e6:,.0f} million weights would take {count(layers) * 4 / 1e6:,.0f} MB. Saved are "
        "queries and keys, from which each weight is rebuilt exactly; the formula is inside."
    )


def _own(layer: AttentionLayer) -> dict[str, np.ndarray]:
    """What belongs to one layer alone."""
    parts = {name: getattr(layer, name) for name in ("query", "key", "scale", "softcap", "sinks")}
    return {name: np.asarray(value) for name, value in parts.items() if value is not None}
