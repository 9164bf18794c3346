"""Published networks against the tables of Araujo, Norris and Sim 2019, and graphs against their unit tests."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from models.lens.receptive_field import SAME, Field, Layer, Node, Plane, theoretical
from models.lens.receptive_field_nets import (
    NETS,
    alexnet,
    inception_resnet_v2,
    inception_v2,
    inception_v3,
    misaligned,
    mobilenet,
    resnet,
    vgg,
)
from models.lens.receptive_field_theory import Graph, _walk, along, as_graph, fields, paths, sink, widest

# name: (graph, {node: (size, stride, padding at 224 pixels)})
PADDED = {
    "alexnet": (
        alexnet(),
        {"conv1": (11, 4, 0), "pool1": (19, 8, 0), "conv2": (51, 8, 16), "conv3": (99, 16, 32), "conv4": (131, 16, 48)}
        | {"conv5": (163, 16, 64), "pool5": (195, 32, 64)},
    ),
    "vgg-a": (
        vgg(1, 1, 2, 2, 2),
        {"conv1_1": (3, 1, 1), "pool1": (4, 2, 1), "conv2_1": (8, 2, 3), "pool2": (10, 4, 3), "conv3_1": (18, 4, 7)}
        | {"conv3_2": (26, 4, 11), "pool3": (30, 8, 11), "conv4_1": (46, 8, 19), "conv4_2": (62, 8, 27)}
        | {"pool4": (70, 16, 27), "conv5_1": (102, 16, 43), "conv5_2": (134, 16, 59), "pool5": (150, 32, 59)},
    ),
    "vgg-16": (
        vgg(2, 2, 3, 3, 3),
        {"conv1_1": (3, 1, 1), "pool1": (6, 2, 2), "conv2_1": (10, 2, 4), "pool2": (16, 4, 6), "conv3_1": (24, 4, 10)}
        | {"conv3_2": (32, 4, 14), "pool3": (44, 8, 18), "conv4_1": (60, 8, 26), "conv4_2": (76, 8, 34)}
        | {"pool4": (100, 16, 42), "conv5_1": (132, 16, 58), "conv5_2": (164, 16, 74), "pool5": (212, 32, 90)},
    ),
    "inception-v2": (inception_v2(), {"Mixed_5c": (699, 32, 318)}),
    "inception-v3": (inception_v3(), {"Mixed_7c": (1311, 32, 618)}),
    "inception-resnet-v2": (inception_resnet_v2(), {"Block8_10": (3039, 32, 1482)}),
    "mobilenet": (mobilenet(), {"Conv2d_13": (315, 32, 126)}),
    "alexnet, torchvision": (alexnet(2), {"conv1": (11, 4, 2), "pool5": (195, 32, 66)}),
    "resnet-50": (resnet("50", "slim"), {"block4": (483, 32, 239)}),
    "resnet-101": (resnet("101", "slim"), {"block4": (1027, 32, 511)}),
    "resnet-152": (resnet("152", "slim"), {"block4": (1507, 32, 751)}),
    # symmetric padding, measured on torch modules
    "resnet-50, original": (resnet("50", "original"), {"block4": (483, 32, 241)}),
    "resnet-50, torchvision": (resnet("50", "torchvision"), {"block4": (427, 32, 213)}),
    "mobilenet, symmetric": (mobilenet(1), {"Conv2d_13": (315, 32, 157)}),
}
SIZES = {
    "inception-v2": "7 11 11 19 27 59 91 123 187 251 315 379 443 571 699",
    "inception-v3": "3 7 11 15 15 23 31 63 95 127 159 351 543 735 927 1055 1183 1311",
    "mobilenet": "3 7 11 19 27 43 59 91 123 155 187 219 251 315",
}
STAGES = {
    ("50", "original"): [(35, 4), (99, 8), (291, 16), (483, 32)],
    ("101", "original"): [(35, 4), (99, 8), (835, 16), (1027, 32)],
    ("152", "original"): [(35, 4), (163, 8), (1315, 16), (1507, 32)],
    ("50", "slim"): [(35, 8), (99, 16), (291, 32), (483, 32)],
    ("101", "slim"): [(35, 8), (99, 16), (835, 32), (1027, 32)],
    ("152", "slim"): [(35, 8), (163, 16), (1315, 32), (1507, 32)],
}
# channels, and billions of floating-point operations at 224 pixels: 2 a multiply-accumulate, 1 a bias
GFLOPS = {
    "alexnet": ([3, 64, 192, 384, 384, 256], 1.38),
    "vgg-a": ([3, 64, 128, 256, 256, 512, 512, 512, 512], 14.98),
    "vgg-16": ([3, 64, 64, 128, 128, *[256] * 3, *[512] * 6], 30.71),
}


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("name", PADDED)
def test_the_published_tables(name: str, axis: int) -> None:
    graph, rows = PADDED[name]
    found = fields(graph, axis, 224)
    assert {node: found[node] for node in rows} == {node: Field(*row) for node, row in rows.items()}
    assert sink(graph) == list(rows)[-1]


@pytest.mark.parametrize("name", SIZES)
def test_the_published_sizes_layer_by_layer(name: str) -> None:
    graph, _ = PADDED[name]
    ends = [node for node in graph if "/" not in node]
    assert [along(graph, 0, output=end).size for end in ends] == [int(size) for size in SIZES[name].split()]


@pytest.mark.parametrize(("depth", "form"), STAGES)
def test_the_published_stages_of_resnets(depth: str, form: str) -> None:
    found = fields(resnet(depth, form))
    assert [(found[f"block{at}"].size, found[f"block{at}"].stride) for at in range(1, 5)] == STAGES[depth, form]


def maps(graph: Graph) -> dict[str, int]:
    """Units a side of every node's map, at 224 pixels."""
    return {name: length for name, (_, length) in _walk(graph, 0, 224).items() if length is not None}


