"""Rollout by values and by gradients, against closed forms, finite differences and the models' own answers."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models import load
from models.lens import attention_flow
from models.trace import AttentionLayer
from tests.models.pretrained_folders import byte_tokenizer, classifier, save, word_tokenizer, writer

TEXT = "the plot is thin but the actors are great"


def test_a_long_value_counts_more_than_a_short_one() -> None:
    even = np.full((1, 3, 3), 1 / 3, dtype=np.float32)
    values = np.array([[[3.0, 4.0], [0.0, 0.0], [0.0, 15.0]]], dtype=np.float32)  # lengths 5, 0, 15
    layer = AttentionLayer("encoder", None, None, exact=even, value=values)
    np.testing.assert_allclose(attention_flow.by_value(layer), [[0.25, 0, 0.75]] * 3)


def test_heads_add_as_parts_of_one_vector() -> None:
    maps = np.array([[[0.6, 0.4], [0.0, 1.0]], [[0.8, 0.2], [0.0, 1.0]]], dtype=np.float32)
    values = np.ones((2, 2, 1), dtype=np.float32)
    layer = AttentionLayer("encoder", None, None, exact=maps, value=values)
    parts = np.hypot(maps[0], maps[1])
    np.testing.assert_allclose(attention_flow.by_value(layer), parts / parts.sum(axis=1, keepdims=True), rtol=1e-6)


def test_it_is_the_norm_of_what_a_key_adds_to_the_heads_output() -> None:
    trace = load("sentiment-transformer", "cpu").trace(TEXT)
    layer = trace.attention.of()[1]
    added = np.stack([layer.map(head)[:, :, None] * layer.value[head][None] for head in range(layer.heads)], axis=2)
    norms = np.linalg.norm(added.reshape(*added.shape[:2], -1), axis=-1)
    np.testing.assert_allclose(attention_flow.by_value(layer), norms / norms.sum(axis=1, keepdims=True), atol=1e-6)


def test_relevance_of_two_layers_by_hand() -> None:
    first = np.array([[[0.5, 0.5], [0.0, 1.0]]])
    second = np.array([[[0.25, 0.75], [0.5, 0.5]]])
    gradient = np.array([[[2.0, -1.0], [1.0, 1.0]]])
    one, two = np.maximum(0, first * gradient)[0], np.maximum(0, second * gradient)[0]
    whole = (np.eye(2) + two) @ (np.eye(2) + one) - np.eye(2)
    expected = whole / whole.sum(axis=1, keepdims=True)
    found = attention_flow.relevance([first, second], [gradient, gradient])
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert not attention_flow.relevance([first], [-np.ones((1, 2, 2))]).any()


@pytest.mark.parametrize("name", ["sentiment-transformer", "sentiment-hybrid", "agreement-transformer"])
def test_the_pass_with_weights_in_the_graph_gives_the_models_own_answer(name: str) -> None:
    model = load(name, "cpu")
    maps, logits, read = attention_flow._bundled(model, TEXT)
    run = model.run(model.embed(model.ids(TEXT)))
    np.testing.assert_allclose(logits.detach(), run.logits[0], atol=1e-5)
    layers = model.trace(TEXT).attention.of()
    assert len(maps) == len(layers)
    for found, layer in zip(maps, layers, strict=True):
        np.testing.assert_allclose(found[0, 1].detach(), layer.map(1), atol=1e-6)
    assert read == (len(model.trace(TEXT).tokens) - 1 if model.network.readout == "last" else None)


def test_gradients_are_the_slope_of_the_answer_along_a_weight() -> None:
    """Moving mass e from one key to another in the last layer moves the score by e (g_j - g_k)."""
    model = load("sentiment-transformer", "cpu")
    weights, slopes, _ = attention_flow.gradients(model, TEXT)
    network, step = model.network, 1e-3
    last = network.blocks[-1]

    def score(moved: np.ndarray) -> float:
        with torch.no_grad():
            trace = torch.from_numpy(model.trace(TEXT).hidden[len(network.blocks) - 1][None])
            _, _, value = last.mix.split(last.before_mix(trace))
            x = trace + last.mix.out((torch.from_numpy(moved)[None] @ value).transpose(1, 2).flatten(2))
            x = x + last.feed(last.before_feed(x))
            logits = network.head(network.read(network.norm(x), None))[0]
            return float(logits[int(model.run(model.embed(model.ids(TEXT))).logits[0].argmax())])

    moved = weights[-1].copy()
    moved[2, 4, 1] += step
    moved[2, 4, 6] -= step
    change = (score(moved) - score(weights[-1])) / step
    assert change == pytest.approx(slopes[-1][2, 4, 1] - slopes[-1][2, 4, 6], rel=0.05, abs=1e-3)


def test_pretrained_models_by_class_and_by_next_token(tmp_path: Path) -> None:
    reads = load(str(save(tmp_path / "reader", classifier(), word_tokenizer())), "cpu")
    writes = load(str(save(tmp_path / "writer", writer(), byte_tokenizer())), "cpu")
    for model, last in ((reads, False), (writes, True)):
        weights, slopes, read = attention_flow.gradients(model, "the cat sat")
        layers = model.trace("the cat sat").attention.of()
        np.testing.assert_allclose(weights[1][1], layers[1].map(1), atol=1e-5)
        assert [one.shape for one in slopes] == [one.shape for one in weights]
        assert read == (len(weights[0][0]) - 1 if last else 0)
        assert np.abs(slopes[-1]).max() > 0
    if_last = attention_flow.relevance(*attention_flow.gradients(writes, "the cat sat")[:2])
    assert not np.triu(if_last, 1).any()


def test_what_has_no_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="has no attention"):
        attention_flow.gradients(load("sentiment-lstm", "cpu"), TEXT)
    with pytest.raises(ValueError, match="kept no values"):
        attention_flow.by_value(AttentionLayer("encoder", None, None, exact=np.ones((1, 1, 1), np.float32)))
    with pytest.raises(ValueError, match="wanted one gradient a map; got 1 maps and 0 gradients"):
        attention_flow.relevance([np.ones((1, 2, 2))], [])
