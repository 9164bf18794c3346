"""The recorded maps of a bundled model beside its own attention weights, computed by torch on another path."""

from typing import TYPE_CHECKING

import numpy as np

from models.lens import mixing

if TYPE_CHECKING:
    from models.sequence import SequenceModel


def difference(model: "SequenceModel", text: str) -> float:
    """max |difference| over layers and cells: maps rebuilt from queries and keys in float64 by numpy, averaged over
    heads, against torch's float32 softmax averaged over heads. It cannot tell two heads that were exchanged."""
    record = model.trace(text).attention
    if record is None:
        raise ValueError(f"{model.card.title} has no attention to verify")
    own = mixing.weights(model, text)
    worst = 0.0
    for layer in record.of():
        rebuilt = np.mean([layer.map(head) for head in range(layer.heads)], axis=0)
        worst = max(worst, float(np.abs(rebuilt - own[layer.index]).max()))
    return worst
