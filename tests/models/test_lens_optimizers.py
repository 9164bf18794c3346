"""Optimizers against torch.optim, published trajectories, closed forms and stability limits; surfaces and schedules."""

import warnings
from typing import Any

import numpy as np
import pytest
import torch

from models.lens import optimizers, optimizers_limits, surfaces
from models.lens.optimizers_schedules import factors

START = (-1.5, 2.0)
TORCH = {
    "sgd": torch.optim.SGD,
    "momentum": torch.optim.SGD,
    "nesterov": torch.optim.SGD,
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}


def itself(x: np.ndarray) -> np.ndarray:
    """The gradient of x^2 / 2."""
    return x


GOLDEN = [  # torch's conventions and its defaults otherwise, float64: f = x^2 / 2 from 1
    ("sgd", {"lr": 0.1}, (0.9, 0.81, 0.729, 0.6561, 0.59049)),
    ("momentum", {"lr": 0.1, "momentum": 0.9}, (0.9, 0.72, 0.486, 0.2268, -0.02916)),
    ("rmsprop", {"lr": 0.01}, (0.90000001, 0.832917975, 0.779982282, 0.735389054, 0.696465799)),
    ("adagrad", {"lr": 0.1}, (0.9, 0.833103527, 0.780456181, 0.736223133, 0.697714862)),
    ("adam", {"lr": 0.1}, (0.900000001, 0.80041223, 0.701586275, 0.603939063, 0.507963662)),
]


@pytest.mark.parametrize(("name", "settings", "wanted"), GOLDEN)
def test_golden_trajectories(name: str, settings: dict[str, float], wanted: tuple[float, ...]) -> None:
    found = optimizers.path(name, itself, [1.0], 5, **settings)
    assert found[:, 0] == pytest.approx([1.0, *wanted], abs=6e-10)


SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("sgd", {"lr": 1e-3}),
    ("sgd", {"lr": 1e-3, "weight_decay": 0.3}),
    ("momentum", {"lr": 1e-4, "dampening": 0.4, "weight_decay": 0.1}),
    ("momentum", {"lr": 1e-4, "momentum": 0.7}),
    ("nesterov", {"lr": 1e-4, "weight_decay": 0.2}),
    ("nesterov", {"lr": 2e-4, "momentum": 0.5}),
    ("adagrad", {"lr": 0.3, "lr_decay": 0.05, "weight_decay": 0.1, "initial_accumulator_value": 0.7, "eps": 1e-3}),
    ("rmsprop", {"lr": 0.02, "alpha": 0.8, "eps": 1e-3, "weight_decay": 0.1}),
    ("rmsprop", {"lr": 0.01, "momentum": 0.6, "centered": True}),
    ("rmsprop", {"lr": 0.01, "centered": True}),
    ("adam", {"lr": 0.05, "betas": (0.7, 0.95), "eps": 1e-3, "weight_decay": 0.2}),
    ("adam", {"lr": 0.3, "amsgrad": True}),
    ("adamw", {"lr": 0.05, "weight_decay": 0.5}),
    ("adamw", {"lr": 0.2, "amsgrad": True}),
]


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_every_setting_follows_torch(name: str, settings: dict[str, Any]) -> None:
    """60 steps on Rosenbrock's valley, to 1e-12 of the largest coordinate."""
    point = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    extra = {"momentum": optimizers.defaults(name)["momentum"]} if TORCH[name] is torch.optim.SGD else {}
    extra |= {"nesterov": True} if name == "nesterov" else {}
    theirs = TORCH[name]([point], **{**extra, **settings})
    wanted = [point.detach().numpy().copy()]
    for _ in range(60):
        point.grad = torch.from_numpy(surfaces.rosenbrock_slope(point.detach().numpy()))
        theirs.step()
        wanted.append(point.detach().numpy().copy())
    found = optimizers.path(name, surfaces.rosenbrock_slope, START, 60, **settings)
    assert np.abs(found - wanted).max() <= 1e-12 * np.abs(wanted).max()


