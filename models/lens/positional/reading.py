"""Learned codes and biases read out of weights in the Hugging Face layout, without loading the model."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.lens.positional.sinusoid import Values
from models.pretrained.tokens import SHIFTED

# how such weights are called, by the end of their names: BERT, GPT-2, BART, ViT, and the bundled networks; T5
PLACES = ("position_embeddings.weight", "wpe.weight", "embed_positions.weight", "positions.table")
PATCHES = (".position_embeddings", "places")
BIASES = (".relative_attention_bias.weight", ".mix.near")
READABLE = ("F16", "F32", "F64", "BF16")
LATE = ("bart", "mbart", "plbart", "mvp", "opt", "biogpt", "trocr")  # position 0 is row 2 of their tables


@dataclass(frozen=True)
class Table:
    """values: codes [T, D], row p for position p, or biases [buckets, H]; key: the weight's name in the model's file.

    part    "encoder" or "decoder" where the name says so; folder: where the model lies
    grid    rows and columns of patches where the codes are a picture's; the class token's code is then left out
    both    whether biases are for keys on both sides, or for earlier keys only
    trained the longest row of training where that is known: buckets that it never met are NaN
    """

    name: str
    title: str
    key: str
    values: Values
    part: str = ""
    folder: Path | None = None
    grid: tuple[int, int] | None = None
    both: bool = True
    trained: int | None = None


def of_folder(name: str, title: str, folder: Path, ends: tuple[str, ...]) -> tuple[Table, ...]:
    """The tables of one model, its encoder's and its decoder's apart; a decoder's biases are for earlier keys only."""
    found: dict[str, Table] = {}
    for path in sorted(folder.glob("*.safetensors")):
        for part, key, values in _arrays(path, ends):
            grid, rows = patches(values) if ends is PATCHES else (None, values)
            rows = rows[_unused(folder) :] if ends is PLACES else rows
            found.setdefault(part, Table(name, title, key, rows, part, folder, grid, part != "decoder"))
    return tuple(found.values())


def of_file(path: Path, ends: tuple[str, ...]) -> tuple[str, Values] | None:
    """Name and values of the first such weight of one file: a bundled network's first layer."""
    return next(((key, values) for _, key, values in _arrays(path, ends)), None)


def _arrays(path: Path, ends: tuple[str, ...]) -> list[tuple[str, str, Values]]:
    """Part, name and values [rows, columns] of the first such weight of each part of a network."""
    from safetensors import safe_open

    found: dict[str, tuple[str, str, Values]] = {}
    with safe_open(path, "numpy") as stored:
        for key in sorted(stored.keys()):
            named = re.search(r"(?:^|\.)(encoder|decoder)\.", key)
            part = named[1] if named else ""
            if key.endswith(ends) and part not in found and (kind := stored.get_slice(key).get_dtype()) in READABLE:
                raw = brain(path, key) if kind == "BF16" else stored.get_tensor(key)
                values = np.asarray(raw, dtype=np.float64)
                found[part] = (part, key, values.reshape(-1, values.shape[-1]))
    return list(found.values())


def brain(path: Path, key: str) -> np.ndarray:
    """A bfloat16 tensor as float32, which NumPy lacks: its 16 bits are the upper half of a float32's."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        facts = json.loads(file.read(size))[key]
        start, end = facts["data_offsets"]
        file.seek(8 + size + start)
        halves = np.frombuffer(file.read(end - start), dtype="<u2")
    return (halves.astype(np.uint32) << 16).view(np.float32).reshape(facts["shape"])


def _unused(folder: Path) -> int:
    """Rows before the code of position 0: RoBERTa's kin count from padding_idx + 1, BART's from 2."""
    path = folder / "config.json"
    facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if facts.get("model_type") in SHIFTED:
        return int(facts.get("pad_token_id", 1)) + 1
    return 2 if facts.get("model_type") in LATE else 0


def patches(values: Values) -> tuple[tuple[int, int] | None, Values]:
    """Rows and columns of a square of patches and their codes without the class token's; None where there is none."""
    side = round(max(0, len(values) - 1) ** 0.5)
    return ((side, side), values[1:]) if side * side == len(values) - 1 else (None, values)
