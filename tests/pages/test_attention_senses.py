"""The attention page on pictures and recordings, of tiny random models from folders: each number is the model's own."""

import base64
import io
import wave
from pathlib import Path
from typing import Any

import numpy as np
import plotly.io
import pytest
import transformers as hf
from PIL import Image
from streamlit.testing.v1 import AppTest

from models import cards, load
from models.presets.pictures import pictures
from models.pretrained.media import sound
from pages.heads import attending, given, over, source
from tests.models.test_pretrained_senses import vision, whisper
from tests.models.tiny_pictures import tiny
from tests.pages.helper import open_app, problems
from tests.pages.test_attention import PAGE, drawn, settled, texts

pytestmark = pytest.mark.usefixtures("patient")


def picture() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((50, 40), 90).convert("RGB").save(out, "PNG")
    return out.getvalue()


def recording(seconds: float) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((np.sin(np.arange(int(16_000 * seconds)) * 0.1) * 9_999).astype("<i2").tobytes())
    return out.getvalue()


def opened(folder: Path, name: str, content: bytes, mime: str, **query: str) -> AppTest:
    app = open_app(PAGE, model=source.FOLDER, **query)
    app.text_input(key="folder").set_value(str(folder)).run()
    which = {"image/png": "heads_picture", "audio/wav": "heads_sound"}[mime]
    app.file_uploader(key=which).upload(name, content, mime).run()
    return settled(app, drawn)


def traces(app: AppTest) -> Any:
    return plotly.io.from_json(drawn(app)[0].proto.spec, skip_invalid=True)


def numbers(values: Any) -> np.ndarray:
    """A row of numbers as plotly packs it, or as it is."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return np.asarray(values, dtype=np.float32)


def test_the_row_of_a_patch_lies_over_the_picture(tmp_path: Path) -> None:
    folder, content = vision(tmp_path / "eye"), picture()
    app = opened(folder, "noise.png", content, "image/png", layer="2", head="2", asks="row 2, column 3")
    weights = load(str(folder), "cpu").trace(Image.open(io.BytesIO(content)).convert("RGB")).attention.map(1, 1)
    row = weights[1 + 5, 1:]
    assert f"{row.sum():.0%} of the row lies on the picture" in texts(app)
    np.testing.assert_allclose(numbers(traces(app).data[1].z).ravel(), row, atol=1e-6)
    assert f"[CLS] holds {weights[6, 0]:.2f} and has no place in the picture" in texts(app)
    app.selectbox(key=over.ASKS).set_value("[CLS]").run()
    assert f"{weights[0, 1:].sum():.0%} of the row lies on the picture" in texts(app)
    app.segmented_control(key="drawn").set_value("matrix").run()
    assert f"Largest weight: {weights.max():.2f}" in texts(app)
    app.segmented_control(key="view").set_value("Generate").run()
    assert "reads and does not write" in texts(app)
    assert problems(app) == []


def test_layers_with_unlike_counts_of_heads_make_no_mosaic_and_are_drawn_one_by_one(tmp_path: Path) -> None:
    folder = tmp_path / "unlike"
    sizes = {"hidden_sizes": [4, 8, 10, 16], "num_attention_heads": [1, 2, 5, 4], "depths": [1, 1, 1, 1]}
    hf.SegformerForImageClassification(hf.SegformerConfig(**sizes, decoder_hidden_size=8)).save_pretrained(folder)
    hf.ViTImageProcessor(size={"height": 64, "width": 64}).save_pretrained(folder)
    app = opened(folder, "noise.png", picture(), "image/png")
    app.selectbox(key="layer").set_value("3").run()
    app.selectbox(key="head").set_value("5").run()
    assert "The layers have 1, 2, 4 or 5 heads, so they make no mosaic." in texts(app)
    assert "Layer 3, head 5 " in texts(app)
    app = opened(folder, "noise.png", picture(), "image/png", view="Patterns")
    assert "Entropy of a row in bits" in texts(app)
    assert "inhomogeneous" not in texts(app)


def test_a_picture_that_is_none_is_answered_in_words(tmp_path: Path) -> None:
    app = open_app(PAGE, model=source.FOLDER)
    app.text_input(key="folder").set_value(str(vision(tmp_path / "eye"))).run()
    app.file_uploader(key="heads_picture").upload("cat.png", b"no picture at all", "image/png").run()
    settled(app, lambda app: "no readable picture" in texts(app))


def test_cross_attention_stands_above_the_spectrogram_up_to_the_recordings_end(tmp_path: Path) -> None:
    folder, content = whisper(tmp_path / "ear"), recording(0.5)
    asked = open_app(PAGE, model=source.FOLDER)
    asked.text_input(key="folder").set_value(str(folder)).run()
    assert "Speak, at most 1 s" in [box.proto.label for box in asked.get("audio_input")]  # this model's own bound
    app = opened(folder, "tone.wav", content, "audio/wav", kind="cross", head="2")
    app.text_input(key="heads_second").set_value("the cat").run()
    settled(app, lambda app: "source frames and 3 target tokens ·" in texts(app))
    trace = load(str(folder), "cpu").trace((sound(content), "the cat"))
    row = trace.attention.map(0, 1, "cross")[2]
    assert f"{row[:25].sum():.0%} of the row lies on the recording" in texts(app)
    assert f"The padding after 0.5 s holds {row[25:].sum():.2f} of the row." in texts(app)
    np.testing.assert_allclose(numbers(traces(app).data[0].y)[:25], row[:25], atol=1e-6)
    app.segmented_control(key="kind").set_value("decoder").run()
    settled(app, lambda app: "Largest weight: " in texts(app))
    app.segmented_control(key="kind").set_value("encoder").run()
    own = trace.attention.map(0, 1, "encoder")[0]
    settled(app, lambda app: f"most at {own[:25].argmax() * 0.02:.2f} s: {own[:25].max():.3f}" in texts(app))


def test_a_bundled_vit_starts_with_a_stored_picture_and_draws_its_class_token(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny("vit")
    known = [*cards(), model.card]
    monkeypatch.setattr(source, "cards", lambda task=None: [card for card in known if task in (None, card.task)])
    monkeypatch.setattr(given, "card", lambda name: model.card)
    monkeypatch.setattr(attending.loading, "model", lambda name, device: model)
    app = settled(open_app(PAGE, model=model.card.name), drawn)
    pixels = pictures(model.card.task)[0, 0].astype(np.float32) / 255
    weights = model.trace(pixels).attention.map(0, 0)
    assert f"{weights[0, 1:].sum():.0%} of the row lies on the picture" in texts(app)
    np.testing.assert_allclose(numbers(traces(app).data[1].z).ravel(), weights[0, 1:], atol=1e-5)
    assert problems(app) == []
