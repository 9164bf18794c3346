"""Pictures and sound: what the model takes in, what stands on its axes, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers as hf
from PIL import Image

from models.pretrained import Limits, load
from models.pretrained.inputs import Recording
from models.pretrained.model import PretrainedModel
from tests.models.pretrained_families import VIT
from tests.models.pretrained_folders import byte_tokenizer

SECOND = np.sin(np.arange(16_000) * 0.1).astype(np.float32)


def vision(folder: Path, registers: int = 0) -> Path:
    torch.manual_seed(2)
    kinds: dict[bool, Any] = {
        False: lambda: hf.ViTForImageClassification(hf.ViTConfig(**VIT, num_labels=3)),
        True: lambda: hf.Dinov2WithRegistersModel(hf.Dinov2WithRegistersConfig(**VIT, num_register_tokens=registers)),
    }
    kinds[registers > 0]().save_pretrained(folder)
    hf.ViTImageProcessor(size={"height": 21, "width": 21}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def eye(tmp_path_factory: pytest.TempPathFactory) -> PretrainedModel:
    return load(str(vision(tmp_path_factory.mktemp("eye"))), "cpu")


def whisper(folder: Path) -> Path:
    torch.manual_seed(2)
    sizes = {"d_model": 20, "encoder_layers": 2, "decoder_layers": 3, "encoder_attention_heads": 5}
    more = {"decoder_attention_heads": 2, "encoder_ffn_dim": 29, "decoder_ffn_dim": 31, "vocab_size": 269}
    marks = {"decoder_start_token_id": 0, "bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0}
    frames = {"num_mel_bins": 13, "max_source_positions": 50, "max_target_positions": 19}
    config = hf.WhisperConfig(**sizes, **more, **marks, **frames, suppress_tokens=None, begin_suppress_tokens=None)
    hf.WhisperForConditionalGeneration(config).save_pretrained(folder)
    hf.WhisperFeatureExtractor(feature_size=13, chunk_length=1).save_pretrained(folder)
    byte_tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def ear(tmp_path_factory: pytest.TempPathFactory) -> PretrainedModel:
    return load(str(whisper(tmp_path_factory.mktemp("ear"))), "cpu")


def test_a_picture_has_its_class_mark_and_patches_row_by_row(eye: PretrainedModel) -> None:
    trace = eye.trace(Image.effect_noise((50, 40), 90))
    axis = trace.sides("encoder")[0]
    assert axis.tokens[:3] == ("[CLS]", "row 1, column 1", "row 1, column 2")
    assert axis.tokens[4] == "row 2, column 1"
    assert axis.grid == (3, 3)
    assert sum(trace.output.values()) == pytest.approx(1)
    assert trace.attention.map(0, 0).shape == (10, 10)


def test_patches_follow_the_picture_row_by_row(eye: PretrainedModel) -> None:
    dark = np.zeros((21, 21, 3), dtype=np.uint8)
    lit = dark.copy()
    lit[7:14, 14:] = 255
    moved = np.abs(eye.trace(lit).hidden[0] - eye.trace(dark).hidden[0]).max(axis=1)
    axis = eye.trace(dark).axes["encoder"]
    assert [axis.tokens[at] for at in np.flatnonzero(moved > 1e-6)] == ["row 2, column 3"]


def test_registers_stand_between_the_class_mark_and_the_patches(tmp_path: Path) -> None:
    trace = load(str(vision(tmp_path / "registers", 4)), "cpu").trace(Image.new("RGB", (21, 21)))
    axis = trace.axes["encoder"]
    assert axis.tokens[:5] == ("[CLS]", "[REG 1]", "[REG 2]", "[REG 3]", "[REG 4]")
    assert sum(axis.special) == 5
    assert len(axis.tokens) == 14 == trace.hidden.shape[1]


def test_what_the_model_sees_is_the_picture_before_its_normalisation(eye: PretrainedModel) -> None:
    picture = np.zeros((21, 21, 3), dtype=np.uint8)
    picture[:, :, 1] = 51
    seen = eye.seen(picture)
    np.testing.assert_allclose(seen[3, 5], [0, 0.2, 0], atol=1e-6)


def test_pictures_that_are_refused(eye: PretrainedModel) -> None:
    with pytest.raises(ValueError, match="reads a picture, got str"):
        eye.trace("a cat")
    with pytest.raises(ValueError, match=r"got \[7, 11\]"):
        eye.trace(np.zeros((7, 11), dtype=np.uint8))
    small = PretrainedModel(eye.own, eye.card, eye.processors, Limits(pixels=1_000_000))
    with pytest.raises(ValueError, match=r"1 megapixels, got 1\.1"):
        small.trace(Image.new("RGB", (1_100, 1_000)))
    with pytest.raises(ValueError, match="no picture processor"):
        PretrainedModel(eye.own, eye.card).trace(Image.new("RGB", (7, 7)))
    with pytest.raises(ValueError, match="models that read one text"):
        eye.ids("a cat")


def in_one_file(folder: Path, name: str) -> Path:
    """The folder as transformers 5 saves a processor of several parts: all in processor_config.json."""
    facts = json.loads((folder / "preprocessor_config.json").read_text(encoding="utf-8"))
    (folder / "processor_config.json").write_text(json.dumps({name: facts}), encoding="utf-8")
    (folder / "preprocessor_config.json").unlink()
    return folder


def test_processors_in_one_file_are_read(tmp_path: Path, ear: PretrainedModel, eye: PretrainedModel) -> None:
    hears = load(str(in_one_file(whisper(tmp_path / "ear"), "feature_extractor")), "cpu")
    np.testing.assert_array_equal(hears.seen(Recording(SECOND)), ear.seen(Recording(SECOND)))
    sees = load(str(in_one_file(vision(tmp_path / "eye"), "image_processor")), "cpu")
    picture = Image.effect_noise((50, 40), 90)
    np.testing.assert_array_equal(sees.seen(picture), eye.seen(picture))


def test_sound_has_frames_of_twenty_milliseconds_and_a_text(ear: PretrainedModel) -> None:
    trace = ear.trace((Recording(SECOND), "the cat"))
    query, key = trace.sides("cross")
    assert key.seconds == pytest.approx(0.02)
    assert (key.tokens[0], key.tokens[49], len(key.tokens)) == ("0.00 s", "0.98 s", 50)
    assert query.tokens == ("<end>", "the", "cat")
    assert trace.attention.kinds == ("encoder", "decoder", "cross")
    assert trace.attention.map(2, 1, "cross").shape == (3, 50)
    assert trace.encoder_hidden.shape == (3, 50, 20)
    assert ear.seen(Recording(SECOND)).shape == (13, 100)


def test_verify_on_sound(ear: PretrainedModel) -> None:
    found = ear.verify((Recording(SECOND), "the cat"))
    assert found.heads == 2 * 5 + 3 * 2 + 3 * 2
    assert found.maps <= 1e-5


def test_a_recording_without_a_text_is_written_down(ear: PretrainedModel) -> None:
    trace = ear.trace(SECOND)
    assert trace.tokens[0] == "<end>"
    assert trace.attention.map(0, 0, "cross").shape == (len(trace.tokens), 50)


def test_recordings_that_are_refused(ear: PretrainedModel) -> None:
    with pytest.raises(ValueError, match="16,000 Hz, got 44,100 Hz"):
        ear.trace((Recording(SECOND, 44_100), "the"))
    with pytest.raises(ValueError, match=r"samples \[n\], got str"):
        ear.trace("the cat")
    with pytest.raises(ValueError, match=r"may last 1 s here, got 1\.5 s"):
        ear.trace((np.zeros(24_000, dtype=np.float32), "the"))
    hosted = PretrainedModel(ear.own, ear.card, ear.processors, Limits(seconds=0.5))
    with pytest.raises(ValueError, match=r"may last 0\.5 s here, got 1\.0 s"):
        hosted.trace((SECOND, "the"))
