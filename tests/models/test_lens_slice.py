"""The loss on a plane through a trained network's weights."""

from functools import cache

import numpy as np
import pytest
import torch

from models import load
from models.lens import loss_slice
from models.lens.loss_slice import Slice


@cache
def model(family: str):
    return load(f"agreement-{family}", "cpu")


@pytest.mark.parametrize("family", ["cnn", "lstm", "transformer"])
def test_every_row_of_a_direction_is_as_long_as_the_weights_own(family: str) -> None:
    cut = Slice(model(family), 3)
    for weight, one, two in zip(cut.centre, *cut.directions, strict=True):
        for drawn in (one, two):
            if weight.dim() < 2:
                assert not drawn.any()
            else:
                assert torch.allclose(drawn.flatten(1).norm(dim=1), weight.flatten(1).norm(dim=1), rtol=1e-4)
        assert not torch.equal(one, two) or weight.dim() < 2


@pytest.mark.parametrize("family", ["cnn", "lstm", "transformer"])
def test_the_gradient_on_the_plane_by_finite_differences(family: str) -> None:
    cut, step = Slice(model(family), 0), 1e-4
    cut.network.double()
    cut.centre = [one.double() for one in cut.centre]
    cut.directions = [[one.double() for one in way] for way in cut.directions]
    at = np.array([0.3, -0.2])
    wanted = [(cut.value(at + s) - cut.value(at - s)) / (2 * step) for s in np.eye(2) * step]
    assert cut.gradient(at) == pytest.approx(wanted, rel=1e-4, abs=1e-8)


def test_the_centre_is_the_models_own_loss_and_the_model_stays_as_it_was() -> None:
    own = model("lstm")
    before = {name: one.clone() for name, one in own.network.state_dict().items()}
    cut = Slice(own)
    ids, mask, labels = loss_slice.batch(own)
    logits = own.network(own.network.embedding(ids), mask).logits.detach().numpy().astype(np.float64)
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    wanted = -np.log(chances[np.arange(len(labels)), labels.numpy()]).mean()
    cut.value((0.7, 0.7))
    assert cut.value((0, 0)) == pytest.approx(wanted, rel=1e-4)
    assert all(torch.equal(one, before[name]) for name, one in own.network.state_dict().items())
    assert not any(one.requires_grad for one in own.network.parameters())


def test_the_plane_and_its_progress() -> None:
    cut, seen = Slice(model("transformer")), []
    found = loss_slice.plane(cut, 3, lambda share, text: seen.append(share))
    assert found.values[1, 1] == pytest.approx(cut.value((0, 0)), rel=1e-5)
    assert found.values[0, 2] == pytest.approx(cut.value((1, -1)), rel=1e-5)
    assert seen == pytest.approx([0, 1 / 3, 2 / 3])
    with pytest.raises(ValueError, match="at least 2 points"):
        loss_slice.plane(cut, 1, print)


def test_only_the_agreement_task() -> None:
    with pytest.raises(ValueError, match="agreement task, got one of sentiment"):
        Slice(load("sentiment-cnn", "cpu"))