def cost(unit: int, kernel: int, inside: int, out: int) -> float:
    """Billions of operations of a convolution whose map has `unit` units a side."""
    return 2e-9 * unit**2 * kernel**2 * inside * out


@pytest.mark.parametrize("name", GFLOPS)
def test_the_maps_of_chains_cost_what_is_published(name: str) -> None:
    graph, (channels, published) = PADDED[name][0], GFLOPS[name]
    sizes = maps(graph)
    convolutions = [(sizes[node], graph[node].layer.kernel) for node in graph if node.startswith("conv")]
    found = sum(cost(*each, *pair) for each, pair in zip(convolutions, pairwise(channels), strict=True))
    found += sum(1e-9 * unit**2 * out for (unit, _), out in zip(convolutions, channels[1:], strict=True))
    assert found == pytest.approx(published, abs=0.005)


@pytest.mark.parametrize(("share", "published"), [(1.0, 1.14), (0.75, 0.65)])
def test_the_maps_of_mobilenet_cost_what_is_published(share: float, published: float) -> None:
    """A depthwise 3 x 3 and a 1 x 1 on each map after the first convolution."""
    channels = [int(share * each) for each in (32, 64, 128, 128, 256, 256, *[512] * 6, 1024, 1024)]
    sizes = list(maps(mobilenet()).values())[1:]
    found = cost(sizes[0], 3, 3, channels[0]) + cost(1, 1, channels[-1], 1000)
    for unit, (inside, out) in zip(sizes[1:], pairwise(channels), strict=True):
        found += cost(unit, 3, inside, 1) + cost(unit, 1, inside, out)
    assert found == pytest.approx(published, abs=0.005)


@pytest.mark.parametrize(("depth", "published"), [("50", 6.96), ("101", 14.39), ("152", 21.81)])
def test_the_maps_of_resnets_cost_what_is_published(depth: str, published: float) -> None:
    """TF-Slim's form; the shortcut is a convolution in the first unit of a stage and costs nothing elsewhere."""
    sizes = maps(resnet(depth, "slim"))
    found, inside = cost(sizes["conv1"], 7, 3, 64) + cost(1, 1, 2048, 1000), 64
    for name in (node for node in sizes if node.startswith("block") and "/0." not in node and "/1." not in node):
        width = 64 * 2 ** (int(name[5]) - 1)
        for at, shape in enumerate(((1, inside, width), (3, width, width), (1, width, 4 * width))):
            found += cost(sizes[f"{name}/0.{at}"], *shape)
        if inside != 4 * width:
            found += cost(sizes[name], 1, inside, 4 * width)
        inside = 4 * width
    assert found == pytest.approx(published, abs=0.005)


