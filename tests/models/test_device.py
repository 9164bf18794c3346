"""The CPU and a GPU agree on every bundled model; skipped where there is no GPU."""

import numpy as np
import pytest

from models import cards, load
from models.lens import gradient_flow, influence

torch = pytest.importorskip("torch")
NAMES = [card.name for task in ("sentiment", "agreement", "positions") for card in cards(task)]
TOLERANCE = 2e-3  # of the largest value: float32 sums in another order, TF32 off
TEXT = "the keys to the old cabinet near the door"


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
