"""Learned tables: read back from files of every family, at hand without any network, and only what training met."""

import json
import socket
from pathlib import Path
from typing import Any

import huggingface_hub
import numpy as np
import pytest
from safetensors.numpy import save_file

from models import pretrained
from models.cards import card
from models.lens.positional import reading, t5_bucket, tables
from models.pretrained import places

RANDOM = np.random.default_rng(11)
HEX = "0" * 40


def folder(place: Path, weights: dict[str, np.ndarray], **config: Any) -> Path:
    """A model's folder with these weights and this configuration."""
    place.mkdir(parents=True, exist_ok=True)
    save_file(weights, place / "model.safetensors")
    (place / "config.json").write_text(json.dumps(config))
    return place


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty hub cache of the test's own, and no way out of this machine."""

    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("the network was asked")

    (tmp_path / "hub").mkdir()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    for name in ("model_info", "snapshot_download", "hf_hub_download"):
        monkeypatch.setattr(huggingface_hub.HfApi, name, refused)
    monkeypatch.setattr("models.pretrained.hub.snapshot_download", refused)
    monkeypatch.setattr(socket.socket, "connect", refused)
    return tmp_path / "hub"


def cached(hub: Path, owner: str, name: str) -> Path:
    """Where the cache keeps the files of one model."""
    place = hub / f"models--{owner}--{name}"
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text(HEX)
    return place / "snapshots" / HEX


def test_tables_are_read_by_the_ends_of_their_names(tmp_path: Path) -> None:
    codes, patches = RANDOM.standard_normal((7, 3)), RANDOM.standard_normal((1, 10, 4))
    place = folder(
        tmp_path / "one", {"wpe.weight": codes, "vit.embeddings.position_embeddings": patches, "ids": np.arange(7)}
    )
    (found,) = reading.of_folder("m", "M", place, tables.PLACES)
    assert found.key == "wpe.weight" and found.grid is None
    np.testing.assert_array_equal(found.values, codes)
    (grid,) = reading.of_folder("m", "M", place, tables.PATCHES)
    assert grid.grid == (3, 3)
    np.testing.assert_array_equal(grid.values, patches[0, 1:])
    assert reading.of_folder("m", "M", folder(tmp_path / "two", {"word": codes}), tables.PLACES) == ()


def test_an_encoder_and_a_decoder_stand_apart_and_a_decoder_reads_backwards(tmp_path: Path) -> None:
    """As transformers names them; the decoder's table over the encoder's text has no direction to tell."""
    torch = pytest.importorskip("torch")
    from transformers import T5Config, T5ForConditionalGeneration

    torch.manual_seed(3)
    model = T5ForConditionalGeneration(T5Config(vocab_size=11, d_model=8, d_kv=4, d_ff=8, num_layers=2, num_heads=3))
    model.save_pretrained(tmp_path)
    found = {table.part: table for table in reading.of_folder("t5", "T5", tmp_path, tables.BIASES)}
    assert {part: table.both for part, table in found.items()} == {"encoder": True, "decoder": False}
    for part, table in found.items():
        module = getattr(model, part).block[0].layer[0].SelfAttention
        theirs = module.compute_bias(70, 70)[0].detach().numpy()
        away = np.arange(70)[None] - np.arange(70)[:, None]
        np.testing.assert_array_equal(table.values[t5_bucket(away, table.both)].transpose(2, 0, 1), theirs)


@pytest.mark.parametrize(
    ("config", "rows"),
    [
        ({"model_type": "bart"}, 2),
        ({"model_type": "opt"}, 2),
        ({"model_type": "roberta", "pad_token_id": 1}, 2),
        ({"model_type": "bert", "pad_token_id": 0}, 0),
        ({"model_type": "gpt2"}, 0),
    ],
)
def test_position_0_is_the_row_that_the_family_reads_first(tmp_path: Path, config: dict[str, Any], rows: int) -> None:
    codes = RANDOM.standard_normal((9, 2))
    (found,) = reading.of_folder("m", "M", folder(tmp_path, {"embed_positions.weight": codes}, **config), tables.PLACES)
    np.testing.assert_array_equal(found.values, codes[rows:])


