"""Path lengths by search against the closed forms of Vaswani et al. 2017, and against measured gradients."""

import math

import pytest
import torch

from models.lens.connectivity import Hop, convolution, full, layers_needed, of_network, path, recurrence, steps
from tests.models.tiny import NAMES, tiny, words

LENGTHS = (2, 3, 8, 17, 32)


@pytest.mark.parametrize("length", LENGTHS)
def test_the_closed_forms(length: int) -> None:
    last = length - 1
    assert steps([full(length)], 0, last) == 1
    assert steps([full(length)] * 3, 0, last) == 1
    assert steps([recurrence()], 0, last) == last
    assert steps([recurrence()] * 2, 0, last) == last
    for kernel in (3, 5, 7):
        needed = layers_needed(lambda _, k=kernel: convolution(length, k), 0, last, 40)
        assert needed == math.ceil(last / (kernel // 2))
    for kernel in (2, 3, 5):
        needed = layers_needed(lambda _, k=kernel: convolution(length, k, causal=True), 0, last, 40)
        assert needed == math.ceil(last / (kernel - 1))
        dilated = layers_needed(lambda at, k=kernel: convolution(length, k, k**at, causal=True), 0, last, 40)
        assert dilated == next(depth for depth in range(40) if kernel**depth >= length)  # ceil(log_k n), in integers


def test_what_lies_later_is_not_seen() -> None:
    assert steps([recurrence()] * 3, 4, 2) is None
    assert steps([full(7, causal=True)], 4, 2) is None
    assert steps([convolution(7, 3, causal=True)] * 9, 4, 2) is None
    assert layers_needed(lambda _: recurrence(), 4, 2, 5) is None
    assert steps([], 3, 3) == 0
    assert steps([], 3, 4) is None


def test_a_path_can_be_followed() -> None:
    hops = path([convolution(9, 3), convolution(9, 3), full(9)], 2, 4)
    assert hops is not None and len(hops) == 1
    assert path([convolution(9, 3), convolution(9, 5)], 2, 5) == [Hop((0, 2), (1, 3)), Hop((1, 3), (2, 5))]
    walked = path([recurrence()], 1, 4)
    assert walked is not None
    assert [(hop.start[1], hop.end[1]) for hop in walked] == [(1, 2), (2, 3), (3, 4)]


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_path_exists_where_a_gradient_flows(name: str, causal: bool) -> None:
    model = tiny(name, causal=causal, double=True)
    length, position = 31, 17
    embedded = model.embed(model.ids(words(length))).requires_grad_()
    state = model.run(embedded).hidden[-1]
    drawn = torch.randn(64, dtype=torch.float64, generator=torch.Generator().manual_seed(7))
    (slope,) = torch.autograd.grad(state[0, position] @ drawn, embedded)
    flows = (slope[0].abs().sum(dim=-1) > 0).tolist()
    wired = of_network(model.network, length)
    assert [steps(wired, start, position) is not None for start in range(length)] == flows
