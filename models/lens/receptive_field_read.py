"""The wiring of a loaded picture network, read from its modules: what receptive fields need, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.lens.receptive_field_layer import SAME, Layer
from models.lens.receptive_field_nets import Sketch, chain
from models.lens.receptive_field_theory import Graph

if TYPE_CHECKING:
    from torch.nn import Module

    from models.zoo.efficientnet import EfficientNetLite0


def graph_of(network: Module) -> Graph:
    """The convolutions and poolings of a network of models.zoo, its skip connections as branches, lowest first.

    What lies above them (the mean over all places, attention, the classes) sees the whole picture and is left out.
    """
    from models.zoo.efficientnet import EfficientNetLite0

    if isinstance(network, EfficientNetLite0):
        return _efficientnet(network)
    return chain(**layers_of(network))


def layers_of(network: Module) -> dict[str, Layer]:
    """The convolutions and poolings of a chain by the name of their activations, lowest first."""
    from torch import nn

    from models.zoo.pictures import Convolutions, Hybrid, VisionTransformer

    named: list[tuple[str, Any]]
    if isinstance(network, Convolutions):
        named = list(network.steps.items())
    elif isinstance(network, Hybrid):
        named = [(f"convolution {at}", step) for at, step in enumerate(network.stem, 1)]
    elif isinstance(network, VisionTransformer):
        named = [("embedding", network.patches)]
    else:
        raise ValueError("this network has no convolution: every unit sees the whole picture")
    reading = nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d
    return {name: layer_of(part) for name, step in named for part in step.modules() if isinstance(part, reading)}


def layer_of(module: Any) -> Layer:
    """A convolution or pooling of torch, or one of EfficientNet's with TensorFlow's "same" padding."""
    from models.zoo.efficientnet import Same

    kernel, stride, padding, dilation = (
        _extent(getattr(module, name, 1)) for name in ("kernel_size", "stride", "padding", "dilation")
    )
    return Layer(kernel, stride, SAME if isinstance(module, Same) else padding, dilation)


def _efficientnet(network: EfficientNetLite0) -> Graph:
    """Stem, inverted residuals with their skips, and the last 1 x 1."""
    from torch import nn

    first: Any = network.stem[0]
    sketch = Sketch().layer("stem", layer_of(first))
    stages: Any = network.stages
    for number, stage in enumerate(stages, 1):
        for at, block in enumerate(stage, 1):
            parts = [part for part in (block.expand, block.depth, block.project) if not isinstance(part, nn.Identity)]
            skips = [()] if block.skips else []
            sketch.block(f"stage {number}.{at}", tuple(layer_of(part[0]) for part in parts), *skips)
    last: Any = network.top[0]
    return sketch.layer("top", layer_of(last)).graph


def _extent(value: int | tuple[int, ...]) -> int | tuple[int, int]:
    """One number where both axes share it."""
    if isinstance(value, tuple):
        return value[0] if len(set(value)) == 1 else (value[0], value[1])
    return value
