"""Codes and biases that a model at hand learned: packaged, left in the cache by the hub, or bundled. No network."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from models.cards import WEIGHTS, ModelCard, cards
from models.lens.positional.bias import t5_met
from models.lens.positional.reading import BIASES, PATCHES, PLACES, Table, of_file, of_folder, patches
from models.pretrained.places import Stored, stored

__all__ = ["BIASES", "PATCHES", "PLACES", "Table", "biases", "codes", "words"]


def codes(grid: bool = False) -> tuple[Table, ...]:
    """Learned tables of the models at hand, of squares of patches with `grid`; the largest first."""
    found = [table for table in _read(PATCHES if grid else PLACES, stored()) if bool(table.grid) == grid]
    return tuple(sorted(found, key=lambda one: -one.values.size))


def biases() -> tuple[Table, ...]:
    """Learned biases by offset of the models at hand, those of an encoder and of a decoder apart."""
    return _read(BIASES, stored())


@lru_cache(maxsize=16)
def _read(ends: tuple[str, ...], places: tuple[Stored, ...]) -> tuple[Table, ...]:
    """Read anew when a model is added to the cache or changes there; a broken file is not at hand."""
    from safetensors import SafetensorError

    found: list[Table] = []
    for place in places:
        try:
            found += of_folder(place.name, place.title, place.folder, ends)
        except (OSError, SafetensorError, ValueError):
            continue
    return (*found, *(table for card in cards() if (table := _bundled(card, ends)) is not None))


def _bundled(card: ModelCard, ends: tuple[str, ...]) -> Table | None:
    """The table of a bundled network's first layer; buckets of T5 that its training never met are NaN."""
    path = WEIGHTS / f"{card.name}.safetensors"
    found = of_file(path, ends) if path.is_file() else None
    if found is None:
        return None
    key, values = found
    both, trained = not card.settings.get("causal", False), card.settings.get("places")
    if ends is BIASES and trained is not None:
        values = np.where(t5_met(trained, both, len(values))[:, None], values, np.nan)
    grid, values = patches(values) if ends is PATCHES else (None, values)
    return Table(card.name, card.title, key, values, grid=grid, both=both, trained=trained)


def words(table: Table, text: str) -> tuple[str, ...]:
    """What stands at positions 0, 1, ... when the table's own model reads the text; empty without its tokenizer."""
    path = table.folder / "tokenizer.json" if table.folder else None
    if path is None or not path.is_file():
        return ()
    cut = _tokenizer(path, path.stat().st_mtime_ns).encode(text)
    spans = zip(cut.tokens, cut.offsets, strict=True)
    return tuple(text[start:end].strip() or token for token, (start, end) in spans)


@lru_cache(maxsize=8)
def _tokenizer(path: Path, changed: int) -> Any:
    """A tokenizer as stored, neither padding nor cutting off."""
    from tokenizers import Tokenizer

    found = Tokenizer.from_file(str(path))
    found.no_padding()
    found.no_truncation()
    return found