def test_bfloat16_is_read(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file as save

    codes = torch.randn(5, 3, generator=torch.Generator().manual_seed(1)).bfloat16()
    save({"a": torch.ones(3), "wpe.weight": codes, "z": torch.ones(1)}, tmp_path / "model.safetensors")
    (found,) = reading.of_folder("m", "M", tmp_path, tables.PLACES)
    np.testing.assert_array_equal(found.values, codes.double().numpy())


def test_models_in_the_cache_are_found_without_a_network_and_when_they_come(hub: Path) -> None:
    before = {table.name for table in tables.codes()}
    codes = RANDOM.standard_normal((40, 3))
    folder(cached(hub, "ann", "late"), {"wpe.weight": codes})
    cached(hub, "bob", "words-only").mkdir(parents=True)
    (hub / "models--bob--words-only" / "snapshots" / HEX / "tokenizer.json").write_text("{}")
    found = {table.name: table for table in tables.codes()}
    assert set(found) - before == {"hub:ann/late"}
    np.testing.assert_array_equal(found["hub:ann/late"].values, codes)
    (hub / "models--ann--late" / "snapshots" / HEX / "model.safetensors").write_bytes(b"half a file")
    (hub / "models--ann--late" / "refs" / "main").touch()
    assert {table.name for table in tables.codes()} == before, "a broken file is not at hand"
    assert {"hub:ann/late"} == {place.name for place in places.stored() if place.name.startswith("hub:")}


@pytest.mark.parametrize("task", ["order", "back", "latest"])
def test_buckets_that_training_never_met_are_undefined_because_they_are_what_the_seed_drew(task: str) -> None:
    """Weight decay shrinks them all by one factor; buckets that were met have left that line."""
    torch = pytest.importorskip("torch")
    from models import load
    from models.zoo import build

    facts = card(f"positions-{task}-t5")
    (table,) = (each for each in tables.biases() if each.name == facts.name)
    causal = facts.settings["causal"]
    unmet = list(range(22, 32)) if causal else [12, 13, 14, 15, 16, 28, 29, 30, 31]
    assert np.flatnonzero(np.isnan(table.values).any(axis=1)).tolist() == unmet
    assert table.both is not causal and table.trained == 32
    first = build(dict(facts.settings), facts.settings["seed"]).blocks[0].mix.near.detach().numpy()
    last = load(facts.name, "cpu").network.blocks[0].mix.near.detach().numpy()
    np.testing.assert_allclose(last[unmet] / first[unmet], (last[unmet] / first[unmet])[0, 0], rtol=1e-4)
    met = np.setdiff1d(np.arange(32), unmet)
    assert np.abs(last[met] / first[met] - 1).max() > 0.1
    assert torch.isfinite(torch.from_numpy(table.values[met])).all()


@pytest.mark.skipif(pretrained.MINILM not in pretrained.offline(), reason="MiniLM is not installed")
def test_minilms_table_is_the_one_its_model_adds_and_its_tokens_stand_at_its_places() -> None:
    torch = pytest.importorskip("torch")
    from models import load

    model = load("minilm", "cpu")
    (table,) = (each for each in tables.codes() if each.name == "minilm")
    assert table.values.shape == (512, 384)
    module = next(m for name, m in model.own.named_modules() if name.endswith("position_embeddings"))
    np.testing.assert_array_equal(module(torch.tensor([0, 511])).detach().numpy(), table.values[[0, 511]])
    text = "Unbelievably, the tokenizer splits words."
    assert tables.words(table, text) == model.trace(text).tokens
    assert tables.words(table, text)[:4] == ("[CLS]", "Un", "bel", "ie")


def test_a_table_without_a_tokenizer_names_no_words() -> None:
    (table,) = (each for each in tables.codes() if each.name == "positions-back-learned")
    assert table.values.shape[0] == 32 and tables.words(table, "a b c") == ()
