"""Frozen dataclasses of arrays to and from one .npz file: no pickle, only the classes named here."""

import dataclasses
import io
import json
from importlib import import_module
from typing import Any

import numpy as np

# class -> the module that has it, imported when the class is met: the first page waits for none that it does not need
HOMES = {
    "Reading": "models.reading",
    **dict.fromkeys(("Trace", "Axis", "AttentionRecord", "AttentionLayer"), "models.trace"),
    "Influence": "models.lens.influence",
    "Flow": "models.lens.gradient_flow",
    "Cost": "models.lens.cost",
    **dict.fromkeys(("Recording", "Track"), "models.live.record"),
    "Setup": "models.live.setup",
}


def to_bytes(value: Any) -> bytes:
    """Compressed npz; arrays keep their dtype and bits."""
    arrays: dict[str, np.ndarray] = {}
    outline = json.dumps(_outline(value, arrays))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, outline=np.array(outline), **arrays)
    return buffer.getvalue()


def from_bytes(content: bytes) -> Any:
    """What `to_bytes` was given."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    return _rebuild(json.loads(str(arrays["outline"])), arrays)


def _known(name: str) -> type:
    if name not in HOMES:
        raise ValueError(f"a stored class must be one of {', '.join(HOMES)}, got {name!r}")
    found: type = getattr(import_module(HOMES[name]), name)
    return found


def _outline(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(value, np.ndarray):
        arrays[f"a{len(arrays)}"] = value
        return {"array": f"a{len(arrays) - 1}"}
    if dataclasses.is_dataclass(value):
        _known(type(value).__name__)
        fields = {f.name: _outline(getattr(value, f.name), arrays) for f in dataclasses.fields(value)}
        return {"class": type(value).__name__, "fields": fields}
    if isinstance(value, dict):
        return {"dict": {key: _outline(item, arrays) for key, item in value.items()}}
    if isinstance(value, tuple | list):
        return {"tuple": [_outline(item, arrays) for item in value]}
    return value


def _rebuild(outline: Any, arrays: dict[str, np.ndarray]) -> Any:
    if not isinstance(outline, dict):
        return outline
    if "array" in outline:
        return arrays[outline["array"]]
    if "class" in outline:
        return _known(outline["class"])(**{k: _rebuild(v, arrays) for k, v in outline["fields"].items()})
    if "dict" in outline:
        return {key: _rebuild(item, arrays) for key, item in outline["dict"].items()}
    return tuple(_rebuild(item, arrays) for item in outline["tuple"])
