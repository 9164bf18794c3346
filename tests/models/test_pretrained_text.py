"""Tokens as typed, generation over the cache, sampling, cancelling, and two threads on one model."""

import itertools
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.lens import influence
from models.pretrained import Limits, eager, load, run
from models.pretrained.generate import generate
from models.pretrained.inputs import Prepared
from models.pretrained.model import PretrainedModel
from models.pretrained.sampling import chances, step
from models.pretrained.stopping import Cancelled, asking
from models.pretrained.wishes import Settings
from tests.models.pretrained_families import FAMILIES, build, model, tensors
from tests.models.pretrained_folders import byte_tokenizer, classifier, save, translator, word_tokenizer, writer

WRITES = [name for name, family in FAMILIES.items() if "decoder" in family.kinds]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> PretrainedModel:
    return load(str(save(tmp_path_factory.mktemp("reader"), classifier(), word_tokenizer())), "cpu")


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> PretrainedModel:
    return load(str(save(tmp_path_factory.mktemp("author"), writer(), byte_tokenizer())), "cpu")


def test_bytes_of_one_character_are_numbered_and_raw_pieces_kept(author: PretrainedModel) -> None:
    axis = author.encode("the 猫 🙂\ncat")
    assert axis.tokens == (
        *("the", "␣", "猫 1/3", "猫 2/3", "猫 3/3", "␣"),
        *("🙂 1/4", "🙂 2/4", "🙂 3/4", "🙂 4/4", "⏎", "cat"),
    )
    assert axis.pieces[1:5] == ("Ġ", "ç", "Į", "«")
    assert not any(axis.special)


def test_what_the_model_adds_is_special_and_the_unknown_is_only_unknown(reader: PretrainedModel) -> None:
    trace = reader.trace("the zebra sat")
    assert trace.tokens == ("[CLS]", "the", "zebra", "sat", "[SEP]")
    assert trace.known == (True, True, False, True, True)
    assert trace.sides("encoder")[0].special == (True, False, False, False, True)
    assert trace.sides("encoder")[0].pieces[2] == "[UNK]"


def test_a_pair_keeps_the_words_of_both_texts(reader: PretrainedModel) -> None:
    assert reader.encode(("the cat", "a dog sat")).tokens == (
        "[CLS]",
        "the",
        "cat",
        "[SEP]",
        "a",
        "dog",
        "sat",
        "[SEP]",
    )
    swapped = [reader.trace(pair).hidden[0] for pair in (("the cat", "the cat"), ("the cat the", "cat"))]
    assert swapped[0].shape == swapped[1].shape
    assert np.abs(swapped[0] - swapped[1]).max() > 1e-3


@pytest.mark.parametrize("given", ["", "  \n", 7, ("a",) * 3, None])
def test_what_is_no_text(reader: PretrainedModel, given: Any) -> None:
    with pytest.raises(ValueError, match=r"text"):
        reader.trace(given)


def test_bounds_of_the_model_and_of_the_page(reader: PretrainedModel) -> None:
    assert reader.trace("the " * 21).hidden.shape[1] == 23
    with pytest.raises(ValueError, match="this model takes at most 23 tokens, got 24"):
        reader.trace("the " * 22)
    small = PretrainedModel(classifier(), reader.card, reader.processors, Limits(tokens=7))
    with pytest.raises(ValueError, match="this page takes at most 7 tokens, got 8"):
        small.trace("the " * 6)


def test_the_same_text_gives_the_same_trace(reader: PretrainedModel) -> None:
    first, again = reader.trace("the cat sat"), reader.trace("the cat sat")
    np.testing.assert_array_equal(first.hidden, again.hidden)
    np.testing.assert_array_equal(first.attention.map(2, 1), again.attention.map(2, 1))