@pytest.mark.parametrize("name", optimizers.NAMES)
def test_default_settings_are_torchs(name: str) -> None:
    theirs = TORCH[name]([torch.zeros(1, requires_grad=True)]).defaults
    changed = {"momentum": ("momentum",), "nesterov": ("momentum", "nesterov")}.get(name, ())
    ours = optimizers.defaults(name)
    assert {key: value for key, value in ours.items() if key not in changed} == {
        key: theirs[key] for key in ours if key not in changed
    }


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_adams_first_step_is_the_rate_for_any_scale(scale: float) -> None:
    found = optimizers.path("adam", lambda x: scale * x, [2.0, -3.0], 40, lr=0.1, eps=1e-12)
    assert found[1] == pytest.approx([1.9, -2.9], abs=1e-8)
    assert found == pytest.approx(optimizers.path("adam", itself, [2.0, -3.0], 40, lr=0.1, eps=1e-12), abs=1e-8)


def test_rmsprops_first_step_is_ten_rates() -> None:
    assert optimizers.path("rmsprop", itself, [3.0], 1, lr=0.01, alpha=0.99)[1, 0] == pytest.approx(2.9, abs=1e-7)


@pytest.mark.parametrize("name", optimizers_limits.FIXED_RATE)
@pytest.mark.parametrize("curvature", [0.5, 1.0, 37.0])
def test_the_limit_parts_what_shrinks_from_what_grows(name: str, curvature: float) -> None:
    edge = float(optimizers_limits.limit(name, curvature))
    ends = [
        abs(optimizers.path(name, lambda x: curvature * x, [1.0], 4000, lr=factor * edge)[-1, 0])
        for factor in (0.99, 1.01)
    ]
    assert ends[0] < 1e-8
    assert not ends[1] < 1e8
    assert optimizers_limits.growth(name, edge, curvature) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("name", optimizers_limits.FIXED_RATE)
def test_growth_is_what_a_long_run_does(name: str) -> None:
    found = np.abs(optimizers.path(name, lambda x: 3.0 * x, [1.0], 3000, lr=0.02)[:, 0])
    late = np.log(found[2000:2900].max() / found[1000:1900].max()) / 1000
    assert np.exp(late) == pytest.approx(optimizers_limits.growth(name, 0.02, 3.0), abs=2e-3)


def test_curvatures_of_a_known_quadratic() -> None:
    bend = np.array([[3.0, 1.0], [1.0, 2.0]])
    found = optimizers_limits.curvatures(lambda x: bend @ x, [0.3, -0.7])
    assert found == pytest.approx(np.linalg.eigvalsh(bend), abs=1e-8)


def test_divergence_stops_by_itself_and_is_named() -> None:
    found = optimizers.walk("sgd", itself, [1.0, 0.5], 500, lr=1e6, limit=1e3)
    assert found.diverged == 1
    assert len(found.points) == 2
    rest = optimizers.path("sgd", lambda x: x**3, [10.0], 50, lr=1.0)
    assert np.isnan(rest[-1]).all()
    assert len(rest) == 51


def test_a_rate_of_zero_stays() -> None:
    assert (optimizers.path("adam", itself, [1.0, 2.0], 5, lr=0.0) == [1.0, 2.0]).all()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"lr": -0.1}, "lr must be a finite number of at least 0, got -0.1"),
        ({"lr": float("nan")}, "lr must be a finite number"),
        ({"betas": (0.9, 1.0)}, "both betas must lie in"),
        ({"speed": 3}, "adam has the settings lr, betas"),
        ({"schedule": "sawtooth"}, "schedule must be one of constant, step, cosine, warm-up"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        optimizers.path("adam", itself, [1.0], 3, **settings)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="optimizer must be one of sgd"):
        optimizers.path("lion", itself, [1.0], 3)
    with pytest.raises(ValueError, match="surface must be one of bowl"):
        surfaces.surface("hill")
    with pytest.raises(ValueError, match="start must be finite"):
        optimizers.path("sgd", itself, [np.inf], 3)


