"""Pyramids and boxes against the gradient's support and against each other."""

import pytest
import torch
from torch import nn

from models.lens.receptive_field import Layer
from models.lens.receptive_field_nets import NETS
from models.lens.receptive_field_region import levels
from models.lens.receptive_field_theory import widest

LAYERS = [Layer(5, 2, 1), Layer(3, 1, 2, dilation=2), Layer(4, 3, 0)]


@pytest.mark.parametrize("unit", [0, 3, None])
def test_the_units_that_feed_an_output_are_those_with_a_gradient(unit: int | None) -> None:
    size = 47
    found = levels(LAYERS, size, unit)
    maps = [torch.zeros(1, 1, size, requires_grad=True)]
    for layer in LAYERS:
        made = nn.Conv1d(1, 1, layer.kernel, layer.stride, layer.padding, layer.dilation, bias=False)
        nn.init.ones_(made.weight)
        maps.append(made(maps[-1]))
    top = found[-1]
    assert [level.length for level in found] == [map_.shape[-1] for map_ in maps]
    assert (top.first, top.last) == (top.unit, top.unit)
    for level, map_ in zip(found[:-1], maps, strict=False):
        (slope,) = torch.autograd.grad(maps[-1][0, 0, top.unit], map_, retain_graph=True)
        seen = slope[0, 0].nonzero().flatten().tolist()
        assert (seen[0], seen[-1]) == level.inside


@pytest.mark.parametrize("name", [name for name in NETS if name != "Inception-ResNet v2"])
def test_the_box_of_the_output_is_the_region_of_the_input(name: str) -> None:
    found = levels(widest(NETS[name](), 0, 1024), 1024)
    assert found[-1].box == (found[0].first, found[0].last)
    assert found[0].box == (found[0].unit, found[0].unit)
    sizes = [level.field.size for level in found]
    assert sizes == sorted(sizes)


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="a list of 1 to 200 layers can be drawn, this one has 500"):
        levels([Layer(3)] * 500, 2000)
    with pytest.raises(ValueError, match="this one has 0"):
        levels([], 10)
    with pytest.raises(ValueError, match="layer 1 does not fit: its kernel spans 7 positions, and 5 are left there"):
        levels([Layer(7)], 5)
    with pytest.raises(ValueError, match="the last map has units 0 to 2, got 3"):
        levels([Layer(3)], 5, 3)
    with pytest.raises(ValueError, match="at least 1 position, got 0"):
        levels([Layer(3)], 0)


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        ([Layer(3, 1000, 1)] * 200, "the field of layer 3 is beyond 1,000,000 positions"),
        ([Layer(3, 2, 1)] * 70, "the field of layer 19 is beyond 1,000,000 positions"),
        ([Layer(1, 4096)] * 2, "the stride of layer 2 is beyond 1,000,000 positions"),
    ],
)
def test_a_field_beyond_all_drawing_is_refused(layers: list[Layer], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        levels(layers, 224)
