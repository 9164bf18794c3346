"""Attention becomes convolution: nine heads, each looking at one neighbour, equal a 3 x 3 convolution.

Cordonnier, Loukas, Jaggi, "On the Relationship between Self-Attention and Convolutional Layers", ICLR 2020. With
v = -alpha (1, -2 D_1, -2 D_2), r_delta = (|delta|^2, delta_1, delta_2) and W_qry = W_key = 0, the score of a key at
offset delta from its query is v . r_delta = -alpha (|delta - D|^2 - |D|^2): the softmax over the grid is a Gaussian of
width (2 alpha)^-1/2 round the shift D, and one cell as alpha grows. The theorem shows what attention can express, not
what training finds. At the border a head whose neighbour is missing looks at the nearest cells instead of at zero.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
SHIFTS = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1))


def encoding(alpha: float, shift: tuple[float, float]) -> NDArray[np.float64]:
    """The head's vector v [3] = -alpha (1, -2 D_1, -2 D_2) for the shift D = (rows, columns)."""
    if alpha < 0:
        raise ValueError(f"alpha must be at least 0, got {alpha:g}")
    return -alpha * np.array([1.0, -2 * shift[0], -2 * shift[1]])


def weights(alpha: float, shift: tuple[float, float], rows: int, columns: int) -> NDArray[np.float64]:
    """One head's attention over a grid, [rows columns, rows columns]: softmax over keys of v . r_delta."""
    if rows < 1 or columns < 1:
        raise ValueError(f"the grid must have at least one cell, got {rows} x {columns}")
    places = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"), axis=-1).reshape(-1, 2)
    delta = places[None] - places[:, None]
    relative = np.concatenate([(delta**2).sum(axis=-1, keepdims=True), delta], axis=-1)
    score = relative @ encoding(alpha, shift)
    score = np.exp(score - score.max(axis=1, keepdims=True))
    return np.asarray(score / score.sum(axis=1, keepdims=True), dtype=np.float64)


def at_shift(alpha: float, shift: tuple[int, int], rows: int = 7, columns: int = 7) -> float:
    """The weight that the middle query gives to the cell at its shift."""
    middle = np.array([rows // 2, columns // 2])
    row, column = middle + np.array(shift)
    if not (0 <= row < rows and 0 <= column < columns):
        raise ValueError(f"the shift {shift} leaves a grid of {rows} x {columns}")
    from_, to = middle[0] * columns + middle[1], row * columns + column
    return float(weights(alpha, shift, rows, columns)[from_, to])


def by_attention(picture: Floats, kernel: Floats, alpha: float) -> NDArray[np.float64]:
    """Nine heads on a picture [C_in, H, W], head D with the value matrix kernel[:, :, D]: [C_out, H, W].

    kernel [C_out, C_in, 3, 3] as in torch's Conv2d, which multiplies the neighbour at D by kernel[..., 1 + D].
    """
    channels, rows, columns = _checked(picture, kernel)
    flat = picture.reshape(channels, -1).astype(np.float64)
    out = np.zeros((kernel.shape[0], rows * columns))
    for shift in SHIFTS:
        looked = flat @ weights(alpha, shift, rows, columns).T
        out += kernel[:, :, 1 + shift[0], 1 + shift[1]] @ looked
    return out.reshape(-1, rows, columns)


def by_convolution(picture: Floats, kernel: Floats) -> NDArray[np.float64]:
    """The 3 x 3 convolution with zeros round the picture: what Conv2d(padding=1) computes, [C_out, H, W]."""
    _, rows, columns = _checked(picture, kernel)
    padded = np.pad(picture.astype(np.float64), ((0, 0), (1, 1), (1, 1)))
    out = np.zeros((kernel.shape[0], rows, columns))
    for down, right in SHIFTS:
        seen = padded[:, 1 + down : 1 + down + rows, 1 + right : 1 + right + columns]
        out += np.einsum("oc,chw->ohw", kernel[:, :, 1 + down, 1 + right], seen)
    return out


def difference(picture: Floats, kernel: Floats, alpha: float) -> tuple[float, float]:
    """Largest |attention - convolution| inside, one cell from the border, and over all cells."""
    apart = np.abs(by_attention(picture, kernel, alpha) - by_convolution(picture, kernel))
    return float(apart[:, 1:-1, 1:-1].max()), float(apart.max())


def _checked(picture: Floats, kernel: Floats) -> tuple[int, int, int]:
    if picture.ndim != 3 or min(picture.shape[1:]) < 3:
        raise ValueError(f"a picture is [C, H, W] of at least 3 x 3, got {picture.shape}")
    if kernel.ndim != 4 or kernel.shape[1:] != (picture.shape[0], 3, 3):
        raise ValueError(f"a kernel for this picture is [C_out, {picture.shape[0]}, 3, 3], got {kernel.shape}")
    channels, rows, columns = picture.shape
    return channels, rows, columns
