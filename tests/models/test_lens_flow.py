"""Gradient by depth, decay with distance, mixing and order: closed forms and independent gradients."""

import numpy as np
import pytest
import torch
from torch import nn

from models.lens import distance, gradient_flow, mixing, order
from models.zoo import Run
from tests.models.tiny import FIVE, NAMES, SEVEN, ByHand, Linear, Nothing, around, decays, tiny, words


class Stack(ByHand):
    """Each layer multiplies by one number; the logits are the state at the last word."""

    def __init__(self, factors: tuple[float, ...]) -> None:
        super().__init__(torch.randn(7, 3, generator=torch.Generator().manual_seed(2)), nn.Identity())
        self.factors = factors

    def run(self, embedded: torch.Tensor, look: bool = False) -> Run:
        hidden = [embedded]
        for factor in self.factors:
            hidden.append(factor * hidden[-1])
        return Run(hidden, hidden[-1][:, -1])


def test_flow_through_a_stack_of_multiplications() -> None:
    """d loss / d h_L = softmax - onehot at the last word; each layer back multiplies by its factor."""
    factors = (0.5, -3.0, 0.1, 2.0)
    model = Stack(factors)
    found = gradient_flow.by_depth(model, FIVE, 1)
    logits = model.table[5].numpy() * np.prod(factors)
    top = np.exp(logits) / np.exp(logits).sum() - np.eye(3)[1]
    wanted = [np.linalg.norm(top) * abs(np.prod(factors[depth:])) for depth in range(5)]
    assert found.norms == pytest.approx(wanted, rel=1e-12)
    assert found.names == ("input", "layer 1", "layer 2", "layer 3", "layer 4")


def test_the_factor_a_layer() -> None:
    assert gradient_flow.by_depth(Stack((0.7,) * 5), FIVE, 0).factor == pytest.approx(0.7, rel=1e-12)
    assert gradient_flow.by_depth(Stack((0.5, 2.0, 3.0)), FIVE, 0).factor == pytest.approx(3 ** (1 / 3), rel=1e-12)
    assert np.isnan(gradient_flow.by_depth(Stack((0.0, 2.0)), FIVE, 0).factor)
    assert np.isnan(gradient_flow.Flow(("input",), np.ones(1)).factor)


@pytest.mark.parametrize("name", NAMES)
def test_flow_is_the_gradient_of_the_rest_of_the_network(name: str) -> None:
    model = tiny(name, double=True)
    network = model.network
    hidden = model.run(model.embed(model.ids(SEVEN))).hidden
    wanted = []
    for depth in range(len(network.blocks)):
        start = hidden[depth].detach().requires_grad_()
        x = start
        for block in network.blocks[depth:]:
            x = block(x, None)
        loss = -network.head(network.norm(x))[0, -1].log_softmax(dim=-1)[2]
        wanted.append(float(torch.autograd.grad(loss, start)[0].norm()))
    surprise = network.head(hidden[-1][0, -1]).softmax(dim=-1) - torch.eye(3)[2]
    wanted.append(float((surprise @ network.head.weight).norm()))
    assert gradient_flow.by_depth(model, SEVEN, 2).norms == pytest.approx(np.array(wanted), rel=1e-10)


def test_a_sure_model_still_shows_its_small_gradient() -> None:
    model = Stack((1.0,))
    model.table = torch.tensor([[0.0, 0, 0]] * 6 + [[30.0, 0, 0]], dtype=torch.float32)
    found = gradient_flow.by_depth(model, "fox", 0).norms[0]
    assert found == pytest.approx(6**0.5 * np.exp(-30.0), rel=1e-5)


def test_flow_needs_a_class_of_the_model() -> None:
    with pytest.raises(ValueError, match=r"class must lie in 0..2, got 3"):
        gradient_flow.by_depth(tiny("mlp"), FIVE, 3)


@pytest.mark.parametrize("length", [5, 11, 31])
@pytest.mark.parametrize("half_life", [0.7, 3.1, 29.0])
def test_an_exponential_gives_its_half_life(length: int, half_life: float) -> None:
    found = distance.decay(decays(length, 0.5 ** (1 / half_life)).numpy())
    assert found.half_life == pytest.approx(half_life, rel=1e-9)
    assert found.r2 == pytest.approx(1.0, abs=1e-9)
    assert found.influence / found.influence[0] == pytest.approx(0.5 ** (np.arange(length) / half_life), rel=1e-12)


def test_the_scale_of_a_matrix_does_not_count() -> None:
    matrix = np.abs(np.random.default_rng(1).normal(size=(11, 11)))
    one, other = distance.decay(matrix), distance.decay(7.0 * matrix)
    assert one.influence == pytest.approx(other.influence, rel=1e-12)
    assert one.half_life == pytest.approx(other.half_life, rel=1e-9)


def test_decay_divides_by_the_mean_row_sum() -> None:
    matrix = np.array([[3.0, 1.0, 0.0], [2.0, 5.0, 0.0], [1.0, 4.0, 2.0]])
    found = distance.decay(matrix)
    assert found.influence == pytest.approx(np.array([10 / 3, 3.0, 1.0]) / 6)
    assert found.distance.tolist() == [0, 1, 2]


def rising(length: int) -> np.ndarray:
    gap = np.subtract.outer(np.arange(length), np.arange(length))
    return np.where(gap >= 0, 1.1 ** np.abs(gap), 0)


