"""Gradients through time against closed forms, torch's own cells, and the counterexample to the eigenvalue bound."""

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode

from models import load
from models.lens import gradient_flow_chain as chain
from models.lens import gradient_flow_time as time
from models.lens import influence
from tests.models.tiny import SEVEN, tiny


@pytest.mark.parametrize(("scale", "wanted"), [(0.9, 0.0051538), (1.0, 1.0), (1.1, 117.3909)])
def test_orthogonal_linear_recurrence(scale: float, wanted: float) -> None:
    """The norm of a product of 50 Jacobians s Q, Q orthogonal, is s^50."""
    found = time.recurrence("linear", 7, 50, scale)
    assert found.norms[0] == pytest.approx(wanted, rel=1e-4)
    assert found.theory is not None
    assert found.norms == pytest.approx(found.theory, rel=1e-9)
    assert found.bound == pytest.approx(found.theory, rel=1e-9)


@pytest.mark.parametrize("cell", ["tanh", "sigmoid"])
@pytest.mark.parametrize("scale", [0.7, 1.0, 2.5])
def test_the_singular_value_bounds_every_cell(cell: str, scale: float) -> None:
    found = time.recurrence(cell, 11, 23, scale)
    assert found.bound is not None
    assert (found.norms <= found.bound * (1 + 1e-9)).all()
    assert found.bound[0] == pytest.approx(({"tanh": 1.0, "sigmoid": 0.25}[cell] * scale) ** 23, rel=1e-9)


def test_the_counterexample_doubles_though_every_eigenvalue_is_zero() -> None:
    w, b, x = chain.COUNTEREXAMPLE
    assert np.abs(np.linalg.eigvals(w)).max() < 1e-6
    assert np.linalg.norm(w, 2) == pytest.approx(16)
    found = chain.pascanu(w, b, x, 8)
    assert found[:4] == pytest.approx([14.1421, 28.2843, 56.5685, 113.1371], rel=1e-5)
    assert found[1:] / found[:-1] == pytest.approx(np.full(7, 2.0), rel=1e-9)


@pytest.mark.parametrize(("cell", "torchs"), [("tanh", torch.nn.RNN), ("LSTM", torch.nn.LSTM), ("GRU", torch.nn.GRU)])
def test_cells_step_as_torchs_own(cell: str, torchs: type) -> None:
    width, noise = 5, torch.Generator().manual_seed(3)
    parts = {"LSTM": 4, "GRU": 3}.get(cell, 1)
    inner, outer = (torch.randn(parts * width, width, generator=noise, dtype=torch.float64) for _ in range(2))
    x = torch.randn(2, 3, width, generator=noise, dtype=torch.float64)
    theirs = torchs(width, width, batch_first=True).double()
    with torch.no_grad():
        theirs.weight_hh_l0.copy_(inner)
        theirs.weight_ih_l0.copy_(outer)
        theirs.bias_ih_l0.zero_()
        theirs.bias_hh_l0.zero_()
        if cell == "LSTM":
            theirs.bias_ih_l0[width : 2 * width] = 1.7
    state = torch.zeros(2, 2 * width if cell == "LSTM" else width, dtype=torch.float64)
    for t in range(3):
        state, _ = time.step(cell, state, x[:, t], inner, outer, 1.7)
    assert torch.allclose(state[:, :width], theirs(x)[0][:, -1], atol=1e-12)


def test_lstm_gates_held_open_keep_the_cell() -> None:
    """With s = 0 the gates see the inputs alone: c_T depends on c_t by the forget gates and nothing else."""
    found = time.recurrence("LSTM", 5, 13, 0.0, forget_bias=3.0)
    assert found.forget is not None
    assert found.forget[-1] == 1
    assert (found.norms >= found.forget * (1 - 1e-9)).all()
    assert (found.norms[:-1] <= 1.5 * found.forget[:-1]).all()
    closed = time.recurrence("LSTM", 5, 13, 0.0, forget_bias=-3.0)
    assert closed.norms[0] < 1e-9 < found.norms[0]


def test_products_of_gates() -> None:
    gates = np.array([[0.5, 0.1], [0.2, 1.0], [0.3, 0.7]])
    assert time.held(gates) == pytest.approx(np.array([[0.06, 0.7], [0.3, 0.7], [1.0, 1.0]]))


def test_the_gradient_of_the_loss_by_step_and_its_clipping() -> None:
    """Linear and orthogonal: || d loss / d s_t || = s^(T - t), 1 at the end whatever is clipped."""
    found = time.recurrence("linear", 5, 31, 1.2)
    assert found.loss == pytest.approx(1.2 ** np.arange(31, -1, -1), rel=1e-9)
    assert (found.loss <= found.norms * (1 + 1e-9)).all()
    assert time.clip_factor(found.total, 0.1) == pytest.approx(0.1 / found.total, rel=1e-12)
    assert time.clip_factor(0.05, 0.1) == 1
    assert time.clip_factor(0.0, 0.1) == 1
    assert time.clip_factor(np.inf, 0.1) == 0
    assert np.isnan(time.clip_factor(np.nan, 0.1))
    with pytest.raises(ValueError, match="clipping norm must be above 0, got 0"):
        time.clip_factor(1.0, 0)


def test_the_clipping_factor_is_torchs() -> None:
    weight = torch.nn.Parameter(torch.zeros(7))
    weight.grad = torch.arange(1.0, 8.0)
    total = float(weight.grad.norm())
    torch.nn.utils.clip_grad_norm_([weight], 0.3)
    assert weight.grad.numpy() == pytest.approx(np.arange(1.0, 8.0) * time.clip_factor(total, 0.3), rel=1e-5)