def test_torchvision_is_not_the_original() -> None:
    """The stride on the 3 x 3 instead of the 1 x 1 before it; ResNet-18 has no bottleneck."""
    final = {depth: along(resnet(depth, "torchvision")).size for depth in ("18", "50", "101")}
    assert final == {"18": 435, "50": 427, "101": 971}


def test_the_published_centre_of_inception_resnet() -> None:
    field = theoretical(inception_resnet_v2(), 224)
    assert isinstance(field, Plane)
    assert field.centre((0, 2)) == (37, 101)


def test_padding_of_a_same_net_is_undetermined_until_the_size_is_known() -> None:
    field = along(mobilenet())
    assert (field.size, field.stride, field.padding) == (315, 32, None)
    with pytest.raises(ValueError, match="the centre is undetermined"):
        field.centre(0)


ONE, TWO = Layer(1, 4), Layer(1, 2)


def joined(left: list[Layer], right: list[Layer]) -> Graph:
    """Two branches from the input, added."""
    graph: dict[str, Node] = {}
    ends = []
    for side, branch in (("left", left), ("right", right)):
        end = "input"
        for at, layer in enumerate(branch):
            graph[f"{side} {at}"] = Node(layer, (end,))
            end = f"{side} {at}"
        ends.append(end)
    return graph | {"sum": Node(None, tuple(ends))}


def test_aligned_branches_of_unequal_layers() -> None:
    """Araujo's network 1: one zero before a 3 x 3 of stride 2 puts its centre where the 1 x 1 of stride 4 looks."""
    assert theoretical(joined([ONE], [Layer(3, 2, 1, after=0), TWO])) == Field(3, 4, 1)


def test_branches_of_unequal_stride_are_refused() -> None:
    """Araujo's network 3."""
    with pytest.raises(ValueError, match="sum joins misaligned paths: their strides are 1 and 2"):
        theoretical(misaligned())
    with pytest.raises(ValueError, match="sum joins misaligned paths: their strides are 1 and 2"):
        theoretical(joined([Layer(5, 2, 2, after=1)], [Layer(3), Layer(3)]))


def test_the_paths_of_a_misaligned_join_have_fields_of_their_own() -> None:
    """The strided 5 x 5, padded by 2, and two 3 x 3: unit 0 looks at 0 and at 2."""
    found = paths(misaligned(), "sum", 0, 13)
    assert found == {"sum/0.0": Field(5, 2, 2), "sum/1.1": Field(5, 1, 0)}
    assert [field.centre(0) for field in found.values()] == [0, 2]
    assert paths(resnet("50"), "block1")["block1/0.2"] == along(resnet("50"), output="block1/0.2")


def test_branches_of_unequal_centre_are_refused() -> None:
    """Araujo's network 2: the same as network 1 without the zero."""
    with pytest.raises(ValueError, match="centres of what unit 0 sees lie at 0 and 1"):
        theoretical(joined([ONE], [Layer(3, 2), TWO]))


def test_alignment_under_same_padding_depends_on_the_size_of_the_input() -> None:
    """Araujo's network 4."""
    graph = joined([ONE], [Layer(3, 2, SAME), TWO])
    assert theoretical(graph) == Field(3, 4, None)
    assert theoretical(graph, 9) == Field(3, 4, 1)
    with pytest.raises(ValueError, match="misaligned"):
        theoretical(graph, 8)


def test_kernels_that_are_not_square() -> None:
    """Araujo's network 5: rows by columns, 3 x 5 then 3 x 1, both of stride 2."""
    field = theoretical([Layer((3, 5), 2), Layer((3, 1), 2)])
    assert isinstance(field, Plane)
    assert (field.size, field.stride, field.padding) == ((7, 5), (4, 4), (0, 0))


