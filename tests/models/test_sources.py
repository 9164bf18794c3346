"""Cards and weights: written once, read back, checked by hash; devices that are not there are refused."""

import dataclasses
import hashlib
import importlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from models import sources
from models.cards import card, cards, write_card
from models.zoo import build
from tests.models.tiny import SEVEN, WORDS, settings

shelf = importlib.import_module("models.cards")


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder in the place of models/weights."""
    monkeypatch.setattr(shelf, "WEIGHTS", tmp_path)
    monkeypatch.setattr(sources, "WEIGHTS", tmp_path)
    shelf._read.cache_clear()
    sources.tokenizer.cache_clear()
    (tmp_path / "animals.vocabulary.json").write_text(json.dumps(WORDS))
    yield tmp_path
    shelf._read.cache_clear()
    sources.tokenizer.cache_clear()


def bundle(folder: Path, name: str, architecture: str, training_set: str = "") -> Path:
    """Train nothing, but store a network and its card as the training scripts do."""
    chosen = {**settings(architecture), "seed": 7, "vocabulary_file": "animals"}
    network = build(chosen, seed=11)
    path = folder / f"{name}.safetensors"
    save_file(network.state_dict(), path)
    facts = {"task": name.split("-")[0], "parameters": 3, "metrics": {}, "trained": {}, "training_set": training_set}
    write_card(name, path, settings=chosen, **facts)
    return path


def test_a_bundled_model_comes_back_with_its_weights(weights: Path) -> None:
    path = bundle(weights, "zoo-lstm", "lstm")
    facts = card("zoo-lstm")
    assert facts.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (facts.title, facts.family, facts.licence) == ("LSTM", "lstm", "Apache-2.0")
    model = sources.load("zoo-lstm", "cpu")
    wanted = build(settings("lstm"), seed=11).state_dict()
    assert all(torch.equal(value, wanted[key]) for key, value in model.network.state_dict().items())
    assert model.trace(f"{SEVEN} emu").known == (True,) * 7 + (False,)


def test_the_untrained_twin_is_its_seeds_start(weights: Path) -> None:
    bundle(weights, "zoo-gru", "gru")
    found = sources.untrained("zoo-gru", "cpu").network.state_dict()
    wanted = build(settings("gru"), seed=7).state_dict()
    assert all(torch.equal(found[key], wanted[key]) for key in wanted)
    assert not torch.equal(found["embedding.weight"], sources.load("zoo-gru", "cpu").network.embedding.weight)


def test_weights_that_do_not_match_their_card_are_refused(weights: Path) -> None:
    path = bundle(weights, "zoo-rnn", "rnn")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="weights of zoo-rnn do not match their card"):
        sources.load("zoo-rnn", "cpu")
    sources.bundled(dataclasses.replace(card("zoo-rnn"), sha256=hashlib.sha256(content).hexdigest()), "cpu")


def test_cards_stand_in_the_order_of_the_page(weights: Path) -> None:
    for name, architecture, training_set in (
        ("agreement-far-mlp", "mlp", "far"),
        ("agreement-hybrid", "hybrid", "mixed"),
        ("agreement-mlp", "mlp", "mixed"),
        ("sentiment-cnn", "cnn", ""),
        ("agreement-lstm-bias4", "lstm-bias4", "mixed"),
    ):
        bundle(weights, name, architecture, training_set)
    agreement = ["agreement-mlp", "agreement-lstm-bias4", "agreement-hybrid", "agreement-far-mlp"]
    assert [one.name for one in cards("agreement")] == agreement
    assert [one.name for one in cards()] == [*agreement, "sentiment-cnn"]
    assert cards("translation") == []
    assert ["at most 64 tokens" in " ".join(one.limits) for one in cards("agreement")] == [True, False, False, True]
    with pytest.raises(ValueError, match=r"model must be one of agreement-mlp, .*, got 'agreement-rnn'"):
        card("agreement-rnn")


def test_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    for there, wanted in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=there: there)
        assert sources.pick_device("auto") == wanted
        assert sources.pick_device("cpu") == "cpu"
    with pytest.raises(ValueError, match="no usable GPU"):
        sources.pick_device("cuda")
    with pytest.raises(ValueError, match="auto, cpu, cuda, got 'tpu'"):
        sources.pick_device("tpu")


def test_a_name_that_is_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no-such-model"):
        sources.load("no-such-model", "cpu")
