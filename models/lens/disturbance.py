"""Position codes moved while the words stay: how far do the attention maps and the answer follow?

normal    each token has the code of its own place
removed   no token has a code
shuffled  the codes of the text's places, dealt out anew
shifted   each token has the code of a place `by` further on

Codes are passed in as arguments; the model is never changed. Works for models that ADD codes to their embeddings:
the bundled transformers (sinusoidal) and models of the BERT family (a learned table).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.trace import Trace

if TYPE_CHECKING:
    from torch import nn

KINDS = ("normal", "removed", "shuffled", "shifted")


def places(kind: str, length: int, seed: int = 0, by: int = 0) -> list[int]:
    """Whose code each of `length` tokens gets; 0 .. length - 1 under "normal" and "removed"."""
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    if kind == "shuffled":
        return np.random.default_rng(seed).permutation(length).tolist()
    start = by if kind == "shifted" else 0
    return list(range(start, start + length))


def trace(model: Any, text: str, kind: str, seed: int = 0, by: int = 0) -> Trace:
    """One run with the position codes of `kind`; seed: of the shuffle; by: places of the shift."""
    if hasattr(model, "network"):
        length = len(model.encode(text))
        return model.trace(text, places=places(kind, length, seed, by), coded=kind != "removed")
    return _pretrained(model, text, kind, seed, by)


def _pretrained(model: Any, text: str, kind: str, seed: int, by: int) -> Trace:
    """A BERT adds P[position_ids] to what it is given: to remove it, P is taken off the word embeddings first."""
    import torch

    table = code_table(model)
    prepared = model.prepare(text)
    tensors = dict(prepared.tensors)
    length = tensors["input_ids"].shape[1]
    where = places(kind, length, seed, by)
    if max(where) >= len(table.weight):
        most = len(table.weight) - length
        raise ValueError(f"{model.card.title} has codes for {len(table.weight)} places: shift by at most {most}.")
    at = torch.tensor([where], device=table.weight.device)
    tensors["position_ids"] = at
    if kind == "removed":
        words = model.own.get_input_embeddings()
        with torch.inference_mode():
            tensors["inputs_embeds"] = words(tensors.pop("input_ids")) - table(at)
    return model.trace_tensors(replace(prepared, tensors=tensors))


def code_table(model: Any) -> nn.Module:
    """The learned table of position codes of a BERT-like model."""
    embeddings = getattr(getattr(model.own, "base_model", None), "embeddings", None)
    table = getattr(embeddings, "position_embeddings", None)
    if table is None or not hasattr(table, "weight"):
        raise ValueError(f"{model.card.title} adds no table of position codes that could be moved.")
    return table


def maps_moved(before: Trace, after: Trace) -> NDArray[np.float64]:
    """[L, H]: total variation between two runs' attention rows, mean over queries; 0 equal, 1 nothing in common."""
    first, second = _layers(before), _layers(after)
    pairs = zip(first, second, strict=True)
    return np.array([[_variation(a.map(head), b.map(head)) for head in range(a.heads)] for a, b in pairs])


def from_uniform(run: Trace) -> NDArray[np.float64]:
    """[L, H]: total variation between each row and even attention over all keys, mean over queries; a yardstick."""
    return np.array([[_variation(a.map(h), 1 / a.map(h).shape[1]) for h in range(a.heads)] for a in _layers(run)])


def answer_moved(before: Trace, after: Trace) -> tuple[float, str]:
    """How far the output moves, 0..1 or 0..2, and what that number is.

    Total variation of the class probabilities; for a model without classes 1 - cosine of the mean last states.
    """
    if before.output:
        gap = sum(abs(before.output[label] - after.output[label]) for label in before.output)
        return 0.5 * gap, "total variation of the output"
    first, second = before.hidden[-1].mean(axis=0), after.hidden[-1].mean(axis=0)
    cosine = float(first @ second / (np.linalg.norm(first) * np.linalg.norm(second)))
    return 1 - cosine, "1 − cosine of the mean last states"


def _variation(first: NDArray, second: NDArray | float) -> float:
    return float(0.5 * np.abs(first.astype(np.float64) - second).sum(axis=-1).mean())


def _layers(run: Trace) -> tuple:
    if run.attention is None:
        raise ValueError("this model has no attention whose maps could be compared")
    return run.attention.of()
