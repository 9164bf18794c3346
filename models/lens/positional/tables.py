"""Codes and biases that a model learned, read from its weights without loading the model."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from models.cards import WEIGHTS, cards
from models.lens.positional.sinusoid import Values

# the ends of the names that such weights have: BERT, GPT-2, BART and ViT; the bundled networks; T5
CODES = (
    "position_embeddings.weight",
    "wpe.weight",
    "embed_positions.weight",
    ".position_embeddings",
    "positions.table",
)
BIASES = ("relative_attention_bias.weight", "mix.bias.weight")
READABLE = ("F16", "F32", "F64")


@dataclass(frozen=True)
class Table:
    """values: codes [T, D] or biases [buckets, H]; key: the weight's name in the model's file.

    grid: rows and columns of patches where the codes are a picture's; the class token's code is then left out.
    """

    name: str
    title: str
    key: str
    values: Values
    grid: tuple[int, int] | None = None


def codes() -> tuple[str, ...]:
    """Names of the models at hand that have a learned table of positions; the largest first."""
    return tuple(table.name for table in sorted(_all(CODES), key=lambda table: -table.values.size))


def biases() -> tuple[str, ...]:
    """Names of the models at hand that have learned biases by offset."""
    return tuple(table.name for table in _all(BIASES))


def learned(name: str) -> Table:
    """The table or the biases of one model; ValueError where it has none or is not here."""
    found = {table.name: table for table in (*_all(CODES), *_all(BIASES))}
    if name not in found:
        known = ", ".join(found) or "none"
        raise ValueError(f"no learned positions of {name!r} are at hand; there are: {known}")
    return found[name]


@cache
def _all(ends: tuple[str, ...]) -> tuple[Table, ...]:
    return tuple(table for name, title, path in _files() if (table := read(path, ends, name, title)))


def _files() -> Iterator[tuple[str, str, Path]]:
    """Name, title and weights of every model that needs no network: the packaged one, the bundled ones, the cached."""
    from models.pretrained import offline
    from models.pretrained.places import locate

    for name in offline():
        place = locate(name)
        for path in sorted(place.folder.glob("*.safetensors")):
            yield name, place.title, path
    for card in cards():
        yield card.name, card.title, WEIGHTS / f"{card.name}.safetensors"


def read(path: Path, ends: tuple[str, ...], name: str = "", title: str = "") -> Table | None:
    """The first weight of a file whose name ends so; None where there is none in a type that NumPy has."""
    from safetensors import safe_open

    with safe_open(path, "numpy") as stored:
        for key in stored.keys():  # noqa: SIM118 - not a dictionary
            if key.endswith(ends) and stored.get_slice(key).get_dtype() in READABLE:
                values = np.asarray(stored.get_tensor(key), dtype=np.float64)
                return _table(name, title, key, values.reshape(-1, values.shape[-1]))
    return None


def _table(name: str, title: str, key: str, values: Values) -> Table:
    """A table of patches loses the class token's row where the rest is a square."""
    side = round((len(values) - 1) ** 0.5)
    patches = key.endswith(".position_embeddings") and side * side == len(values) - 1
    return Table(name, title, key, values[1:] if patches else values, (side, side) if patches else None)
