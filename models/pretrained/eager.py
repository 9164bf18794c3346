"""The model's own attention maps, as it computes them itself: the yardstick, and the way for models that
do not go through the attention interface."""

import copy
import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor, nn

from models.pretrained.capture import NAME
from models.pretrained.reach import bare, layer_types, of_layer
from models.pretrained.record import numpy
from models.pretrained.stopping import before_each_layer
from models.trace import AttentionLayer, AttentionRecord, Bools, Floats

OTHER = re.compile(r"linear|mamba|conv|recurrent|ssm")


def with_own_attention(network: Any) -> Any:
    """The network itself, set to compute its maps in its own eager way and to ask before each layer whether the run is
    still wanted; done once, before anyone shares it."""
    before_each_layer(network)
    if network.config._attn_implementation != "eager":
        network.set_attn_implementation("eager")
    return network


def without_cache(config: Any) -> None:
    """No key-value cache in plain runs; generation asks for one itself."""
    for one in {id(part): part for part in (config, config.get_text_config())}.values():
        if hasattr(one, "use_cache"):
            one.use_cache = False


def capturing_twin(network: nn.Module) -> Any:
    """A second model over the same weights (no copy) that answers through the recording attention function."""
    shared = {id(tensor): tensor for tensor in itertools.chain(network.parameters(), network.buffers())}
    twin: Any = copy.deepcopy(network, shared)
    twin.set_attn_implementation(NAME)
    return twin


def own_maps(outputs: Any, causal: bool) -> dict[str, Sequence[Tensor]]:
    """kind -> maps [1, H, Tq, Tk] a layer, from the outputs of an eager run; a kind without maps is left out."""
    named = {
        "encoder": outputs.get("encoder_attentions"),
        "decoder": outputs.get("decoder_attentions"),
        "cross": outputs.get("cross_attentions"),
    }
    if outputs.get("attentions"):
        named["decoder" if causal else "encoder"] = outputs["attentions"]
    return {kind: [one for one in of if one is not None] for kind, of in named.items() if of}


def own_record(maps: Mapping[str, Sequence[Tensor]], config: Any, note: str) -> AttentionRecord:
    """A record of finished maps. Banded ones (Longformer) are unrolled to [Tq, Tk]."""
    attending = [i for i, name in enumerate(layer_types(config)) if not OTHER.search(name)]
    layers = {}
    for kind, of in maps.items():
        places = attending if kind != "cross" and len(attending) == len(of) else list(range(len(of)))
        layers[kind] = tuple(_finished(kind, weights, config, at) for weights, at in zip(of, places, strict=True))
    return AttentionRecord(layers, "eager", note, bare(itertools.chain(*layers.values()), config))


def _finished(kind: str, weights: Tensor, config: Any, place: int) -> AttentionLayer:
    """One finished layer; decoders see no later key, a band and a local layer their windows.

    A window that the configuration states is believed where no weight lies outside it.
    """
    if weights.shape[0] != 1:
        raise ValueError(f"this model attends in {weights.shape[0]} separate windows, which make no single map")
    array = numpy(weights[0])
    if getattr(config, "model_type", "") == "longformer":
        reach = banded(array.shape[1], array.shape[2])
        window = f"window of {array.shape[2]}"
        return AttentionLayer(kind, None, None, allowed=reach, exact=unroll(array), index=place, span=window)
    seen = np.tri(*array.shape[1:]).astype(np.bool_) if kind == "decoder" else None
    span = "cross" if kind == "cross" else "full"
    stated = of_layer(config, place, kind == "encoder") if kind != "cross" else None
    if stated is not None and not array[:, ~(inside := stated.cells(*array.shape[1:]))].any():
        seen, span = inside if seen is None else seen & inside, stated.span
    return AttentionLayer(kind, None, None, allowed=seen, exact=array, index=place, span=span)


def banded(length: int, width: int) -> Bools:
    """[T, T]: keys at most (width - 1) / 2 away."""
    place = np.arange(length)
    return np.abs(place[:, None] - place) <= width // 2


def unroll(band: Floats) -> Floats:
    """A band [H, T, w + 1], whose column c is key i + c - w / 2, as [H, T, T]."""
    heads, length, width = band.shape
    if width % 2 == 0:
        raise ValueError("this model adds global positions to its windows, whose maps are not drawn")
    full = np.zeros((heads, length, length + width - 1), dtype=band.dtype)
    for query in range(length):
        full[:, query, query : query + width] = band[:, query]
    return np.ascontiguousarray(full[:, :, width // 2 : width // 2 + length])
