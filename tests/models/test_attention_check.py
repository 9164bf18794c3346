"""Verifying a bundled model: agreement with torch's kernel, and a fault that must be noticed."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from models import load
from models.lens import attention_check
from models.trace import AttentionRecord

TEXT = "the plot is thin but the actors are great"


@pytest.mark.parametrize("name", ["sentiment-transformer", "sentiment-hybrid", "agreement-transformer"])
def test_every_map_of_every_layer_is_compared(name: str) -> None:
    model = load(name, "cpu")
    found = attention_check.difference(model, TEXT)
    record = model.trace(TEXT).attention
    assert found.heads == sum(layer.heads for layer in record.of())
    assert 0 < found.maps < 1e-5
    assert found.hidden < 1e-4


def test_two_exchanged_heads_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    model = load("sentiment-transformer", "cpu")
    trace = model.trace(TEXT)
    layers = trace.attention.of()
    swapped = replace(layers[0], query=layers[0].query[::-1], key=layers[0].key[::-1])
    record = AttentionRecord({"encoder": (swapped, *layers[1:])})
    false = SimpleNamespace(
        trace=lambda text: replace(trace, attention=record),
        **{name: getattr(model, name) for name in ("card", "embed", "ids", "network")},
    )
    found = attention_check.difference(false, TEXT)
    assert found.maps > 0.01
    assert found.hidden > 0.01


def test_a_model_without_attention_is_refused() -> None:
    with pytest.raises(ValueError, match="has no attention to verify"):
        attention_check.difference(load("sentiment-lstm", "cpu"), TEXT)


def test_values_of_bundled_models_are_those_that_the_layer_mixes() -> None:
    model = load("sentiment-transformer", "cpu")
    trace = model.trace(TEXT)
    block, layer = model.network.blocks[0], trace.attention.of()[0]
    mixed = np.concatenate([layer.map(head) @ layer.value[head] for head in range(layer.heads)], axis=-1)
    with torch.no_grad():
        normed = block.before_mix(torch.from_numpy(trace.hidden[:1]))
        np.testing.assert_allclose(block.mix.out(torch.from_numpy(mixed)), block.mix(normed, None)[0], atol=1e-5)
    assert trace.gates is None
