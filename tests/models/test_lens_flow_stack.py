"""Shaped stacks: the known factors a layer, mean-field theory, closed forms, and what a stack must refuse."""

import numpy as np
import pytest
import torch

from models.lens import gradient_flow_stack as flow
from models.lens import gradient_flow_theory as theory
from models.zoo.stack import ACTIVATIONS, INITIALISATIONS, KINDS, Shape, Stack

WIDE = {"depth": 30, "width": 256}
# In theory 1, sqrt(1/2) and 1 (Glorot and Bengio 2010; He et al. 2015); the others as measured, width 256, 30 layers.
FACTORS = [
    ({"activation": "linear", "initialisation": "xavier"}, 0.999),
    ({"activation": "relu", "initialisation": "xavier"}, 0.706),
    ({"activation": "relu", "initialisation": "he"}, 1.002),
    ({"activation": "tanh", "initialisation": "xavier"}, 0.951),
    ({"activation": "tanh", "initialisation": "scaled", "scale": 5 / 3}, 1.09),
    ({"activation": "sigmoid", "initialisation": "xavier"}, 0.236),
]


def ends(gradient: np.ndarray) -> float:
    """rho = (|| d L / d h_1 || / || d L / d h_L ||)^(1 / (L - 1))."""
    return float((gradient[1] / gradient[-1]) ** (1 / (len(gradient) - 2)))


@pytest.mark.parametrize(("settings", "wanted"), FACTORS)
def test_known_factors_a_layer(settings: dict, wanted: float) -> None:
    found = flow.through(Shape(**WIDE, **settings))
    assert ends(found.gradient) == pytest.approx(wanted, abs=0.03)
    assert found.factor == pytest.approx(wanted, abs=0.03)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stacks_weights_are_known_before_it_is_built(kind: str) -> None:
    stack = Stack(Shape(kind=kind, depth=5, width=7))
    assert flow.weights_of(kind, 5, 7) == sum(weight.numel() for weight in stack.parameters())


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("initialisation", INITIALISATIONS)
def test_theory_predicts_the_measured_factor(activation: str, initialisation: str) -> None:
    shape = Shape(depth=12, width=256, activation=activation, initialisation=initialisation, scale=1.3)
    predicted = theory.gradient(activation, initialisation, 12, 1.3)
    assert flow.through(shape, 3).factor == pytest.approx(flow.fitted(predicted[1:]), abs=0.05)


def test_theory_in_closed_form() -> None:
    assert theory.gradient("relu", "xavier", 7)[0] == pytest.approx(0.5**3.5, rel=1e-9)
    assert theory.gradient("relu", "he", 7)[0] == pytest.approx(1, rel=1e-9)
    assert theory.gradient("linear", "scaled", 11, 0.9)[0] == pytest.approx(0.9**11, rel=1e-12)
    assert theory.gradient("sigmoid", "xavier", 1)[0] < 0.25
    small = theory.gradient("tanh", "scaled", 1, 1e-3)[0]  # nearly linear
    assert small == pytest.approx(1e-3, rel=1e-5)


@pytest.mark.parametrize("activation", theory.FUNCTIONS)
def test_theorys_functions_are_torchs_with_their_slopes(activation: str) -> None:
    z = torch.linspace(-3, 3, 14, dtype=torch.float64, requires_grad=True)
    out = ACTIVATIONS[activation](z)
    (slope,) = torch.autograd.grad(out.sum(), z)
    phi, rise = theory.FUNCTIONS[activation]
    at = z.detach().numpy()
    assert phi(at) == pytest.approx(out.detach().numpy(), abs=1e-12)
    assert np.asarray(rise(at), dtype=float) == pytest.approx(slope.numpy(), abs=1e-12)


def test_an_orthogonal_linear_stack_keeps_every_norm() -> None:
    found = flow.through(Shape(depth=50, width=31, activation="linear", initialisation="orthogonal"))
    assert found.gradient == pytest.approx(np.ones(51), abs=1e-10)
    assert found.activation == pytest.approx(np.full(51, found.activation[0]), rel=1e-10)


def test_parameter_gradients_by_the_outer_product() -> None:
    """Linear layers: d loss / d W_l = g_l^T h_{l-1}; and || W ||^2 = n for an orthogonal W."""
    shape = Shape(depth=5, width=7, activation="linear", initialisation="orthogonal")
    found, stack = flow.through(shape, 4), Stack(shape, 4)
    noise = torch.Generator().manual_seed(5)
    x, way = (torch.randn(flow.BATCH, 1, 7, generator=noise, dtype=torch.float64)[:, 0] for _ in range(2))
    g, wanted = way / way.norm(), []
    matrices = [layer.weights[0].detach() for layer in stack.layers]
    hidden = [x]
    for matrix in matrices:
        hidden.append(hidden[-1] @ matrix.T)
    for depth in range(4, -1, -1):
        wanted.append(float((g.T @ hidden[depth]).norm()))
        g = g @ matrices[depth]
    assert found.parameters == pytest.approx(wanted[::-1], rel=1e-10)
    assert found.weights == pytest.approx(np.full(5, 7**0.5), rel=1e-12)
    assert found.update(0.3) == pytest.approx(0.3 * np.array(wanted[::-1]) / 7**0.5, rel=1e-10)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("normalisation", ["none", "layer", "batch"])