def test_threads_on_one_model_never_mix(reader: PretrainedModel) -> None:
    texts = ["the cat sat", "a dog saw the cat and the mat", "on the mat , a cat sat .", "dog"]
    alone = [reader.trace(text) for text in texts]
    start, wrong = threading.Barrier(len(texts)), []

    def ask(text: str, expected: Any) -> None:
        start.wait()
        for _ in range(25):
            got = reader.trace(text)
            same = got.tokens == expected.tokens and len(got.attention.of()) == 3
            if not (same and np.array_equal(got.attention.map(1, 0), expected.attention.map(1, 0))):
                wrong.append(text)

    threads = [threading.Thread(target=ask, args=pair) for pair in zip(texts, alone, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_run_can_be_cancelled_between_layers(reader: PretrainedModel) -> None:
    asked = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) == 2

    with pytest.raises(Cancelled):
        reader.trace("the cat", stop=stop)
    assert len(asked) == 2
    assert len(reader.trace("the cat").attention.of()) == 3


def after(layers: int) -> Any:
    """A stop that lets so many questions pass."""
    asked = itertools.count()
    return lambda: next(asked) >= layers


def test_every_way_of_running_can_be_cancelled() -> None:
    bloom, bart = model("bloom"), model("bart")
    assert bloom.route == "eager"
    text, source = (tensors(one.own) for one in (bloom, bart))
    del source["decoder_input_ids"]
    for one, job in (
        (bloom, lambda stop: bloom.trace_tensors(Prepared(text), stop=stop)),  # its own eager maps, 3 layers
        (bloom, lambda stop: bloom._agreement(text)),  # what `verify` runs
        (bloom, lambda stop: generate(bloom, Prepared(text), Settings(tokens=5))),
        (bart, lambda stop: generate(bart, Prepared(source), Settings(tokens=5))),
    ):
        for layers in (0, 2, 9 if one is bart else 3):
            stop = after(layers)
            with pytest.raises(Cancelled), asking(stop):
                job(stop)
    assert len(generate(bloom, Prepared(text), Settings(tokens=5)).steps) == 5


def test_a_stop_is_asked_in_its_own_thread_alone(reader: PretrainedModel) -> None:
    inside, outside = threading.Event(), threading.Event()

    def stop() -> bool:
        inside.set()
        outside.wait(20)
        return True

    ended: list[type] = []

    def other() -> None:
        try:
            reader.trace("the cat", stop=stop)
        except Cancelled as fault:
            ended.append(type(fault))

    thread = threading.Thread(target=other)
    thread.start()
    assert inside.wait(20)
    assert len(reader.trace("the cat").attention.of()) == 3
    outside.set()
    thread.join()
    assert ended == [Cancelled]


def test_values_are_kept_only_on_demand_and_rebuild_the_layer(reader: PretrainedModel) -> None:
    assert reader.trace("the cat").attention.of()[0].value is None
    trace = reader.trace("the cat sat", values=True)
    layer = trace.attention.of()[0]
    mixed = np.concatenate([layer.map(head) @ layer.value[head] for head in range(2)], axis=1)
    block = reader.own.bert.encoder.layer[0].attention
    with torch.inference_mode():
        out = block.output(torch.from_numpy(mixed)[None], torch.from_numpy(trace.hidden[0])[None])
        feed = reader.own.bert.encoder.layer[0]
        after = feed.output(feed.intermediate(out), out)[0].numpy()
    np.testing.assert_allclose(after, trace.hidden[1], atol=1e-5)


def test_influence_passes_through_a_pretrained_model(reader: PretrainedModel) -> None:
    found = influence.matrix(reader, "the cat sat")
    embedded = reader.embed(reader.ids("the cat sat")).clone().requires_grad_()
    state = reader.own(inputs_embeds=embedded, output_hidden_states=True).hidden_states[-1][0, 2]
    square = sum(torch.autograd.grad(one, embedded, retain_graph=True)[0][0].square().sum(dim=-1) for one in state)
    np.testing.assert_allclose(found.values[2], square.sqrt().numpy(), rtol=1e-4)
    assert all(p.grad is None for p in reader.own.parameters())


def test_shuffled_tokens_keep_marks_in_place_and_lose_nothing(reader: PretrainedModel) -> None:
    prepared = reader.prepare("the cat saw a dog .")
    mixed = reader.shuffled(prepared, seed=3)
    axis = mixed.axes["encoder"]
    assert (axis.tokens[0], axis.tokens[-1]) == ("[CLS]", "[SEP]")
    assert sorted(axis.tokens) == sorted(prepared.axes["encoder"].tokens)
    assert axis.tokens != prepared.axes["encoder"].tokens
    ids = reader.processors.tokenizer.convert_tokens_to_ids(list(axis.pieces))
    assert mixed.tensors["input_ids"].tolist() == [ids]


@pytest.mark.parametrize("name", WRITES)
def test_stitched_rows_equal_one_run_over_the_whole_text(name: str) -> None:
    one = model(name)
    given = {key: value for key, value in tensors(one.own).items() if key != "decoder_input_ids"}
    made = generate(one, Prepared(given), Settings(tokens=8, temperature=1.0, seed=1))
    ids = torch.tensor([made.ids[:-1]])
    whole = {**given, "decoder_input_ids": ids} if one.paired else {"input_ids": ids}
    with torch.inference_mode():
        own = build(name)(**whole, output_attentions=True, output_hidden_states=True)
    assert len(made.steps) == len(made.ids) - made.prompt > 1
    np.testing.assert_allclose(made.trace.hidden, run.stacked(run.states(own, "decoder")), atol=1e-4)
    published = eager.own_maps(own, one.causal)
    assert set(published) == set(made.trace.attention.kinds)
    for kind, of in published.items():
        for layer, weights in enumerate(of):
            for head in range(weights.shape[1]):
                got = made.trace.attention.map(layer, head, kind)
                np.testing.assert_allclose(got, weights[0, head].numpy(), atol=2e-5)


def test_greedy_writing_follows_the_largest_logit(author: PretrainedModel) -> None:
    made = author.generate("the cat", Settings(tokens=7))
    ids = list(made.ids[: made.prompt])
    network = writer()
    while len(ids) < len(made.ids):
        with torch.inference_mode():
            ids.append(int(network(torch.tensor([ids])).logits[0, -1].argmax()))
    assert ids == list(made.ids)
    assert all(one.rank == 0 and one.drawn[0] == 1 for one in made.steps)
    assert made.trace.tokens[:2] == author.encode("the cat").tokens
    assert len(made.trace.tokens) == len(made.ids) - 1


def test_a_seed_fixes_the_text_and_another_changes_it(author: PretrainedModel) -> None:
    texts = [author.generate("the", Settings(tokens=9, temperature=1.5, seed=seed)).ids for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_writing_stops_at_the_bound_of_the_model(author: PretrainedModel, reader: PretrainedModel) -> None:
    made = author.generate("the cat sat on the mat", Settings(tokens=200, temperature=2.0, seed=4))
    assert len(made.ids) <= 32
    assert len(made.trace.tokens) <= 31
    with pytest.raises(ValueError, match="writes from left to right"):
        reader.generate("the")


LOGITS = torch.log(torch.tensor([0.5, 0.25, 0.125, 0.125]))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Settings(temperature=1.0), [0.5, 0.25, 0.125, 0.125]),
        (Settings(temperature=0.5), [16 / 22, 4 / 22, 1 / 22, 1 / 22]),
        (Settings(temperature=1.0, top_k=2), [2 / 3, 1 / 3, 0, 0]),
        (Settings(temperature=1.0, top_p=0.5), [1, 0, 0, 0]),
        (Settings(temperature=1.0, top_p=0.6), [2 / 3, 1 / 3, 0, 0]),
        (Settings(temperature=0.0), [1, 0, 0, 0]),
    ],
)
def test_the_distribution_that_is_drawn_from(settings: Settings, expected: list[float]) -> None:
    np.testing.assert_allclose(chances(LOGITS, settings), expected, atol=1e-9)


