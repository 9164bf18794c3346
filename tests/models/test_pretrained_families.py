"""Contract: on every family the recorded maps equal the model's own eager maps within 1e-5, or it says why not."""

from typing import Any

import numpy as np
import pytest
import torch
import transformers as hf

from models.lens.positional import alibi_slopes
from models.pretrained import check, eager, room, run
from models.pretrained.inputs import Prepared
from models.pretrained.model import PretrainedModel
from tests.models.pretrained_families import AIMED, BERT, FAMILIES, LENGTH, PAIR, VIT, build, card, model, tensors

SHOWN = [name for name, family in FAMILIES.items() if family.kinds]
RECORDED = [name for name, family in FAMILIES.items() if family.route == "recorded"]


@pytest.mark.parametrize("name", FAMILIES)
def test_route_kinds_and_spans(name: str) -> None:
    family, one = FAMILIES[name], model(name)
    trace = one.trace_tensors(Prepared(tensors(one.own)))
    assert one.route == family.route, one.agreement.reason
    if not family.kinds:
        assert trace.attention is None
        assert trace.notes
        return
    assert trace.attention.kinds == family.kinds
    if family.spans:
        assert tuple(layer.span for layer in trace.attention.of()) == family.spans


@pytest.mark.parametrize("name", SHOWN)
def test_maps_equal_the_eager_maps_of_the_network_itself(name: str) -> None:
    one = model(name)
    given = tensors(one.own)
    with torch.inference_mode():
        own = build(name)(**given, output_attentions=True)
    trace = one.trace_tensors(Prepared(given))
    published = eager.own_maps(own, one.causal)
    for kind, of in published.items():
        assert len(trace.attention.of(kind)) == len(of)
        for layer, weights in enumerate(of):
            found = weights[0].numpy()
            if name == "longformer":
                found = eager.unroll(found)
            for head in range(len(found)):
                got = trace.attention.map(layer, head, kind)
                np.testing.assert_allclose(got, found[head], rtol=0, atol=1e-5)
    assert set(published) == set(trace.attention.kinds)


@pytest.mark.parametrize("name", SHOWN)
def test_no_weight_lies_where_a_layer_says_it_does_not_look(name: str) -> None:
    one = model(name)
    record = one.trace_tensors(Prepared(tensors(one.own))).attention
    for layer in (layer for kind in record.kinds for layer in record.of(kind)):
        maps = np.stack([layer.map(head) for head in range(layer.heads)])
        seen = (
            np.ones(maps.shape[1:], bool) if layer.allowed is None else np.broadcast_to(layer.allowed, maps.shape[1:])
        )
        assert not maps[:, ~seen].any()
        size = int(layer.span.rpartition(" ")[2]) if " of " in layer.span else maps.shape[2]
        assert seen.sum(axis=1).max() == min(size, maps.shape[2])


def test_chunks_end_at_their_own_border() -> None:
    layer = model("llama4").trace_tensors(Prepared(tensors(model("llama4").own))).attention.of("decoder")[0]
    places = np.arange(LENGTH)
    same = places[:, None] // 5 == places // 5
    np.testing.assert_array_equal(layer.allowed, same & (places <= places[:, None]))