@pytest.mark.parametrize(
    "matrix",
    [np.ones((11, 11)), np.tril(np.ones((11, 11))), np.zeros((7, 7)), np.eye(7), np.ones((3, 3)), rising(11)],
    ids=["flat", "flat, left to right", "nothing", "diagonal", "too short", "rising"],
)
def test_what_does_not_fall_has_no_half_life(matrix: np.ndarray) -> None:
    assert distance.decay(matrix).half_life is None


def test_zeros_beyond_a_reach_are_left_out_of_the_fit() -> None:
    matrix = decays(13, 0.5).numpy()
    assert distance.decay(np.triu(matrix, -4)).half_life == pytest.approx(1.0, rel=1e-9)


def test_r2_says_how_poorly_one_exponential_fits() -> None:
    gap = np.subtract.outer(np.arange(13), np.arange(13))
    steps = np.where(gap >= 0, np.where(gap < 6, 1.0, 1e-4), 0.0)
    logs = np.where(np.arange(1, 13) < 6, 0.0, np.log2(1e-4))
    assert distance.decay(steps).r2 == pytest.approx(np.corrcoef(np.arange(1, 13), logs)[0, 1] ** 2, rel=1e-9)


def test_decay_wants_a_square() -> None:
    with pytest.raises(ValueError, match=r"square, got shape \(3, 5\)"):
        distance.decay(np.ones((3, 5)))


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        ([1, 0, 0], [1, 0, 0], 0),
        ([1, 0, 0], [0, 1, 0], 1),
        ([1, 1, 0], [0, 1, 1], 0.5),
        ([1, 2, 1], [10, 20, 10], 0),
        ([3, 1, 0], [1, 1, 2], 0.5),
        ([0, 0, 0], [0, 0, 0], 0),
        ([0, 0, 0], [0, 5, 0], 1),
    ],
)
def test_total_variation_of_closed_cases(first: list[float], second: list[float], wanted: float) -> None:
    rows = np.array([[first, second]], dtype=np.float32), np.array([[second, second]], dtype=np.float32)
    assert mixing.total_variation(*rows) == pytest.approx(np.array([[wanted, 0]]), abs=1e-12)


def test_total_variation_wants_one_shape() -> None:
    with pytest.raises(ValueError, match=r"one shape, got \(2,\) and \(3,\)"):
        mixing.total_variation(np.ones(2), np.ones(3))


@pytest.mark.parametrize("name", NAMES)
def test_rows_of_mixing_weights_are_shares(name: str) -> None:
    found = mixing.weights(tiny(name), SEVEN)
    assert found.sum(axis=-1) == pytest.approx(np.ones(found.shape[:2]), abs=1e-6)
    assert (found >= 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_mixing_is_the_blocks_own_wiring(name: str) -> None:
    model = tiny(name, double=True)
    hidden = model.run(model.embed(model.ids(SEVEN))).hidden
    for layer, block in enumerate(model.network.blocks):
        wired = block.mix.weights(block.before_mix(hidden[layer]))[0]
        shares = (wired / wired.sum(dim=1)[:, None]).detach().numpy()
        assert mixing.weights(model, SEVEN)[layer] == pytest.approx(shares, abs=1e-7)


@pytest.mark.parametrize("name", ["transformer", "hybrid"])
def test_mixing_of_attention_is_the_traces_mean_map(name: str) -> None:
    model = tiny(name)
    record = model.trace(SEVEN).attention
    assert record is not None
    for position, layer in enumerate(record.of()):
        mean = np.mean([record.map(position, head) for head in range(4)], axis=0)
        assert mixing.weights(model, SEVEN)[layer.index] == pytest.approx(mean, abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_only_fixed_weights_stay_when_a_word_changes(name: str) -> None:
    model = tiny(name)
    before, after = (mixing.weights(model, text) for text in (SEVEN, SEVEN.replace("cat", "lynx")))
    moved = mixing.total_variation(before, after).max(axis=1)
    if mixing.fixed(model):
        assert (before == after).all()
    elif name == "hybrid":
        assert (moved[:2] == 0).all()
        assert (moved[2:] > 1e-5).all()
    else:
        assert (moved > 1e-5).all()
    assert mixing.fixed(model) == (name in ("mlp", "cnn", "cnn-dilated", "rnn"))


def test_shuffling_a_bag_of_words_moves_nothing() -> None:
    model = around([Nothing()])
    model.network.readout = "mean"
    assert order.shuffled(model, SEVEN) == pytest.approx(np.zeros(16), abs=1e-12)


def test_shuffling_moves_a_model_of_the_last_word_by_what_that_word_says() -> None:
    model = ByHand(torch.randn(11, 3, generator=torch.Generator().manual_seed(8)), Linear(torch.eye(5), torch.eye(3)))
    chances = model.table[model.ids(FIVE)[0]].softmax(dim=-1)
    possible = (0.5 * (chances - chances[-1]).abs().sum(dim=-1)).numpy()
    found = order.shuffled(model, FIVE, shuffles=200, seed=3)
    nearest = np.abs(found[:, None] - possible)
    assert nearest.min(axis=1) == pytest.approx(np.zeros(200), abs=1e-12)
    counts = np.bincount(nearest.argmin(axis=1), minlength=5)
    assert (np.abs(counts - 40) < 30).all()
    assert (found == order.shuffled(model, FIVE, shuffles=200, seed=3)).all()
    assert (found != order.shuffled(model, FIVE, shuffles=200, seed=4)).any()


@pytest.mark.parametrize("name", NAMES)
def test_every_architecture_of_the_zoo_hears_the_order(name: str) -> None:
    moved = order.shuffled(tiny(name), words(11))
    assert moved.max() > 1e-3
    assert (moved <= 1).all()
