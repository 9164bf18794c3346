"""The effective field of stacks against its closed form; that of picture networks against a second implementation."""

import numpy as np
import pytest
import torch
from torch import nn

from models.lens.receptive_field import Layer, effective, exact_sigma, field_of_plane, theoretical
from models.lens.receptive_field_picture import of_pictures
from models.lens.receptive_field_stack import Stack, measure
from models.zoo.pictures import PictureRun

# Luo et al. 2016, the identity sigma^2 = n (k^2 - 1) / 12: kernel -> {layers: (theoretical, sigma)}
EXACT = {
    3: {5: (11, 1.8257), 10: (21, 2.5820), 20: (41, 3.6515), 40: (81, 5.1640), 64: (129, 6.5320)},
    5: {5: (21, 3.1623), 10: (41, 4.4721), 20: (81, 6.3246), 40: (161, 8.9443), 64: (257, 11.3137)},
    7: {5: (31, 4.4721), 10: (61, 6.3246), 20: (121, 8.9443), 40: (241, 12.6491), 64: (385, 16.0000)},
}


@pytest.mark.parametrize("kernel", EXACT)
def test_the_table_of_exact_spreads(kernel: int) -> None:
    """The formula against the table, and against the kernel convolved with itself n times, to 1e-9."""
    for count, (size, sigma) in EXACT[kernel].items():
        layers = [Layer(kernel)] * count
        profile = np.ones(1)
        for _ in range(count):
            profile = np.convolve(profile, np.ones(kernel) / kernel)
        places = np.arange(len(profile)) - (len(profile) - 1) / 2
        assert len(profile) == size == theoretical(layers).size
        assert exact_sigma(layers) == pytest.approx(sigma, abs=5e-5)
        assert exact_sigma(layers) == pytest.approx(float(np.sqrt((profile * places**2).sum())), rel=1e-9)


def test_two_threes_and_one_five_reach_alike_and_spread_unlike() -> None:
    pair, single = [Layer(3)] * 2, [Layer(5)]
    assert theoretical(pair) == theoretical(single)
    assert [exact_sigma(pair), exact_sigma(single)] == pytest.approx([1.1547, 1.4142], abs=5e-5)


@pytest.mark.parametrize(
    "stack",
    [
        Stack(3, 5, weights="uniform"),
        Stack(5, 4, weights="uniform"),
        Stack(3, 5, (1, 2, 4), weights="uniform"),
        Stack(3, 7, skip=True, weights="uniform"),
        Stack(3, 6, pool=2, weights="uniform"),
    ],
)
def test_uniform_weights_give_the_exact_spread(stack: Stack) -> None:
    found = measure(stack)
    assert found.sigma == pytest.approx(stack.exact, rel=1e-5)
    assert found.map.shape == (stack.size, stack.size)
    assert found.map[0, 0] > 0 or stack.skip
    assert found.map == pytest.approx(found.map[::-1, ::-1], abs=1e-7)


def test_random_weights_average_to_the_exact_spread() -> None:
    stack = Stack(3, 5)
    found = measure(stack, samples=64)
    assert found.sigma == pytest.approx(stack.exact, rel=0.05)
    assert found.sigma == measure(stack, samples=64).sigma


def test_a_skip_shrinks_and_a_pooling_enlarges() -> None:
    plain = Stack(3, 8)
    assert Stack(3, 8, skip=True).exact == pytest.approx(plain.exact / 2**0.5)
    assert Stack(3, 8, pool=4).exact > 1.5 * plain.exact
    assert measure(Stack(3, 5, skip=True), 16).sigma < 0.9 * measure(Stack(3, 5), 16).sigma


def test_a_stack_that_cannot_be_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="sees 301 pixels, at most 161"):
        measure(Stack(7, 50))
    with pytest.raises(ValueError, match="the kernel must be odd, got 4"):
        Stack(4)
    with pytest.raises(ValueError, match="at least one layer is needed, got 0"):
        Stack(3, 0)
    with pytest.raises(ValueError, match="weights must be one of"):
        Stack(weights="trained")


class Layers(nn.Module):
    """Two convolutions with a saturating step between, as a picture network."""

    device = "cpu"

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(1, 3, 3, padding=1).double(), nn.Conv2d(3, 5, 3, 2, padding=1).double()

    def run(self, pictures: torch.Tensor) -> PictureRun:
        one = self.one(pictures.double()).tanh()
        two = self.two(one)
        tokens = torch.cat([two.mean(dim=(2, 3))[:, :, None], two.flatten(2)], dim=2).transpose(1, 2)
        return PictureRun({"one": one, "two": two, "tokens": tokens, "flat": two.flatten(1)}, two.mean(dim=(2, 3)))


@pytest.fixture
def network() -> Layers:
    torch.manual_seed(11)
    return Layers()


PICTURES = np.random.default_rng(5).random((3, 1, 13, 13)).astype(np.float32)


def test_the_field_of_a_picture_network_is_the_mean_square_of_its_jacobian(network: Layers) -> None:
    """Against the whole Jacobian of all channels; random directions estimate its square."""
    found = of_pictures(network, PICTURES, (3, 2), "two", probes=400)

    def unit(pixels: torch.Tensor) -> torch.Tensor:
        return network.run(pixels[None, None]).layers["two"][0, :, 3, 2]

    exact = sum(
        torch.autograd.functional.jacobian(unit, torch.from_numpy(picture[0]).double()).square().sum(dim=0)
        for picture in PICTURES
    )
    support = exact.numpy() > 0
    assert np.array_equal(found.map > 0, support)
    assert support.sum() == 5 * 5
    assert found.map == pytest.approx(exact.numpy() / exact.numpy().sum(), rel=0.2)


def test_tokens_are_laid_out_as_patches(network: Layers) -> None:
    one = effective(network, PICTURES, (3, 2), "tokens")
    assert one.map == pytest.approx(effective(network, PICTURES, (3, 2), "two").map)


def test_pictures_and_units_that_do_not_fit_are_refused(network: Layers) -> None:
    with pytest.raises(ValueError, match="layer must be one of one, two, tokens, flat, got 'three'"):
        effective(network, PICTURES, (0, 0), "three")
    with pytest.raises(ValueError, match="this layer has no places"):
        effective(network, PICTURES, (0, 0))
    with pytest.raises(ValueError, match="the unit must lie within 7 x 7, got 7, 0"):
        effective(network, PICTURES, (7, 0), "two")
    with pytest.raises(ValueError, match=r"pictures must be \[N, C, H, W\]"):
        effective(network, PICTURES[0], (0, 0), "two")


def test_the_widths_of_a_plane_made_by_hand() -> None:
    even = field_of_plane(np.ones((7, 7)), (3.0, 3.0))
    assert even.widths == (2, 3, 3)  # 25 of 49 cells lie within 2
    assert even.sigma == pytest.approx(2.0)
    spot = np.zeros((5, 7))
    spot[1, 6] = 3.0
    assert field_of_plane(spot, (1.0, 6.0)).widths == (0, 0, 0)
    assert field_of_plane(spot, (1.0, 2.0)).widths == (4, 4, 4)
    assert field_of_plane(spot, (1.5, 5.5)).widths == (1, 1, 1)
    with pytest.raises(ValueError, match="nothing reaches the unit at 2, 3"):
        field_of_plane(np.zeros((5, 7)), (2.0, 3.0))