@pytest.mark.parametrize("place", ["before", "after"])
def test_every_kind_has_the_gradient_of_its_loss(kind: str, normalisation: str, place: str) -> None:
    """A small step of the input along the gradient changes the loss by step x norm^2."""
    shape = Shape(kind, 3, 5, "tanh", "xavier", 1.0, normalisation, place, residual=True)
    stack = Stack(shape, 2)
    noise = torch.Generator().manual_seed(3)
    size = (flow.BATCH, 1 if kind == "fully connected" else flow.POSITIONS, 5)
    x, way = (torch.randn(size, generator=noise, dtype=torch.float64) for _ in range(2))
    way = way / way.norm()
    start = x.clone().requires_grad_()
    (slope,) = torch.autograd.grad((stack(start)[-1] * way).sum(), start)
    step = 1e-5
    with torch.no_grad():
        up, down = ((stack(x + sign * step * slope)[-1] * way).sum() for sign in (1, -1))
    assert float((up - down) / (2 * step)) == pytest.approx(float(slope.norm()) ** 2, rel=1e-6)
    assert flow.through(shape, 2).gradient[0] == pytest.approx(float(slope.norm()), rel=1e-9)


def test_a_residual_path_keeps_a_sigmoid_stack_alive() -> None:
    plain = flow.through(Shape(depth=50, width=64, activation="sigmoid"))
    helped = flow.through(Shape(depth=50, width=64, activation="sigmoid", residual=True))
    assert plain.gradient[0] < 1e-25
    assert helped.gradient[0] > 0.5


def test_deep_thin_sigmoids_underflow_in_single_and_stay_numbers_in_double_precision() -> None:
    shape = Shape(depth=100, width=2, activation="sigmoid")
    single, double = (flow.through(shape, precision=one) for one in ("float32", "float64"))
    assert single.gradient[0] == 0
    assert 0 < double.gradient[0] < 1e-45
    assert np.isfinite(double.factor)


def test_powers_are_the_gradients_logarithms() -> None:
    for shape in (Shape(depth=30, activation="sigmoid"), Shape("attention", 5, 7), Shape(depth=9, residual=True)):
        assert flow.powers(shape, 3) == pytest.approx(np.log10(flow.through(shape, 3).gradient), abs=1e-9)


def test_powers_go_on_where_no_float_does() -> None:
    """A linear stack of width 1: the gradient is the product of its weights, here beyond float64."""
    shape = Shape(depth=100, width=1, activation="linear", initialisation="scaled", scale=1e-5)
    sizes = [abs(float(layer.weights[0].detach())) for layer in Stack(shape, 2).layers]
    found = flow.powers(shape, 2)
    assert found[0] == pytest.approx(np.log10(sizes).sum(), abs=1e-9)
    assert found[0] < -400
    assert flow.through(shape, 2).gradient[0] == 0


def test_a_layer_that_passes_nothing_has_no_power() -> None:
    for shape in (
        Shape(depth=9, width=1, normalisation="layer"),
        Shape(depth=5, initialisation="scaled", scale=0.0),
        Shape(depth=10, width=1, activation="relu"),
    ):
        assert flow.powers(shape)[0] == -np.inf
        assert flow.through(shape).gradient[0] == 0


def test_width_one_runs_and_its_layer_norm_passes_nothing() -> None:
    assert np.isfinite(flow.through(Shape(depth=9, width=1)).gradient).all()
    assert flow.through(Shape(depth=9, width=1, normalisation="layer")).gradient[0] == 0


def test_rates() -> None:
    found = flow.through(Shape(depth=2, width=3))
    assert (found.update(0.0) == 0).all()
    assert (found.update(1e6) == 1e6 * found.update(1.0)).all()
    for rate in (-0.1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="learning rate must be a finite number of at least 0"):
            found.update(rate)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"depth": 0}, r"depth must lie in 1..100, got 0"),
        ({"width": 513}, r"width must lie in 1..512, got 513"),
        ({"activation": "swish"}, r"activation must be one of linear, sigmoid"),
        ({"scale": -1.0}, r"scale must lie in 0..100"),
    ],
)
def test_shapes_are_checked(settings: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Shape(**settings)