def test_bloom_adds_its_slopes_times_the_place_of_the_key() -> None:
    network = build("bloom")
    given = tensors(network)
    heads, width = 5, 4
    with torch.inference_mode():
        transformer = network.transformer
        states = transformer.word_embeddings_layernorm(transformer.word_embeddings(given["input_ids"]))
        block = transformer.h[0]
        fused = block.self_attention.query_key_value(block.input_layernorm(states))[0]
    query, key, _ = fused.view(LENGTH, heads, 3, width).permute(2, 1, 0, 3).double().numpy()
    score = query @ key.transpose(0, 2, 1) / width**0.5 + alibi_slopes(heads)[:, None, None] * np.arange(LENGTH)
    score = np.where(np.tri(LENGTH, dtype=bool), score, -np.inf)
    weights = np.exp(score) / np.exp(score).sum(axis=-1, keepdims=True)
    record = model("bloom").trace_tensors(Prepared(given)).attention
    for head in range(heads):
        np.testing.assert_allclose(record.map(0, head), weights[head], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", RECORDED)
def test_hidden_states_are_those_of_the_eager_run(name: str) -> None:
    one = model(name)
    given = tensors(one.own)
    with torch.inference_mode():
        own = build(name)(**given, output_hidden_states=True)
    trace = one.trace_tensors(Prepared(given))
    np.testing.assert_allclose(trace.hidden, run.stacked(run.states(own, "decoder")), rtol=0, atol=1e-4)


def test_rows_of_a_model_with_sinks_sum_below_one_by_the_sinks_share() -> None:
    one = model("gpt-oss")
    layer = one.trace_tensors(Prepared(tensors(one.own))).attention.of("decoder")[1]
    for head in range(layer.heads):
        score = layer.scores(head)
        sink = np.exp(layer.sinks[head]) / (np.exp(score).sum(axis=1) + np.exp(layer.sinks[head]))
        np.testing.assert_allclose(1 - layer.map(head).sum(axis=1), sink, atol=1e-6)
        assert layer.map(head).sum(axis=1).min() < 0.98


def test_a_softcap_bounds_every_score() -> None:
    one = model("gemma2")
    layer = one.trace_tensors(Prepared(tensors(one.own))).attention.of("decoder")[0]
    seen = layer.scores(0)[layer.allowed]
    assert np.abs(seen).max() < 1.5
    raw = layer.query[0].astype(float) @ layer.key[layer.group(0)].astype(float).T * layer.scale
    assert np.abs(raw[layer.allowed]).max() > 1.5


def test_window_of_five_lets_a_query_see_itself_and_four_before() -> None:
    one = model("mistral")
    layer = one.trace_tensors(Prepared(tensors(one.own))).attention.of("decoder")[0]
    places = np.arange(LENGTH)
    behind = places[:, None] - places
    np.testing.assert_array_equal(layer.allowed, (behind >= 0) & (behind < 5))


def test_query_heads_of_a_group_read_the_same_keys() -> None:
    one = model("llama")
    layer = one.trace_tensors(Prepared(tensors(one.own))).attention.of("decoder")[0]
    assert [layer.group(head) for head in range(6)] == [0, 0, 0, 1, 1, 1]


def test_a_hybrid_keeps_the_depth_of_its_one_attention_layer() -> None:
    one = model("qwen3-next")
    trace = one.trace_tensors(Prepared(tensors(one.own)))
    assert [layer.index for layer in trace.attention.of("decoder")] == [3]
    assert trace.notes == ("Layers 1, 2, 3 have no attention map (linear attention).",)


def test_longformer_band_is_the_softmax_over_its_own_window() -> None:
    network = build("longformer")
    given = tensors(network)
    one = model("longformer")
    inside = network.encoder.layer[0].attention.self
    with torch.inference_mode():
        x = network.embeddings(given["input_ids"])
        query, key = inside.query(x)[0, :, :10], inside.key(x)[0, :, :10]
        score = (query @ key.T / 10**0.5).numpy()
    places = np.arange(LENGTH)
    score = np.where(np.abs(places[:, None] - places) <= 2, score, -np.inf)
    weights = np.exp(score) / np.exp(score).sum(axis=1, keepdims=True)
    got = one.trace_tensors(Prepared(given)).attention.map(0, 0)
    np.testing.assert_allclose(got, weights, atol=1e-6)


def test_cross_attention_joins_target_rows_to_source_columns() -> None:
    one = model("bart")
    trace = one.trace_tensors(Prepared(tensors(one.own)))
    weights = trace.attention.map(1, 1, "cross")
    query, key = trace.sides("cross")
    assert weights.shape == (len(query.tokens), len(key.tokens)) == (AIMED, LENGTH)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)


def test_a_wrong_map_is_noticed_and_the_eager_route_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    from models.pretrained import capture

    def tripled(recorder: capture.Recorder, call: capture.Call) -> None:
        recorder.calls.append(capture.Call(**{**vars(call), "scale": 3 * call.scale}))

    monkeypatch.setattr(capture, "_keep", tripled)
    one = PretrainedModel(build("bert"), card("bert"))
    assert one.route == "eager"
    assert "maps differ" in one.agreement.reason
    trace = one.trace_tensors(Prepared(tensors(one.own)))
    assert trace.attention.route == "eager"
    assert trace.notes


