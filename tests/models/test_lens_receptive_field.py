"""Theory against the published tables and against measured support; widths and spreads against closed forms."""

import numpy as np
import pytest
import torch
from torch import nn

from models.lens import influence, receptive_field
from models.lens.receptive_field import Field, Layer, field_of, mean_widths, reach_by_depth, theoretical, width
from tests.models.tiny import NAMES, ByHand, tiny, words


@pytest.mark.parametrize(
    ("layers", "size", "stride"),
    [
        ([], 1, 1),
        ([Layer(3)] * 7, 15, 1),
        ([Layer(3, dilation=d) for d in (1, 2, 4, 8)], 31, 1),
        ([Layer(3), Layer(3), Layer(2, 2)] * 2, 16, 4),
        ([Layer(5), Layer(2, 2)] * 2, 16, 4),
        ([Layer(2, dilation=2**i) for i in range(10)], 1024, 1),
    ],
)
def test_small_nets(layers: list[Layer], size: int, stride: int) -> None:
    assert theoretical(layers) == Field(size, stride, 0)


def test_the_published_centres() -> None:
    field = Field(3039, 32, 1482)
    assert [field.centre(unit) for unit in (0, 2)] == [37, 101]


@pytest.mark.parametrize(
    "layers",
    [
        [Layer(5, 2, 1), Layer(3, 3, 2), Layer(2, 1, 0)],
        [Layer(3, 1, 2, dilation=2), Layer(4, 2, 1), Layer(3, 2, 3, dilation=3)],
    ],
)
def test_the_formula_is_the_measured_support(layers: list[Layer]) -> None:
    """Positive kernels without activations: what a unit in the middle sees is where its gradient is not zero."""
    stack = nn.Sequential(*[nn.Conv1d(1, 1, x.kernel, x.stride, x.padding, x.dilation, bias=False) for x in layers])
    for layer in stack:
        nn.init.ones_(layer.weight)
    pixels = torch.zeros(1, 1, 211, requires_grad=True)
    out = stack(pixels)[0, 0]
    unit = len(out) // 2
    seen = torch.autograd.grad(out[unit], pixels)[0][0, 0].nonzero().flatten()
    field = theoretical(layers)
    assert int(seen[-1] - seen[0]) + 1 == field.size
    assert float(seen[0] + seen[-1]) / 2 == field.centre(unit)


def test_a_layer_that_cannot_be_is_refused() -> None:
    for name in ("kernel", "stride", "dilation"):
        with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
            Layer(**{"kernel": 3, name: 0})
    with pytest.raises(ValueError, match="padding must be at least 0, got -1"):
        Layer(3, padding=-1)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_reach_by_depth_is_the_measured_support(name: str, causal: bool) -> None:
    model = tiny(name, causal=causal, double=True)
    length = 61
    position = length // 2
    embedded = model.embed(model.ids(words(length))).requires_grad_()
    hidden = model.run(embedded).hidden
    reach = reach_by_depth(model.network)
    assert len(reach) == len(hidden)
    for (before, after), state in zip(reach, hidden, strict=True):
        drawn = torch.randn(64, dtype=torch.float64, generator=torch.Generator().manual_seed(7))
        (slope,) = torch.autograd.grad(state[0, position] @ drawn, embedded, retain_graph=True)
        seen = slope[0].abs().sum(dim=-1).nonzero().flatten()
        assert int(seen[0]) == (0 if before is None else max(0, position - before))
        assert int(seen[-1]) == (length - 1 if after is None else min(length - 1, position + after))


def test_reach_in_words() -> None:
    """Five layers of kernel 3: two words a layer back when causal, one to each side when not; dilation doubles."""
    assert reach_by_depth(tiny("cnn", causal=True).network)[-1] == (10, 0)
    assert reach_by_depth(tiny("cnn").network)[-1] == (5, 5)
    assert reach_by_depth(tiny("cnn-dilated", causal=True).network) == [
        (0, 0),
        *[(2 * 2**i - 2, 0) for i in range(1, 6)],
    ]
    assert reach_by_depth(tiny("gru").network) == [(0, 0), (None, 0), (None, 0)]
    assert reach_by_depth(tiny("transformer").network)[1:] == [(None, None)] * 2
    assert reach_by_depth(tiny("hybrid", causal=True).network) == [(0, 0), (2, 0), (4, 0), *[(None, None)] * 2]


class Uniform(nn.Module):
    """n layers of one uniform kernel."""

    def __init__(self, kernel: int, layers: int) -> None:
        super().__init__()
        self.kernel, self.layers = kernel, layers

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        taps = torch.ones(1, 1, self.kernel, dtype=torch.float64) / self.kernel
        x = x.transpose(1, 2)
        for _ in range(self.layers):
            x = nn.functional.conv1d(x, taps, padding=self.kernel // 2)
        return x.transpose(1, 2)


@pytest.mark.parametrize(
    ("kernel", "layers", "sigma"), [(3, 5, 1.8257), (3, 10, 2.5820), (5, 5, 3.1623), (7, 5, 4.4721), (3, 20, 3.6515)]
)
def test_the_spread_of_uniform_kernels_is_the_published_one(kernel: int, layers: int, sigma: float) -> None:
    model = ByHand(torch.randn(7, 1, generator=torch.Generator().manual_seed(1)), Uniform(kernel, layers))
    found = receptive_field.effective(model, " ".join(["ant"] * 47), 23)
    assert found.sigma == pytest.approx(sigma, abs=1e-4)
    assert found.sigma == pytest.approx((layers * (kernel**2 - 1) / 12) ** 0.5, rel=1e-5)
    assert found.map.sum() == pytest.approx(1.0, abs=1e-12)
    assert (found.map > 0).sum() == theoretical([Layer(kernel)] * layers).size


def test_the_effective_field_is_a_row_of_the_influence() -> None:
    model, text = tiny("lstm", double=True), words(11)
    row = influence.matrix(model, text).values[7].astype(np.float64)
    assert receptive_field.effective(model, text, 7).map == pytest.approx(row / row.sum(), abs=1e-12)


def test_widths_of_rows_made_by_hand() -> None:
    row = np.array([1.0, 2.0, 4.0, 2.0, 1.0])
    assert [width(row / 10, 2, part) for part in (0.3, 0.4, 0.41, 0.8, 0.81, 1.0)] == [0, 0, 1, 1, 2, 2]
    assert field_of(row, 2).widths == (1, 2, 2)
    assert field_of(row, 0).widths == (2, 3, 4)
    assert field_of(np.eye(7)[3], 3).widths == (0, 0, 0)
    assert field_of(np.eye(7)[1], 6).widths == (5, 5, 5)
    even = field_of(np.ones(101), 50)
    assert even.widths == (25, 45, 50)
    assert even.sigma == pytest.approx(((101**2 - 1) / 12) ** 0.5)


def test_widths_of_a_matrix_are_means_over_the_rows_that_see_anything() -> None:
    matrix = np.zeros((5, 5))
    matrix[2], matrix[4] = [1, 2, 4, 2, 1], [0, 0, 0, 0, 3]
    assert mean_widths(matrix) == (0.5, 1.0, 1.0)


def test_what_sees_nothing_has_no_field() -> None:
    with pytest.raises(ValueError, match="nothing reaches position 3"):
        field_of(np.zeros(5), 3)
    with pytest.raises(ValueError, match="nothing reaches any position"):
        mean_widths(np.zeros((5, 5)))