def test_forbidden_tokens_are_never_drawn_yet_shown() -> None:
    found = step(LOGITS, Settings(), torch.Generator(), (0, 1000), None)
    assert (found.chosen, found.rank) == (1, 1)
    np.testing.assert_allclose(found.model[:2], [0.5, 0.25], atol=1e-7)
    assert found.entropy == pytest.approx(1.75, abs=1e-6)
    assert found.drawn[:2] == (0, 1)


@pytest.mark.parametrize("wrong", [{"tokens": 0}, {"temperature": -1.0}, {"top_k": -1}, {"top_p": 0.0}, {"top_p": 1.5}])
def test_settings_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="got"):
        Settings(**wrong)


def test_a_source_without_a_target_is_answered_greedily(tmp_path: Path) -> None:
    one = model("bart")
    named = PretrainedModel(one.own, one.card, type(one.processors)(tokenizer=byte_tokenizer()))
    source = Prepared({"input_ids": torch.tensor([[5, 17, 31, 44, 8]])})
    written = named._written(source)
    ids = written.tensors["decoder_input_ids"][0]
    with torch.inference_mode():
        logits = one.own(**source.tensors, decoder_input_ids=ids[None]).logits[0]
    assert logits[1:-1].argmax(dim=-1).tolist() == ids[2:].tolist()
    assert len(written.axes["decoder"].tokens) == len(ids)


@pytest.mark.filterwarnings("ignore:Recommended. pip install sacremoses")
def test_a_translator_with_sentencepiece_files_reads_both_sides(tmp_path: Path) -> None:
    found = load(str(translator(tmp_path / "marian")), "cpu")
    assert (found.paired, found.route) == (True, "recorded")
    trace = found.trace(("the cat", "die Katze"))
    for side, text in (("encoder", "the cat"), ("decoder", "die Katze")):
        axis = trace.axes[side]
        own = [word for word, mark in zip(axis.tokens, axis.special, strict=True) if not mark]
        assert "".join(word for word in own if word != "␣") == text.replace(" ", "")
        assert not any("/" in word for word in own)
    assert trace.axes["encoder"].special[-1]
    assert trace.axes["decoder"].special == (True, *(False,) * (len(trace.tokens) - 1))
    assert trace.attention is not None
    assert trace.attention.map(1, 1, "cross").shape == (len(trace.tokens), len(trace.axes["encoder"].tokens))