def test_an_output_that_drops_the_sinks_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    from models.pretrained import capture

    def careless(call: capture.Call) -> torch.Tensor:
        return sdpa_attention_forward(call.module, call.query, call.key, call.value, call.mask, scaling=call.scale)[0]

    monkeypatch.setattr(capture, "_capped", careless)
    assert "hidden states differ" in PretrainedModel(build("gpt-oss"), card("gpt-oss")).agreement.reason


@pytest.mark.parametrize(
    ("build_one", "sentence"),
    [
        (
            lambda: hf.CLIPModel(
                hf.CLIPConfig(text_config={**BERT, "max_position_embeddings": 31}, vision_config=VIT, projection_dim=13)
            ),
            "one .* takes an input that this page cannot make, .* it reads text and pictures together",
        ),
        (
            lambda: hf.Speech2TextForConditionalGeneration(
                hf.Speech2TextConfig(**PAIR, max_source_positions=60, max_target_positions=19)
            ),
            "features of sound are not those of Whisper",
        ),
    ],
)
def test_an_input_that_cannot_be_made_is_said_so(build_one: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        PretrainedModel(build_one().eval(), card("one"))


def test_own_maps_that_do_not_fit_are_refused_before_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    bloom, bert = model("bloom"), model("bert")
    given, other = tensors(bloom.own), tensors(bert.own)
    whole = 4 * 5 * LENGTH**2 * (3 + 3)  # three layers of five heads, and three copies of one on the way
    monkeypatch.setattr(room, "free_memory", lambda: whole)
    assert bloom.trace_tensors(Prepared(given)).attention.route == "eager"
    monkeypatch.setattr(room, "free_memory", lambda: whole - 1)
    with pytest.raises(ValueError, match=r"own attention maps of this input need about 0\.0 GB, 0\.0 GB are free"):
        bloom.trace_tensors(Prepared(given))
    monkeypatch.setattr(room, "free_memory", lambda: 1)
    assert bert.trace_tensors(Prepared(other)).attention.route == "recorded"
    with pytest.raises(ValueError, match="shorten the input"):
        bert._agreement(other)  # what `verify` runs


def test_room_follows_the_length_of_each_side() -> None:
    sides = {"encoder": [(2, 11, 11)], "decoder": [(3, 7, 7)], "cross": [(3, 7, 11)]}
    at = 4 * (2 * 13 * 13 + 3 * 5 * 5 + 3 * 5 * 13) + room.SCRATCH * 4 * 2 * 13 * 13
    assert room.needed(sides, {"encoder": 13, "decoder": 5}) == at
    heard = 4 * (2 * 11 * 11 + 3 * 5 * 5 + 3 * 5 * 11) + room.SCRATCH * 4 * 2 * 11 * 11
    assert room.needed(sides, {"decoder": 5}) == heard  # frames of sound are always as many
    assert room.needed({"decoder": [(12, 11, 11)] * 12}, {"decoder": 4096}) == 4 * 12 * 4096**2 * 15


@pytest.mark.parametrize(
    "fault", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("DefaultCPUAllocator: can't allocate memory")]
)
def test_a_memory_that_runs_full_has_a_sentence(fault: Exception) -> None:
    with pytest.raises(ValueError, match="not enough memory for this input"), room.within():
        raise fault
    with pytest.raises(RuntimeError, match="another"), room.within():
        raise RuntimeError("another")


def test_hidden_states_are_compared_on_their_own_scale() -> None:
    def outputs(value: float) -> run.Run:
        return run.Run({"hidden_states": (torch.tensor([[[value, 1.0]]]),)})

    assert check._hidden(outputs(1000.0), outputs(1000.5)) == pytest.approx(0.5 / 1000)
    assert check._hidden(outputs(0.5), outputs(0.25)) == pytest.approx(0.25)