def theirs(kind: Any, steps: int, **settings: Any) -> list[float]:
    """The factors that a scheduler of torch gives."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler, found = kind(optimizer, **settings), []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch wants optimizer.step() first; nothing is optimised here
        for _ in range(steps):
            found.append(scheduler.get_last_lr()[0])
            scheduler.step()
    return found


def test_schedules_are_torchs() -> None:
    schedulers = torch.optim.lr_scheduler
    assert factors("step", 30) == pytest.approx(theirs(schedulers.StepLR, 30, step_size=10, gamma=0.1), rel=1e-12)
    cosine = theirs(schedulers.CosineAnnealingLR, 31, T_max=31)
    assert factors("cosine", 31) == pytest.approx(cosine, abs=1e-12)
    warm = factors("warm-up", 50)
    assert warm[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert warm[5:] == pytest.approx(theirs(schedulers.CosineAnnealingLR, 45, T_max=45), abs=1e-12)
    assert (factors("constant", 7) == 1).all()


def test_a_schedule_multiplies_the_rate() -> None:
    found = optimizers.walk("sgd", itself, [1.0], 10, lr=0.5, schedule="cosine")
    assert found.rates == pytest.approx(0.5 * factors("cosine", 10))
    assert found.points[:, 0] == pytest.approx(np.cumprod([1.0, *(1 - found.rates)]))


@pytest.mark.parametrize("surface", surfaces.SURFACES.values(), ids=lambda surface: surface.name)
def test_gradients_agree_with_finite_differences(surface: surfaces.Surface) -> None:
    draw = np.random.default_rng(7)
    low, high = np.array(surface.box[::2]), np.array(surface.box[1::2])
    points = low + (high - low) * draw.random((11, 2))
    step = 1e-6
    wanted = [(surface.value(points + s) - surface.value(points - s)) / (2 * step) for s in np.eye(2) * step]
    scale = np.abs(wanted).max()
    assert np.abs(surface.gradient(points) - np.stack(wanted, axis=-1)).max() <= 1e-7 * max(1.0, scale)


@pytest.mark.parametrize("surface", surfaces.SURFACES.values(), ids=lambda surface: surface.name)
def test_minima_are_minima(surface: surfaces.Surface) -> None:
    minima = np.array(surface.minima)
    assert surface.value(minima) == pytest.approx(np.full(len(minima), surface.lowest), abs=1e-9)
    assert np.abs(surface.gradient(minima)).max() < 1e-3
    assert surface.grid(41)[2].min() >= surface.lowest - 1e-12
    assert all(optimizers_limits.curvatures(surface.gradient, point)[0] > 0 for point in minima)


def test_the_noisy_surface_repeats_its_noise_and_is_right_on_average() -> None:
    noisy, point = surfaces.surface("noisy"), np.array([1.0, -2.0])
    once, again = noisy.noisy_gradient(3), noisy.noisy_gradient(3)
    drawn = np.array([once(point) for _ in range(4000)])
    assert (drawn[:5] == [again(point) for _ in range(5)]).all()
    assert drawn.mean(axis=0) == pytest.approx(noisy.gradient(point), abs=0.06)
    assert drawn.std(axis=0) == pytest.approx([1.0, 1.0], abs=0.05)


def test_the_best_rate_of_a_grid_on_a_bowl() -> None:
    """On x^2 / 2 one step of SGD at rate 1 ends at the minimum."""
    rates = np.array([0.01, 0.1, 1.0, 1.9, 5.0])
    assert optimizers.best("sgd", lambda x: (x * x).sum(), lambda: itself, [1.0], 3, rates) == 1.0