def positive(layer: Layer) -> nn.Conv2d:
    padding = layer.padding
    assert not isinstance(padding, str)
    made = nn.Conv2d(1, 1, layer.kernel, layer.stride, padding, layer.dilation, bias=False).double()
    nn.init.ones_(made.weight)
    return made


@pytest.mark.parametrize("form", ["original", "torchvision"])
def test_a_residual_network_measured_by_its_gradient(form: str) -> None:
    """ResNet-18 with positive weights, averages for maxima and no activation: the support of d unit / d input."""
    graph = resnet("18" if form == "torchvision" else "50", form)
    end = "block2"
    field = along(graph, 0, output=end)
    side = 2 * field.size + 1
    pixels = torch.ones(1, 1, side, 1, dtype=torch.float64, requires_grad=True)
    states = {"input": pixels}
    for name, node in graph.items():
        joined_ = sum(states[source] for source in node.inputs)
        if node.layer is not None:
            layer = node.layer
            joined_ = positive(Layer((layer.kernel, 1), (layer.stride, 1), (layer.padding, 0)))(joined_)
        states[name] = joined_
        if name == end:
            break
    unit = states[end].shape[2] // 2
    (slope,) = torch.autograd.grad(states[end][0, 0, unit, 0], pixels)
    seen = slope[0, 0, :, 0].nonzero().flatten()
    assert int(seen[-1] - seen[0]) + 1 == field.size
    assert float(seen[0] + seen[-1]) / 2 == field.centre(unit)


@pytest.mark.parametrize("side", [8, 9, 13, 224])
@pytest.mark.parametrize("kernel", [1, 2, 3, 7])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_same_padding_is_tensorflows_rule(side: int, kernel: int, stride: int) -> None:
    """ceil(n / s) units, and the last one still reaches the last position with at most one zero more behind."""
    step = Layer(kernel, stride, SAME).step(0, side)
    assert step.before is not None and step.after is not None
    assert step.length(side) == -(-side // stride)
    assert 0 <= step.after - step.before <= 1


@pytest.mark.parametrize("name", NETS)
def test_the_widest_path_has_the_field_of_the_whole_graph(name: str) -> None:
    graph, side = NETS[name](), 2048
    path = widest(graph, 0, side)
    assert all(isinstance(layer.padding, int) for layer in path)
    assert theoretical(path, side) == along(graph, 0, side)


def test_a_kernel_that_does_not_fit_is_named() -> None:
    with pytest.raises(ValueError, match="layer 2 does not fit: its kernel spans 9 positions, and 4 are left there"):
        theoretical([Layer(3, 2), Layer(3, dilation=4)], 9)
    assert theoretical([Layer(3, 2), Layer(3, dilation=4)]) == Field(19, 2, 0)


def test_graphs_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="a must read earlier nodes or 'input', got b"):
        as_graph({"a": Node(ONE, ("b",)), "b": Node(ONE)})
    with pytest.raises(ValueError, match="wanted one output, got a, b: name one of them"):
        sink({"a": Node(ONE), "b": Node(ONE)})
    with pytest.raises(ValueError, match="sum joins maps of different sizes: 4 and 5"):
        theoretical(joined([Layer(3, 1, 1, after=0)], [Layer(1)]), 5)
    with pytest.raises(ValueError, match="padding must be a number or 'same', got 'valid'"):
        Layer(3, padding="valid")
    with pytest.raises(ValueError, match="stride must be at least 1, got 0"):
        Layer(3, (1, 0))
    with pytest.raises(ValueError, match=r"depth must be one of 18, 50, 101, 152 and form of .* got 34, slim"):
        resnet("34", "slim")


def test_five_hundred_layers_are_counted_exactly() -> None:
    field = theoretical([Layer(3, 2)] * 500)
    assert field == Field(2**501 - 1, 2**500, 0)
    assert np.isfinite(along([Layer(3)] * 500).size)
