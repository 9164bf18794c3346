"""Surfaces over two coordinates on which optimizers are compared, each with its exact gradient.

value and gradient take points [..., 2]; `box` is what is drawn (x low, x high, y low, y high); `minima` are the
lowest points, exact or to the digits of their source.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Surface:
    """One surface; noise is the standard deviation of the error that `noisy_gradient` adds to both slopes."""

    name: str
    about: str
    value: Callable[[Points], Points]
    gradient: Callable[[Points], Points]
    box: tuple[float, float, float, float]
    start: tuple[float, float]
    minima: tuple[tuple[float, float], ...]
    lowest: float = 0.0
    noise: float = 0.0

    def noisy_gradient(self, seed: int = 0) -> Callable[[Points], Points]:
        """The gradient with its noise, the same sequence for a seed; without noise the gradient itself."""
        if not self.noise:
            return self.gradient
        draw = np.random.default_rng(seed)
        return lambda x: self.gradient(x) + self.noise * draw.standard_normal(2)

    def grid(self, points: int) -> tuple[Points, Points, Points]:
        """x [points], y [points] and values [points (y), points (x)] over the box."""
        x, y = np.linspace(*self.box[:2], points), np.linspace(*self.box[2:], points)
        return x, y, self.value(np.stack(np.meshgrid(x, y), axis=-1))


def _pair(x: Points) -> tuple[Points, Points]:
    return x[..., 0], x[..., 1]


def _quadratic(a: float, b: float) -> tuple[Callable[[Points], Points], Callable[[Points], Points]]:
    """(a x^2 + b y^2) / 2, with curvatures a and b."""
    bend = np.array([a, b])
    return lambda x: (bend * x * x).sum(axis=-1) / 2, lambda x: bend * x


def rosenbrock(x: Points) -> Points:
    """(1 - x)^2 + 100 (y - x^2)^2, Rosenbrock 1960."""
    a, b = _pair(x)
    return (1 - a) ** 2 + 100 * (b - a * a) ** 2


def rosenbrock_slope(x: Points) -> Points:
    """Gradient of `rosenbrock`, by hand: [..., 2] -> [..., 2]."""
    a, b = _pair(x)
    return np.stack([-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)], axis=-1)


BEALE = (1.5, 2.25, 2.625)


def beale(x: Points) -> Points:
    """sum_i (c_i - x + x y^i)^2, i = 1, 2, 3, Beale 1958."""
    a, b = _pair(x)
    return sum(((c - a + a * b**i) ** 2 for i, c in enumerate(BEALE, 1)), np.zeros_like(a))


def beale_slope(x: Points) -> Points:
    """Gradient of `beale`, by hand: [..., 2] -> [..., 2]."""
    a, b = _pair(x)
    rest = [(c - a + a * b**i, i) for i, c in enumerate(BEALE, 1)]
    across = sum((2 * r * (b**i - 1) for r, i in rest), np.zeros_like(a))
    along = sum((2 * r * a * i * b ** (i - 1) for r, i in rest), np.zeros_like(a))
    return np.stack([across, along], axis=-1)


def saddle(x: Points) -> Points:
    """x^2 / 2 - y^2 / 2 + y^4 / 4: flat at the origin, lowest at y = 1 and y = -1."""
    a, b = _pair(x)
    return a * a / 2 - b * b / 2 + b**4 / 4


def saddle_slope(x: Points) -> Points:
    """Gradient of `saddle`, by hand: [..., 2] -> [..., 2]."""
    a, b = _pair(x)
    return np.stack([a, b**3 - b], axis=-1)


def himmelblau(x: Points) -> Points:
    """(x^2 + y - 11)^2 + (x + y^2 - 7)^2, Himmelblau 1972: four minima of value 0."""
    a, b = _pair(x)
    return (a * a + b - 11) ** 2 + (a + b * b - 7) ** 2


def himmelblau_slope(x: Points) -> Points:
    """Gradient of `himmelblau`, by hand: [..., 2] -> [..., 2]."""
    a, b = _pair(x)
    p, q = a * a + b - 11, a + b * b - 7
    return np.stack([4 * a * p + 2 * q, 2 * p + 4 * b * q], axis=-1)


def plateau(x: Points) -> Points:
    """1 - exp(-(x^2 + y^2) / 2): a well in a plain that is flat far out."""
    return 1 - np.exp(-(x * x).sum(axis=-1) / 2)


def plateau_slope(x: Points) -> Points:
    """Gradient of `plateau`, by hand: [..., 2] -> [..., 2]."""
    return x * np.exp(-(x * x).sum(axis=-1, keepdims=True) / 2)


HIMMELBLAU = ((3.0, 2.0), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126))
ORIGIN = ((0.0, 0.0),)
_ALL = (
    Surface("bowl", "Round: curvature 1 both ways.", *_quadratic(1, 1), (-3, 3, -3, 3), (-2.5, 1.5), ORIGIN),
    Surface("ravine", "Curvature 1 along, 50 across.", *_quadratic(1, 50), (-3, 3, -1.5, 1.5), (-2.5, 1.0), ORIGIN),
    Surface(
        "Rosenbrock",
        "A bent valley: easy to reach, slow to follow.",
        rosenbrock,
        rosenbrock_slope,
        (-2, 2, -1, 3),
        (-1.5, 2.0),
        ((1.0, 1.0),),
    ),
    Surface(
        "Beale",
        "Flat in the middle, steep at the corners.",
        beale,
        beale_slope,
        (-4.5, 4.5, -4.5, 4.5),
        (1.0, 1.5),
        ((3.0, 0.5),),
    ),
    Surface(
        "saddle",
        "Down on one axis, up on the other: at the origin the slope is zero, yet it is no minimum.",
        saddle,
        saddle_slope,
        (-2, 2, -2, 2),
        (-1.5, 0.001),
        ((0.0, 1.0), (0.0, -1.0)),
        -0.25,
    ),
    Surface(
        "Himmelblau",
        "Four minima of one depth: the start decides which.",
        himmelblau,
        himmelblau_slope,
        (-5, 5, -5, 5),
        (-0.5, -4.0),
        HIMMELBLAU,
    ),
    Surface(
        "plateau", "Nearly no slope far from the well.", plateau, plateau_slope, (-4, 4, -4, 4), (-2.8, 2.0), ORIGIN
    ),
    Surface(
        "noisy",
        "A bowl whose slope is known only up to noise of standard deviation 1, as from a small batch.",
        *_quadratic(1, 5),
        (-3, 3, -3, 3),
        (-2.5, 2.0),
        ORIGIN,
        noise=1.0,
    ),
)
SURFACES = {surface.name: surface for surface in _ALL}


def surface(name: str) -> Surface:
    """A surface by name."""
    if name not in SURFACES:
        raise ValueError(f"surface must be one of {', '.join(SURFACES)}, got {name!r}")
    return SURFACES[name]
