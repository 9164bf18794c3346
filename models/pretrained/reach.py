"""What a configuration says each layer sees: everything, a window, a chunk, or no key at all (linear, recurrent)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.trace import AttentionLayer, Bools

SLIDING, CHUNKED = ("sliding_attention", "local"), "chunked_attention"
WINDOWS = ("sliding_window", "window_size")


@dataclass(frozen=True)
class Reach:
    """How far one layer's queries see: `size` keys at most, the query's own included; in a window or in its chunk."""

    size: int
    chunked: bool = False
    both_sides: bool = False

    @property
    def span(self) -> str:
        """As in `AttentionLayer.span`."""
        if self.chunked:
            return f"chunks of {self.size}"
        return f"window of {2 * self.size - 1 if self.both_sides else self.size}"

    def cells(self, queries: int, keys: int) -> Bools:
        """[Tq, Tk]: what lies inside, before any causal mask."""
        query, key = np.arange(queries)[:, None], np.arange(keys)
        if self.chunked:
            return np.asarray(query // self.size == key // self.size)
        return np.asarray((np.abs(query - key) if self.both_sides else query - key) < self.size)


def layer_types(config: Any) -> tuple[str, ...]:
    """What the configuration calls each layer: "full_attention", "sliding_attention", "linear_attention" ..."""
    text = config.get_text_config()
    named = getattr(text, "layer_types", None) or getattr(text, "attention_layers", None)
    return tuple(named) if isinstance(named, list | tuple) else ()


def of_layer(config: Any, place: int, both_sides: bool) -> Reach | None:
    """The bounded reach that the configuration states for a layer; None where it states none."""
    text, named = config.get_text_config(), layer_types(config)[place : place + 1]
    if named == (CHUNKED,):
        size = getattr(text, "attention_chunk_size", None)
        return Reach(int(size), chunked=True) if size else None
    size = next((getattr(text, name) for name in WINDOWS if isinstance(getattr(text, name, None), int)), None)
    return Reach(size, both_sides=both_sides) if size and named and named[0] in SLIDING else None


def bare(layers: Iterable[AttentionLayer], config: Any) -> dict[int, str]:
    """Depth, from 0, -> kind of each layer of a hybrid that left no attention map."""
    seen = {layer.index for layer in layers if layer.kind != "cross"}
    return {at: name.replace("_", " ") for at, name in enumerate(layer_types(config)) if at not in seen}


def without_attention(missing: dict[int, str]) -> tuple[str, ...]:
    """A note that names those layers, counted from 1, and their kinds."""
    if not missing:
        return ()
    kinds = ", ".join(sorted(set(missing.values())))
    return (f"Layers {', '.join(str(at + 1) for at in missing)} have no attention map ({kinds}).",)
