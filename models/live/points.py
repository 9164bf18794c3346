"""Points in the plane: clusters at four corners, and classes along curves; classes alternate, so both are equal."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Examples = tuple[NDArray, NDArray, NDArray, NDArray]  # training x and y, validation x and y
Maker = Callable[[np.random.Generator, int, int], Examples]  # generator, training and validation examples


def corners(table: tuple[int, int, int, int], spread: float = 0.4) -> Maker:
    """Four equal clusters at (-1, -1), (1, -1), (-1, 1), (1, 1), uniform within a disc; `table` gives their classes.

    With opposite corners alike (XOR) no line gets more than three clusters right, 75 %, as long as the discs are small:
    the two diagonals between any four points, one of each cluster, cross.
    """
    places = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]], dtype=float)

    def make(rng: np.random.Generator, count: int, held: int) -> Examples:
        def some(n: int) -> tuple[NDArray, NDArray]:
            which = np.arange(n) % 4
            radius, angle = spread * np.sqrt(rng.random(n)), rng.random(n) * 2 * np.pi
            points = places[which] + radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
            return points.astype(np.float32), np.array(table)[which]

        return *some(count), *some(held)

    return make


def plane(shape: Callable[[NDArray, NDArray], NDArray], noise: float) -> Maker:
    """Points of a curve `shape(class, place in [0, 1])`, with normal noise."""

    def make(rng: np.random.Generator, count: int, held: int) -> Examples:
        def some(n: int) -> tuple[NDArray, NDArray]:
            label = np.arange(n) % 2
            points = shape(label, rng.random(n)) + noise * rng.standard_normal((n, 2))
            return points.astype(np.float32), label

        return *some(count), *some(held)

    return make


def moons(label: NDArray, place: NDArray) -> NDArray:
    """Two half circles, one turned over and moved into the other."""
    angle = np.pi * place
    upper = np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], 1)
    return np.where(label[:, None] == 0, upper, -upper)


def spirals(label: NDArray, place: NDArray) -> NDArray:
    """Two arms of one and a half turns, half a turn apart."""
    radius, angle = 0.1 + 1.2 * np.sqrt(place), 3 * np.pi * np.sqrt(place) + np.pi * label
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)


def rings(label: NDArray, place: NDArray) -> NDArray:
    """A ring of radius 0.5 within one of radius 1.1."""
    radius, angle = 0.5 + 0.6 * label, 2 * np.pi * place
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