def test_a_change_of_input_by_hand() -> None:
    """Linear, width 1, s = 0.5: the change of h_T is |dx| |v| 0.5^(T - t)."""
    found = time.recurrence("linear", 1, 9, 0.5)
    assert found.change.shape == (9,)
    ratio = time.recurrence("linear", 1, 9, 1.0).change / found.change
    assert ratio == pytest.approx(2.0 ** np.arange(8, -1, -1), rel=1e-9)


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "transformer"])
def test_by_time_is_the_last_row_of_both_influence_matrices(name: str) -> None:
    model = tiny(name, causal=True)
    found = time.by_time(model, SEVEN)
    for kind in ("gradient", "substitution"):
        assert getattr(found, kind) == pytest.approx(influence.matrix(model, SEVEN, kind).values[-1], rel=1e-5)
    assert (found.kept is not None) == (name == "lstm")


def test_a_trained_recurrence_has_no_gradient_and_full_influence() -> None:
    """Where units saturate, the gradient at a far noun is nil, and replacing the noun still moves the state."""
    model = load("agreement-rnn", "cpu")
    text = "the keys " + "again yesterday " * 25
    found = time.by_time(model, text.strip())
    assert found.gradient[1] < 1e-9 * found.gradient[-1]
    assert found.substitution[1] > 0.01 * found.substitution[-1]


def test_noise_has_the_length_that_was_asked_for() -> None:
    model = tiny("rnn")
    assert len(model.trace(time.random_words(model, 13)).tokens) == 13
    assert time.random_words(model, 13) == time.random_words(model, 13)
    for length in (0, time.MOST_WORDS + 1, 2_000_000):
        with pytest.raises(ValueError, match=rf"random words must number 1\.\.512, got {length}"):
            time.random_words(model, length)


@pytest.mark.parametrize("cell", ["tanh", "LSTM"])
def test_changed_inputs_are_never_held_as_whole_sequences(cell: str) -> None:
    """T steps, T x 8 changed texts, width D: no tensor of T x T x 8 x D numbers."""

    class Largest(TorchFunctionMode):
        size = 0

        def __torch_function__(self, func, types, args=(), kwargs=None):
            made = func(*args, **(kwargs or {}))
            self.size = max(self.size, made.numel() if isinstance(made, torch.Tensor) else 0)
            return made

    steps, width = 101, 3
    with Largest() as largest:
        time.recurrence(cell, width, steps)
    assert steps * time.OTHERS * width <= largest.size < 9 * steps * time.OTHERS * width


def test_a_recurrence_beyond_every_number_is_infinite_or_no_number_and_never_an_error() -> None:
    found = time.recurrence("linear", 3, 200, 100.0)
    near, far = found.norms[-150:], found.norms[:40]  # 100^154 is the last power that float64 holds
    assert near == pytest.approx(100.0 ** np.arange(149, -1, -1), rel=1e-9)
    assert not np.isfinite(far).any()


def test_a_chain_of_infinite_states_under_attention_is_no_number() -> None:
    links = chain.Links(factors=100, width=16, activation="linear", scale=100.0, attention=True)
    assert np.isnan(chain.norms(links, True)[0])


def test_a_jacobian_that_overflows_is_infinite() -> None:
    x = torch.ones(1, dtype=torch.float64, requires_grad=True)
    assert chain.spectral(x * 1e150 * 1e150, [x]) == pytest.approx([1e300])
    assert chain.spectral(x * 1e200 * 1e200, [x]) == np.inf


@pytest.mark.parametrize("shared", [False, True])
def test_orthogonal_linear_chains_multiply_their_scale(shared: bool) -> None:
    found = chain.norms(chain.Links(factors=23, width=7, activation="linear", start="orthogonal", scale=0.9), shared)
    assert found == pytest.approx(0.9 ** np.arange(23, -1, -1), rel=1e-9)


def test_a_gaussian_chain_is_the_product_of_its_matrices() -> None:
    links, noise = chain.Links(factors=5, width=3, activation="linear"), torch.Generator().manual_seed(4)
    drawn = [torch.randn(3, 3, generator=noise, dtype=torch.float64).numpy() * 3**-0.5 for _ in range(5)]
    product, wanted = np.eye(3), [1.0]
    for matrix in drawn[::-1]:
        product = product @ matrix
        wanted.append(np.linalg.norm(product, 2))
    assert chain.norms(links, False, 4) == pytest.approx(wanted[::-1], rel=1e-9)
    assert chain.norms(links, True, 4)[0] == pytest.approx(np.linalg.norm(np.linalg.matrix_power(drawn[0], 5), 2))


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("name", ["residual", "gates", "attention"])
def test_every_help_keeps_more_of_a_sigmoid_chain(shared: bool, name: str) -> None:
    plain = chain.norms(chain.Links(activation="sigmoid"), shared)
    helped = chain.norms(chain.Links(activation="sigmoid", **{name: True}), shared)
    assert plain[0] < 1e-20
    assert helped[0] > 1e3 * plain[0]
    assert helped[0] > 1e-3


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"factors": 101}, r"factors must lie in 1..100, got 101"),
        ({"width": 0}, r"width must lie in 1..128, got 0"),
        ({"start": "zeros"}, "start must be one of orthogonal, gaussian"),
    ],
)
def test_chains_are_checked(settings: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        chain.Links(**settings)
    with pytest.raises(ValueError, match="cell must be one of linear"):
        time.recurrence("vanilla")
