"""Codes and biases that a model learned, read from its weights without loading the model."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from models.cards import WEIGHTS, cards
from models.lens.positional.sinusoid import Values

# how such weights are called, by the end of their names: BERT, GPT-2, BART, ViT, and the bundled networks; T5
PLACES = ("position_embeddings.weight", "wpe.weight", "embed_positions.weight", "positions.table")
PATCHES = (".position_embeddings", "places")
BIASES = ("relative_attention_bias.weight", ".mix.near")
READABLE = ("F16", "F32", "F64")


@dataclass(frozen=True)
class Table:
    """values: codes [T, D] or biases [buckets, H]; key: the weight's name in the model's file.

    grid: rows and columns of patches where the codes are a picture's; the class token's code is then left out.
    both: whether biases are for keys on both sides, or for earlier keys only.
    """

    name: str
    title: str
    key: str
    values: Values
    grid: tuple[int, int] | None = None
    both: bool = True


def codes(grid: bool = False) -> tuple[str, ...]:
    """Names of the models at hand with a learned table, of a square of patches with `grid`; the largest first."""
    found = [table for table in _all(PATCHES if grid else PLACES) if bool(table.grid) == grid]
    return tuple(table.name for table in sorted(found, key=lambda one: -one.values.size))


def biases() -> tuple[str, ...]:
    """Names of the models at hand that have learned biases by offset."""
    return tuple(table.name for table in _all(BIASES))


def learned(name: str) -> Table:
    """The table or the biases of one model; ValueError where it has none or is not here."""
    found = {table.name: table for kind in (PLACES, PATCHES, BIASES) for table in _all(kind)}
    if name not in found:
        raise ValueError(f"no learned positions of {name!r} are at hand; there are: {', '.join(found) or 'none'}")
    return found[name]


@cache
def _all(ends: tuple[str, ...]) -> tuple[Table, ...]:
    return tuple(table for name, title, path, both in _files() if (table := read(path, ends, name, title, both)))


def _files() -> Iterator[tuple[str, str, Path, bool]]:
    """Name, title, weights and direction of all models that need no network: packaged, in the cache, bundled."""
    from models.pretrained import offline
    from models.pretrained.places import locate

    for name in offline():
        try:
            place = locate(name)
        except ValueError:  # a half-fetched model is not at hand
            continue
        for path in sorted(place.folder.glob("*.safetensors")):
            yield name, place.title, path, True
    for card in cards():
        path = WEIGHTS / f"{card.name}.safetensors"
        if path.is_file():
            yield card.name, card.title, path, not card.settings.get("causal", False)


def read(path: Path, ends: tuple[str, ...], name: str = "", title: str = "", both: bool = True) -> Table | None:
    """The first weight of a file whose name ends so; None where there is none in a type that NumPy has."""
    from safetensors import safe_open

    with safe_open(path, "numpy") as stored:
        for key in sorted(stored.keys()):
            if key.endswith(ends) and stored.get_slice(key).get_dtype() in READABLE:
                values = np.asarray(stored.get_tensor(key), dtype=np.float64)
                values = values.reshape(-1, values.shape[-1])
                grid = _grid(len(values) - 1) if ends is PATCHES else None
                return Table(name, title, key, values[1:] if grid else values, grid, both)
    return None


def _grid(patches: int) -> tuple[int, int] | None:
    """Rows and columns of a square of patches."""
    side = round(max(0, patches) ** 0.5)
    return (side, side) if side * side == patches else None
