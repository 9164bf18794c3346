"""The CPU and a GPU agree on every bundled model; skipped where there is no GPU."""

import numpy as np
import pytest

from models import cards, load
from models.lens import gradient_flow, influence
from models.sources import pick_device

torch = pytest.importorskip("torch")
NAMES = [card.name for task in ("sentiment", "agreement", "positions") for card in cards(task)]
TOLERANCE = 2e-3  # of the largest value: float32 sums in another order, TF32 off
TEXT = "the keys to the old cabinet near the door"


def test_tf32_is_off_wherever_a_gpu_is_taken(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    torch.backends.cuda.matmul.allow_tf32 = True  # off is where it starts, and where this test leaves it
    assert pick_device("cpu") == "cpu"
    assert torch.backends.cudnn.allow_tf32
    assert pick_device("auto") == "cuda"
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU on this machine")
@pytest.mark.parametrize(
    "name", [card.name for task in ("sentiment", "agreement", "positions") for card in cards(task)]
)
def test_cpu_and_gpu_agree(name):
    here, there = load(name, "cpu"), load(name, "cuda")
    assert np.allclose(here.trace(TEXT).hidden, there.trace(TEXT).hidden, atol=1e-4)
    first, second = (influence.matrix(model, TEXT).values for model in (here, there))
    assert np.abs(first - second).max() <= TOLERANCE * first.max()
    first, second = (gradient_flow.by_depth(model, TEXT, 1).norms for model in (here, there))
    assert np.allclose(first, second, rtol=TOLERANCE)
