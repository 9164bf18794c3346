"""The recorded maps of a bundled model beside what torch's own attention does with the same input, head by head."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.trace import AttentionLayer

if TYPE_CHECKING:
    from models.sequence import SequenceModel


@dataclass(frozen=True)
class Checked:
    """maps: max |difference| of weights over `heads` maps; hidden: max |difference| of what the layers hand on."""

    maps: float
    hidden: float
    heads: int


def difference(model: "SequenceModel", text: str) -> Checked:
    """Maps rebuilt from queries and keys in float64 by numpy, against torch's own float32 attention kernel.

    The kernel gives its weights when the identity matrix stands for the values: sum_j A_ij e_j = A_i. What a layer
    hands on, W_O [A_1 V_1; ...; A_H V_H] from the rebuilt maps, is compared with the layer's own output, so that two
    exchanged heads are noticed.
    """
    import torch

    record = model.trace(text).attention
    if record is None:
        raise ValueError(f"{model.card.title} has no attention to verify")
    layers = {layer.index: layer for layer in record.of()}
    maps = hidden = 0.0
    with torch.no_grad():
        x = model.embed(model.ids(text))
        x = x if model.network.positions is None else model.network.positions(x)
        for index, block in enumerate(model.network.blocks):
            if index in layers:
                found = _layer(layers[index], block.mix, block.before_mix(x))
                maps, hidden = max(maps, found[0]), max(hidden, found[1])
            x = block(x, None)
    return Checked(maps, hidden, sum(layer.heads for layer in layers.values()))


def _layer(layer: AttentionLayer, mix: Any, x: Any) -> tuple[float, float]:
    """(weights, output): the largest differences of one layer for its input x [1, T, D]."""
    import torch

    query, key, value = mix.split(x)
    added = mix.added(x, None) if hasattr(mix, "added") else None
    identity = torch.eye(x.shape[1], device=x.device).expand(1, layer.heads, -1, -1)
    kernel = torch.nn.functional.scaled_dot_product_attention(query, key, identity, attn_mask=added)[0].cpu().numpy()
    rebuilt = np.stack([layer.map(head) for head in range(layer.heads)])
    weights = torch.from_numpy(rebuilt).to(value)[None]
    output = mix.out((weights @ value).transpose(1, 2).flatten(2))
    return float(np.abs(rebuilt - kernel).max()), float((output - mix(x, None)).abs().max())
