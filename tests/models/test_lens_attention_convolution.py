"""Attention as convolution against the published weights, torch's Conv2d and its own algebra."""

import numpy as np
import pytest
import torch

from models.lens.attention_convolution import (
    SHIFTS,
    at_shift,
    by_attention,
    by_convolution,
    difference,
    encoding,
    weights,
)

CHECKED = {0.5: 0.160619, 1: 0.318288, 2: 0.618694, 5: 0.973583, 10: 0.999818}
DRAW = np.random.default_rng(3)
PICTURE, KERNEL = DRAW.normal(size=(2, 7, 11)), DRAW.normal(size=(5, 2, 3, 3))


@pytest.mark.parametrize("alpha", CHECKED)
def test_the_weight_at_the_shift(alpha: float) -> None:
    assert at_shift(alpha, (1, -1)) == pytest.approx(CHECKED[alpha], abs=1e-6)


@pytest.mark.parametrize("shift", SHIFTS)
def test_weights_are_a_gaussian_round_the_shift(shift: tuple[int, int]) -> None:
    """Against exp(-alpha |delta - D|^2), normalised over the grid, which adds |D|^2 to every score."""
    rows, columns, alpha = 5, 7, 0.7
    found = weights(alpha, shift, rows, columns)
    cells = [(row, column) for row in range(rows) for column in range(columns)]
    for query, (row, column) in enumerate(cells):
        own = np.array([np.exp(-alpha * ((r - row - shift[0]) ** 2 + (c - column - shift[1]) ** 2)) for r, c in cells])
        assert found[query] == pytest.approx(own / own.sum(), abs=1e-12)
    assert found.sum(axis=1) == pytest.approx(1)


def test_without_a_preference_attention_is_uniform() -> None:
    assert weights(0.0, (1, 1), 3, 5) == pytest.approx(np.full((15, 15), 1 / 15))
    assert encoding(0.5, (1, -1)).tolist() == [-0.5, 1.0, -1.0]


def test_the_convolution_is_torchs() -> None:
    found = torch.nn.functional.conv2d(torch.from_numpy(PICTURE)[None], torch.from_numpy(KERNEL), padding=1)[0]
    assert by_convolution(PICTURE, KERNEL) == pytest.approx(found.numpy(), abs=1e-12)


def test_nine_heads_become_torchs_convolution_inside() -> None:
    found = torch.nn.functional.conv2d(torch.from_numpy(PICTURE)[None], torch.from_numpy(KERNEL), padding=1)[0].numpy()
    heads = by_attention(PICTURE, KERNEL, 60.0)
    assert heads[:, 1:-1, 1:-1] == pytest.approx(found[:, 1:-1, 1:-1], abs=1e-12)
    assert np.abs(heads - found).max() > 0.1  # the border sees its nearest cells where the convolution sees zeros


def test_the_difference_falls_with_alpha() -> None:
    inside = [difference(PICTURE, KERNEL, alpha)[0] for alpha in (0.5, 1, 2, 5, 10, 20)]
    assert inside == sorted(inside, reverse=True)
    assert inside[-1] < 1e-6 < inside[0]
    assert difference(PICTURE, KERNEL, 20)[1] >= inside[-1]


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="alpha must be at least 0, got -1"):
        encoding(-1.0, (0, 0))
    with pytest.raises(ValueError, match="leaves a grid of 3 x 3"):
        at_shift(1.0, (2, 0), 3, 3)
    with pytest.raises(ValueError, match="a kernel for this picture"):
        by_attention(PICTURE, KERNEL[:, :1], 1.0)
    with pytest.raises(ValueError, match="at least 3 x 3"):
        by_convolution(PICTURE[:, :2], KERNEL)
    with pytest.raises(ValueError, match="at least one cell, got 0 x 3"):
        weights(1.0, (0, 0), 0, 3)
