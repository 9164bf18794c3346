"""What the picture cards report, measured on tiny networks: closed cases, and that a second call goes on."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from models.scores import interval
from models.train import pictures_deletion as deletion
from models.train import pictures_measures as measures
from models.train.pictures_data import Part
from models.zoo.pictures import PictureNetwork, PictureRun
from tests.models.tiny_pictures import card, tiny

COUNT = 20


class Left(PictureNetwork):
    """Answers class 1 where the left half of the picture is the brighter one, class 0 else."""

    def __init__(self) -> None:
        super().__init__(0.0, 1.0)

    def see(self, x: Tensor, look: bool) -> PictureRun:
        sums = x.flatten(1, 2).unflatten(2, (2, 14)).sum(dim=(1, 3))
        logits = torch.zeros(len(x), 10)
        logits[:, 0], logits[:, 1] = sums[:, 1], sums[:, 0]
        return PictureRun({}, logits)


def columns() -> Part:
    """A bright column at 12, two left of the middle: class 1."""
    pictures = np.zeros((COUNT, 28, 28), np.uint8)
    pictures[:, :, 12] = 255
    return Part(pictures, np.ones(COUNT, np.int64))


def test_a_shift_goes_a_quarter_of_the_pictures_each_way():
    """The column leaves the left half only where it moves right by at least two pixels: a quarter of the pictures."""
    found = {row["level"]: row for row in measures.curve(Left(), columns(), "shift")}
    assert [found[level]["accuracy"] for level in (0, 1, 2, 3, 8)] == [1, 1, 0.75, 0.75, 0.75]
    assert found[2]["interval"] == pytest.approx(interval(0.75, COUNT))


def test_turning_upside_down_turns_the_answer():
    """A half turn brings column 12 to column 15."""
    pictures = columns().pictures.astype(np.float32) / 255
    turned = measures.CHANGES["rotation"](pictures, 180)
    assert not measures.correct(Left(), turned, np.ones(COUNT, np.int64)).any()


def test_every_curve_covers_the_whole_test_set():
    found = measures.measure(Left(), columns())
    assert found["robustness_count"] == found["count"] == COUNT
    assert {rows[0]["accuracy"] for rows in found["robustness"].values()} == {found["accuracy"]} == {1.0}
    assert measures.measured(found, COUNT) and not measures.measured(found, COUNT + 1)
    assert measures.measured({}, measures.OLD)


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One card in a folder of its own; its network is a tiny untrained CNN."""
    one = {"name": "tiny-cnn", "sha256": "abc", "metrics": {"validation": 0.5, "accuracy": 0.0}}
    path = tmp_path / "tiny-cnn.card.json"
    path.write_text(json.dumps(one))
    for module in (measures, deletion):
        monkeypatch.setattr(module, "WEIGHTS", tmp_path)
        monkeypatch.setattr(module, "load", lambda *_: tiny("cnn"))
    return path


def test_measuring_again_keeps_what_was_measured_otherwise(stored: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(measures, "LEVELS", {"shift": (0, 1)})
    measures.again("tiny-cnn", columns())
    metrics = json.loads(stored.read_text())["metrics"]
    assert metrics["validation"] == 0.5 and metrics["robustness_count"] == COUNT
    assert [row["level"] for row in metrics["robustness"]["shift"]] == [0, 1]


def test_deletion_curves_belong_to_their_weights(stored: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(deletion, "COUNT", 2)
    noise = np.random.default_rng(0).integers(0, 256, (2, 28, 28), dtype=np.uint8)
    found: dict[str, Any] = deletion.measure("tiny-cnn", Part(noise, np.zeros(2, np.int64)), 2)
    assert found["count"] == 2 and set(found["curves"]) == set(found["area"])
    assert set(found["curves"]) == {"gradient", "occlusion", "Grad-CAM", "ink", "centre", "random"}
    deletion.store("tiny-cnn", found)
    metrics = json.loads(stored.read_text())["metrics"]
    assert metrics["validation"] == 0.5
    one = card("cnn")
    for sha256, count, done in (("", 2, True), ("new", 2, False), ("", 3, False)):
        monkeypatch.setattr(deletion, "COUNT", count)
        now = type(one)(**{**vars(one), "sha256": sha256, "metrics": metrics})
        assert deletion.measured(now) is done
