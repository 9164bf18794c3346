"""Two rollouts that do not take weights at their word: one also measures the values, one also asks the gradient.

Plain rollout multiplies weights. A large weight on a short value vector hands on little (Kobayashi et al. 2020), and a
large weight need not touch the answer (Chefer et al. 2021). Drawn beside each other, they show where they disagree.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.trace import AttentionLayer

if TYPE_CHECKING:
    from torch import Tensor

Maps = NDArray[np.floating]
LONGEST = 512  # tokens: all maps of all layers are held at once, with their gradients


def by_value(layer: AttentionLayer) -> NDArray[np.float64]:
    """Shares [T, T] of what each key hands on: || concat_h a^h_ij v^h_j || = sqrt(sum_h (a^h_ij |v^h_j|)^2), rows
    divided by their sums.

    Kobayashi et al. 2020 take the norm after the output matrix W_O, which this leaves out: equal where W_O turns
    without stretching. A row without any mass stays zero.
    """
    if layer.value is None:
        raise ValueError("this layer kept no values, so weights cannot be measured by them")
    lengths = np.linalg.norm(layer.value.astype(np.float64), axis=-1)
    square = sum((layer.map(head) * lengths[layer.group(head)]) ** 2 for head in range(layer.heads))
    parts = np.sqrt(np.asarray(square, dtype=np.float64))
    total = parts.sum(axis=-1, keepdims=True)
    return np.divide(parts, total, out=np.zeros_like(parts), where=total > 0)


def relevance(weights: Sequence[Maps], gradients: Sequence[Maps]) -> NDArray[np.float32]:
    """R [T, T] of Chefer et al. 2021: from R = I, layer by layer R <- R + B R, B = mean_h max(0, dy/dA^h * A^h).

    weights and gradients are [H, T, T], first layer first; y is one answer's score. What comes back is R - I with rows
    divided by their sums; a row through which no answer passes is zero. Only the row that y is read from speaks of y.
    """
    if len(weights) != len(gradients) or not weights:
        raise ValueError(f"wanted one gradient a map; got {len(weights)} maps and {len(gradients)} gradients")
    total = np.eye(weights[0].shape[-1])
    for weight, gradient in zip(weights, gradients, strict=True):
        if weight.shape != gradient.shape or weight.ndim != 3 or weight.shape[1] != weight.shape[2]:
            raise ValueError(f"wanted maps and gradients [H, T, T]; got {weight.shape} and {gradient.shape}")
        total = total + np.maximum(0, weight.astype(np.float64) * gradient).mean(axis=0) @ total
    added = total - np.eye(len(total))
    sums = added.sum(axis=-1, keepdims=True)
    return np.divide(added, sums, out=np.zeros_like(added), where=sums > 0).astype(np.float32)


def gradients(model: Any, given: Any) -> tuple[list[Maps], list[Maps], int | None]:
    """(weights, dy/dweights, read), [H, T, T] a layer: y is the score (logit) of the model's own answer, and `read`
    the position it is read from, None where all positions are pooled.

    ValueError for models without an answer, with an encoder and a decoder, or for more than 512 tokens.
    """
    import torch

    with torch.enable_grad():
        maps, logits, read = _bundled(model, given) if hasattr(model, "network") else _pretrained(model, given)
        found = torch.autograd.grad(logits.max(), maps)
    return [_array(one) for one in maps], [_array(one) for one in found], read


def _array(tensor: "Tensor") -> Maps:
    return np.asarray(tensor[0].detach().float().cpu().numpy())


def _fits(length: int) -> None:
    if length > LONGEST:
        raise ValueError(f"gradients of all maps are taken to {LONGEST} tokens; this input has {length:,}")


def _bundled(model: Any, text: str) -> tuple[list["Tensor"], "Tensor", int | None]:
    """The network's own forward pass with the weights as nodes of the graph; every step as in `zoo.network.Block`."""
    ids = model.ids(text)
    _fits(ids.shape[1])
    network, maps = model.network, []
    x = model.embed(ids).detach().requires_grad_()
    x = x if network.positions is None else network.positions(x)
    for block in network.blocks:
        normed = block.before_mix(x)
        if hasattr(block.mix, "split"):
            query, key, value = block.mix.split(normed)
            score = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5
            added = block.mix.added(normed, None) if hasattr(block.mix, "added") else None
            maps.append((score if added is None else score + added).softmax(dim=-1))
            mixed = block.mix.out((maps[-1] @ value).transpose(1, 2).flatten(2))
        else:
            mixed = block.mix(normed, None)
        x = x + mixed
        x = x + block.feed(block.before_feed(x))
    if not maps:
        raise ValueError(f"{model.card.title} has no attention")
    logits = network.head(network.read(network.norm(x), None))
    return maps, logits[0], ids.shape[1] - 1 if network.readout == "last" else None


def _pretrained(model: Any, given: Any) -> tuple[list["Tensor"], "Tensor", int | None]:
    """The model's own eager run over embeddings or pixels that ask for a gradient."""
    if model.paired or model.takes == "sound":
        raise ValueError("gradients of maps are taken for models that read one text or one picture")
    tensors = dict(model.prepare(given).tensors)
    if model.takes == "text":
        ids = tensors.pop("input_ids")
        _fits(ids.shape[1])
        tensors["inputs_embeds"] = model.own.get_input_embeddings()(ids).detach().requires_grad_()
    else:
        tensors["pixel_values"] = tensors["pixel_values"].detach().requires_grad_()
    outputs = model.own(**tensors, output_attentions=True)
    logits = outputs.get("logits")
    if logits is None:
        raise ValueError(f"{model.card.title} gives no answer (no classes, no next token) to take a gradient of")
    maps = [one for one in outputs.get("attentions") or () if one is not None]
    if not maps or any(one.shape[-1] != one.shape[-2] for one in maps):
        raise ValueError(f"{model.card.title} publishes no square maps to take a gradient by")
    _fits(maps[0].shape[-1])
    writes = logits.dim() == 3
    last = writes or model.causal  # classes of a model that looks back only are read from its last token
    return maps, logits[0, -1] if writes else logits[0], maps[0].shape[-1] - 1 if last else 0
