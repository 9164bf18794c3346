"""Fields of the picture networks: the wiring against gradients, distances against the published baseline."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import nn

from models.cards import ModelCard
from models.lens import attention
from models.lens.mixing import total_variation
from models.lens.receptive_field import Layer, exact_sigma, theoretical
from models.lens.receptive_field_network import (
    attention_maps,
    by_depth,
    coordinates,
    moved_attention,
    moved_field,
)
from models.lens.receptive_field_read import graph_of, layer_of, layers_of
from models.lens.receptive_field_theory import along
from models.pictures import PictureModel
from models.zoo.efficientnet import EfficientNetLite0
from models.zoo.pictures import build_pictures

SETTINGS = {"mean": 0.2862, "deviation": 0.3531, "classes": 3, "labels": ("a", "b", "c")}
PICTURES = np.random.default_rng(3).random((5, 28, 28)).astype(np.float32)


def untrained(family: str) -> PictureModel:
    settings = {**SETTINGS, "architecture": family}
    return PictureModel(cast(ModelCard, SimpleNamespace(settings=settings)), build_pictures(settings, 7), "cpu")


@pytest.fixture(scope="module")
def models() -> dict[str, PictureModel]:
    return {family: untrained(family) for family in ("mlp", "cnn", "vit", "hybrid")}


def test_layers_are_read_from_the_modules(models: dict[str, Any]) -> None:
    same, pool = Layer(3, 1, 1), Layer(2, 2)
    assert list(layers_of(models["cnn"].network).values()) == [same, pool, same, same, pool, same, same]
    assert list(layers_of(models["vit"].network).values()) == [Layer(4, 4)]
    assert list(layers_of(models["hybrid"].network).values()) == [Layer(3, 2, 1), same, Layer(3, 2, 1)]
    with pytest.raises(ValueError, match="no convolution: every unit sees the whole picture"):
        layers_of(models["mlp"].network)


def test_dilation_and_unequal_sides_are_read() -> None:
    assert layer_of(nn.Conv2d(1, 1, 3, 2, 4, dilation=5)) == Layer(3, 2, 4, 5)
    assert layer_of(nn.Conv2d(1, 1, (3, 5), padding=(1, 2))) == Layer((3, 5), 1, (1, 2))
    assert layer_of(nn.AvgPool2d(3, 2)) == Layer(3, 2)


def test_efficientnets_wiring_is_the_support_of_its_gradient() -> None:
    """Positive weights, no norm and no ReLU: the fourth stage of the same modules, measured at a unit inside."""
    network = EfficientNetLite0((0.5,) * 3, (0.5,) * 3)
    for part in network.modules():
        if isinstance(part, nn.Sequential):
            for name, each in part.named_children():
                if isinstance(each, nn.BatchNorm2d | nn.ReLU6):
                    setattr(part, name, nn.Identity())
        if isinstance(part, nn.Conv2d):
            nn.init.constant_(part.weight, 1 / part.weight[0].numel())
    graph = graph_of(network)
    assert sum(node.layer is not None for node in graph.values()) == 1 + 3 * 16 - 1 + 1
    spread = [
        (3, 1),
        (3, 2),
        (3, 2),
        (3, 4),
        (5, 4),
        (5, 8),
        (3, 8),
        *[(3, 16)] * 2,
        *[(5, 16)] * 4,
        *[(5, 32)] * 3,
        (3, 32),
    ]
    assert (along(graph).size, along(graph).stride) == (1 + sum((kernel - 1) * apart for kernel, apart in spread), 32)
    field, side = along(graph, 0, 224, "stage 4.3"), 224
    pixels = torch.zeros(1, 3, side, side, requires_grad=True)
    x = network.stem(pixels)
    for stage in list(network.stages)[:4]:
        x = stage(x)
    unit = x.shape[-1] // 2
    (slope,) = torch.autograd.grad(x[0, :, unit, unit].sum(), pixels)
    seen = (slope[0, 0] > 0).any(dim=0).nonzero().flatten()
    assert (int(seen[-1] - seen[0]) + 1, float(seen[0] + seen[-1]) / 2) == (field.size, field.centre(unit))


def test_the_cnns_formula_is_the_support_of_its_gradient() -> None:
    """Positive weights, averages for maxima, no norm and no ReLU: the same wiring, measured."""
    network = build_pictures({**SETTINGS, "architecture": "cnn"}, 7)
    x = pixels = torch.zeros(1, 1, 28, 28, requires_grad=True)
    known = []
    for (name, layer), step in zip(layers_of(network).items(), network.steps.values(), strict=True):
        known.append(layer)
        if isinstance(step, nn.MaxPool2d):
            x = nn.functional.avg_pool2d(x, 2)
        else:
            nn.init.constant_(step[0].weight, 0.1)
            x = step[0](x)
        field, unit = theoretical(known), x.shape[-1] // 2
        (slope,) = torch.autograd.grad(x[0, :, unit, unit].sum(), pixels, retain_graph=True)
        seen = (slope[0, 0] > 0).any(dim=0).nonzero().flatten()
        start = field.centre(unit) - (field.size - 1) / 2
        assert (int(seen[0]), int(seen[-1])) == (max(0, start), min(27, start + field.size - 1)), name


def test_the_untrained_cnn_spreads_as_the_formula_says(models: dict[str, Any]) -> None:
    """Random weights, ReLU and max pooling: near the law for linear layers, which holds on average over weights."""
    layers = by_depth(models["cnn"], PICTURES)
    assert [layer.could for layer in layers] == [3, 4, 8, 12, 14, 22, 30]
    assert [layer.law for layer in layers][-1] == exact_sigma(list(layers_of(models["cnn"].network).values()))
    for layer in layers:
        assert layer.used.sigma == pytest.approx(layer.law, rel=0.15)
        assert layer.distances is None and layer.even is None


@pytest.mark.parametrize("family", ["vit", "hybrid"])
def test_distances_are_those_of_the_trace(models: dict[str, Any], family: str) -> None:
    model = models[family]
    layers = [layer for layer in by_depth(model, PICTURES) if layer.distances is not None]
    places = np.array([(4.0 * row, 4.0 * column) for row in range(7) for column in range(7)])
    assert np.array_equal(coordinates(model), places)
    for depth, layer in enumerate(layers):
        own = []
        for picture in PICTURES:
            maps = [model.trace(picture).attention.of()[depth].map(head)[1:, 1:] for head in range(4)]
            own.append([(one * np.linalg.norm(places[:, None] - places, axis=-1)).sum(axis=1).mean() for one in maps])
        assert layer.distances == pytest.approx(np.mean(own, axis=0), rel=1e-5)
        assert layer.could == 28 and layer.law is None
    # 115.5029 px for 7 x 7 patches of 32 px (keras.io's definition); 4 px here, and 1 / 50 on the class token
    assert layers[0].even == pytest.approx(115.5029 / 8 * 49 / 50, abs=1e-4)


def test_the_uniform_baselines_of_the_literature() -> None:
    for side, patch, distance in ((14, 16, 116.4922), (7, 32, 115.5029)):
        places = attention.grid(side, side, patch)
        assert attention.uniform_distance(np.ones((side**2, side**2), bool), places) == pytest.approx(
            distance, abs=1e-4
        )


def test_what_moves_between_pictures(models: dict[str, Any]) -> None:
    vit, cnn = models["vit"], models["cnn"]
    first, second = PICTURES[:2]
    assert moved_attention(vit, first, first) == pytest.approx(0)
    moved = moved_attention(vit, first, second)
    a, b = attention_maps(vit, first), attention_maps(vit, second)
    assert moved == pytest.approx([total_variation(a[layer, :, 1:], b[layer, :, 1:]).mean() for layer in range(len(a))])
    assert moved_field(cnn, first, first, "convolution 5") == 0
    assert 0 < moved_field(cnn, first, second, "convolution 5") < 1
    with pytest.raises(ValueError, match="this network has no attention"):
        attention_maps(cnn, first)
    with pytest.raises(ValueError, match="this network has no patches"):
        coordinates(cnn)
