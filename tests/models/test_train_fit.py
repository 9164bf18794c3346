"""The training loop against AdamW's formula, its schedule and its clipping."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import torch

from models.train import fit as loop
from models.train.fit import Batch, batch, fit, probabilities
from models.zoo import Network, build
from tests.models.tiny import settings, tiny


def endless(seed: int = 0, size: int = 16, length: int = 3) -> Iterator[Batch]:
    """Texts of three words; the label says which third of the vocabulary the first word is from."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        ids = torch.randint(1, 13, (size, length), generator=generator)
        yield batch([tuple(row) for row in ids.tolist()], ((ids[:, 0] - 1) // 4).tolist())


def network(architecture: str = "gru", seed: int = 3) -> Network:
    return build(settings(architecture), seed)


def test_a_batch_is_padded_on_the_right() -> None:
    made = batch([(5, 7), (3,), (2, 11, 1)], [1, 0, 2])
    assert made.ids.tolist() == [[5, 7, 0], [3, 0, 0], [2, 11, 1]]
    assert made.mask.tolist() == [[True, True, False], [True, False, False], [True, True, True]]
    assert made.labels.tolist() == [1, 0, 2]


def test_the_first_step_is_adamws() -> None:
    """p <- p - lr (decay p + g / (|g| + eps)) for each weight, after clipping to norm 1; one step has no warm-up."""
    one, rate, decay = network(), 1e-3, 0.3
    first = next(endless())
    before = {name: p.detach().clone() for name, p in one.named_parameters()}
    loss = -one(one.embedding(first.ids), first.mask).logits.log_softmax(-1)[torch.arange(16), first.labels].mean()
    slopes = torch.autograd.grad(loss, list(one.parameters()))
    clip = min(1.0, 1 / math.sqrt(sum(float(g.double().square().sum()) for g in slopes)))
    fit(one, iter([first]), 1, rate, decay=decay)
    for (name, after), g in zip(one.named_parameters(), slopes, strict=True):
        wanted = before[name] * (1 - rate * decay) - rate * clip * g / (clip * g.abs() + 1e-8)
        large = g.abs() > 1e-5
        torch.testing.assert_close(after.detach()[large], wanted[large], rtol=0, atol=2e-6)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float]]:
    """(learning rate, norm of all gradients) at each step of AdamW."""
    seen: list[tuple[float, float]] = []

    class Watched(torch.optim.AdamW):
        def step(self, closure: Any = None) -> Any:
            group = self.param_groups[0]
            seen.append((group["lr"], float(torch.cat([p.grad.flatten() for p in group["params"]]).norm())))
            return super().step(closure)

    monkeypatch.setattr(loop.torch.optim, "AdamW", Watched)
    return seen


def test_the_rate_warms_up_and_falls_as_a_cosine(steps: list[tuple[float, float]]) -> None:
    fit(network(), endless(), 100, 0.01)
    rates = [rate for rate, _ in steps]
    assert len(rates) == 100
    assert rates[:6] == pytest.approx([0.002, 0.004, 0.006, 0.008, 0.01, 0.01])
    assert rates[24] == pytest.approx(0.01 * 0.5 * (1 + math.cos(math.pi / 5)))
    assert rates[43] == pytest.approx(0.01 * 0.5 * (1 + math.cos(math.pi * 2 / 5)))
    assert rates[62] == pytest.approx(0.01 * 0.5 * (1 + math.cos(math.pi * 3 / 5)))
    assert 0 < rates[99] < 1e-5
    assert all(later <= earlier for earlier, later in pairwise(rates[5:]))


def test_gradients_are_clipped_to_norm_one(steps: list[tuple[float, float]]) -> None:
    loud = network()
    with torch.no_grad():
        loud.head.weight.mul_(50)
    fit(loud, endless(), 3, 1e-4)
    assert [norm for _, norm in steps] == pytest.approx([1.0] * 3, abs=1e-4)


def trained(architecture: str, steps: int) -> tuple[Network, list[float]]:
    torch.manual_seed(7)
    one = network(architecture)
    losses: list[float] = []
    fit(one, endless(), steps, 3e-3, report=lambda step, loss: losses.append(loss))
    return one, losses


def test_training_repeats_itself() -> None:
    (one, losses), (other, same) = trained("lstm", 7), trained("lstm", 7)
    assert losses == same
    first, second = one.state_dict(), other.state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize("architecture", ["mlp", "gru"])
def test_training_learns(architecture: str) -> None:
    """Which third of the vocabulary the first of three words is from; a third by chance."""
    one, losses = trained(architecture, 60)
    test = next(endless(seed=99, size=211))
    right = probabilities(one, iter([test])).argmax(dim=1) == test.labels
    assert float(right.float().mean()) > 0.9
    assert sum(losses[-5:]) < 0.5 * sum(losses[:5])
    assert not one.training


def test_a_forgotten_word_becomes_the_unknown_one() -> None:
    """Forgetting every word leaves nothing to tell the labels apart: no embedding but that of id 0 has a gradient."""
    before, after = network().state_dict(), network()
    fit(after, endless(), 5, 1e-2, decay=0.0, forget=1.0)
    moved = (after.embedding.weight - before["embedding.weight"]).detach().abs().sum(dim=1)
    assert float(moved[0]) > 0.01
    assert (moved[1:] == 0).all()
    torch.manual_seed(3)
    some = network()
    fit(some, endless(), 5, 1e-2, decay=0.0, forget=0.3)
    moved = (some.embedding.weight - before["embedding.weight"]).detach().abs().sum(dim=1)
    assert (moved > 0).all()


def test_training_ends_with_the_steps_or_with_the_data() -> None:
    seen: list[int] = []
    fit(network(), endless(), 5, 1e-3, report=lambda step, _: seen.append(step))
    fit(network(), iter([next(endless())] * 3), 5, 1e-3, report=lambda step, _: seen.append(step))
    assert seen == [0, 1, 2, 3, 4, 0, 1, 2]


def test_probabilities_are_those_of_each_text_alone() -> None:
    model = tiny("gru")
    texts = ["ant bee cat", "dog", "elk fox"]
    samples = [batch([model.encode(text).ids for text in part], [0] * len(part)) for part in (texts[:2], texts[2:])]
    model.network.train()
    found = probabilities(model.network, iter(samples))
    wanted = [[*model.trace(text).output.values()] for text in texts]
    torch.testing.assert_close(found, torch.tensor(wanted), rtol=0, atol=1e-6)
    assert not model.network.training
