"""Codes of sines and cosines (Vaswani et al. 2017, section 3.5), in one and in two dimensions."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values = NDArray[np.float64]


def sinusoidal(length: int, width: int, base: float = 1e4) -> Values:
    """PE(p, 2i) = sin(p w_i), PE(p, 2i+1) = cos(p w_i), w_i = base^(-2i/width): [length, width], no unit.

    Every row has the squared norm width / 2, and PE_p . PE_q = sum_i cos(w_i (p - q)): the product tells how far two
    positions are apart, not which comes first. Networks often scale the codes before adding them; this does not.
    """
    return sinusoidal_at(np.arange(whole("length", length)), width, base)


def sinusoidal_at(positions: ArrayLike, width: int, base: float = 1e4) -> Values:
    """The same codes at any finite positions [T], negative and fractional ones included: [T, width]."""
    angle = finite("positions", positions)[:, None] * rates(width, base)
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(len(angle), width)


def sinusoidal_2d(rows: int, columns: int, width: int, base: float = 1e4) -> Values:
    """Codes of a grid, row by row: half of the features code the row, half the column: [rows * columns, width].

    PE_a . PE_b = K(row_a - row_b) + K(column_a - column_b), K the product of one-dimensional codes of width / 2; so
    two patches are alike along rows and columns, not by straight distance. As in Parmar et al. 2018, section 3.1.
    """
    if not isinstance(width, int | np.integer) or width < 4 or width % 4:
        raise ValueError(f"width must be a multiple of 4 (two axes of sine and cosine pairs), got {width}")
    down, across = sinusoidal(rows, width // 2, base), sinusoidal(columns, width // 2, base)
    return np.concatenate([np.repeat(down, columns, axis=0), np.tile(across, (rows, 1))], axis=1)


def rates(width: int, base: float) -> Values:
    """w_i = base^(-2i/width) in radians a position, i = 0 .. width/2 - 1."""
    if not isinstance(width, int | np.integer) or width < 2 or width % 2:
        raise ValueError(f"width must be even and at least 2 (sine and cosine come in pairs), got {width}")
    if not np.isfinite(base) or base <= 1:
        raise ValueError(f"base must be above 1, so that wavelengths grow, got {base:g}")
    return float(base) ** (-np.arange(0, width, 2) / width)


def wavelengths(width: int, base: float = 1e4) -> Values:
    """2 pi / w_i in positions, [width/2]; the longest is 2 pi base^(1 - 2/width), short of the paper's 2 pi base."""
    return 2 * np.pi / rates(width, base)


def shift(by: float, width: int, base: float = 1e4) -> Values:
    """M with PE_{p+by} = M PE_p for every p, [width, width]: turns pair i by w_i by, whatever p is."""
    turn = by * rates(width, base)
    matrix = np.zeros((width, width))
    even = np.arange(0, width, 2)
    matrix[even, even] = matrix[even + 1, even + 1] = np.cos(turn)
    matrix[even, even + 1], matrix[even + 1, even] = np.sin(turn), -np.sin(turn)
    return matrix


def shift_error(positions: ArrayLike, by: float, width: int, base: float = 1e4) -> float:
    """Greatest |PE_{p+by} - M PE_p| of any feature over the positions p: rounding alone, for M is the same for all."""
    places = finite("positions", positions)
    moved = sinusoidal_at(places, width, base) @ shift(by, width, base).T
    return float(np.abs(sinusoidal_at(places + by, width, base) - moved).max())


def whole(name: str, value: int) -> int:
    """A count of at least 1."""
    if not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {value}")
    return int(value)


def finite(name: str, values: ArrayLike) -> Values:
    """A list of finite numbers."""
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or not np.isfinite(found).all():
        raise ValueError(f"{name} must be a list of finite numbers, got shape {found.shape}")
    return found
