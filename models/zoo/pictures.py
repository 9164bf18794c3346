"""Four small networks for pictures of 28 x 28 pixels: fully connected, convolution, Vision Transformer, hybrid.

All take pictures [B, 1, 28, 28] with values in [0, 1] (0 is the background), normalise them with fixed numbers, and
return every layer's activations, so that no lens needs a hook. LeNet's plan (LeCun et al. 1998) with batch norm for
the convolutions; Dosovitskiy et al. 2021 for the ViT; a convolutional stem below attention after Xiao et al. 2021.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from models.zoo.network import Block
from models.zoo.seeded import Seeded
from models.zoo.transformer import SelfAttention

SIDE, PATCH, WIDTH, HEADS = 28, 4, 64, 4


@dataclass
class PictureRun:
    """What a forward pass returns.

    layers: name -> activations in the order of the pass: a grid [B, C, h, w], tokens [B, T, D] (the class token
    first) or flat [B, D]; logits [B, classes]; seen: queries and keys [B, H, T, d] of each attention layer.
    """

    layers: dict[str, Tensor]
    logits: Tensor
    seen: list[dict[str, Tensor]] = field(default_factory=list)


class PictureNetwork(nn.Module):
    """Base: checks and normalises the pictures, then `see`."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, mean: float, deviation: float) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("deviation", torch.tensor(deviation))

    def forward(self, pictures: Tensor, look: bool = False) -> PictureRun:
        if pictures.ndim != 4 or tuple(pictures.shape[1:]) != (1, SIDE, SIDE):
            raise ValueError(f"pictures are [B, 1, {SIDE}, {SIDE}], got {list(pictures.shape)}")
        return self.see((pictures - self.mean) / self.deviation, look)

    def see(self, x: Tensor, look: bool) -> PictureRun:
        raise NotImplementedError


class Perceptron(PictureNetwork):
    """Every pixel to every unit: two hidden layers of ReLU."""

    def __init__(self, mean: float, deviation: float, classes: int, widths: tuple[int, int] = (196, 72)) -> None:
        super().__init__(mean, deviation)
        sizes = (SIDE * SIDE, *widths)
        self.hidden = nn.ModuleList([nn.Linear(*pair) for pair in pairwise(sizes)])
        self.head = nn.Linear(widths[-1], classes)

    def see(self, x: Tensor, look: bool) -> PictureRun:
        layers, x = {}, x.flatten(1)
        for number, layer in enumerate(self.hidden, 1):
            x = layers[f"hidden {number}"] = layer(x).relu()
        return PictureRun(layers, self.head(x))


def convolution(inside: int, out: int, stride: int = 1) -> nn.Sequential:
    """3 x 3 convolution, batch norm, ReLU; zero padding keeps the size at stride 1."""
    return nn.Sequential(nn.Conv2d(inside, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU())


class Convolutions(PictureNetwork):
    """Convolutions with two poolings between; the last grid is averaged over all places, so place is forgotten."""

    def __init__(self, mean: float, deviation: float, classes: int) -> None:
        super().__init__(mean, deviation)
        stages = ((1, 16), (16, 32, 56), (56, 96, 112))
        self.steps = nn.ModuleDict()
        count = 0
        for number, channels in enumerate(stages):
            if number:
                self.steps[f"pooling {number}"] = nn.MaxPool2d(2)
            for pair in pairwise(channels):
                count += 1
                self.steps[f"convolution {count}"] = convolution(*pair)
        self.head = nn.Linear(stages[-1][-1], classes)

    def see(self, x: Tensor, look: bool) -> PictureRun:
        layers = {}
        for name, step in self.steps.items():
            x = layers[name] = step(x)
        return PictureRun(layers, self.head(x.mean(dim=(2, 3))))


class Attending(PictureNetwork):
    """A grid of tokens, a class token before them, learned positions, attention blocks, read at the class token."""

    def __init__(self, mean: float, deviation: float, classes: int, depth: int, inner: int) -> None:
        super().__init__(mean, deviation)
        count = (SIDE // PATCH) ** 2
        self.first = nn.Parameter(0.02 * torch.randn(1, 1, WIDTH))
        self.places = nn.Parameter(0.02 * torch.randn(1, count + 1, WIDTH))
        self.blocks = nn.ModuleList([Block(SelfAttention(WIDTH, HEADS), WIDTH, inner, 0.0) for _ in range(depth)])
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, classes)

    def grid(self, x: Tensor, layers: dict[str, Tensor]) -> Tensor:
        """The grid [B, WIDTH, 7, 7] that becomes tokens; notes the layers on the way."""
        raise NotImplementedError

    def see(self, x: Tensor, look: bool) -> PictureRun:
        layers: dict[str, Tensor] = {}
        tokens = self.grid(x, layers).flatten(2).transpose(1, 2)
        x = torch.cat([self.first.expand(len(tokens), -1, -1), tokens], dim=1) + self.places
        layers["embedding"] = x
        seen = []
        for number, block in enumerate(self.blocks, 1):
            if look:
                seen.append(block.mix.look(block.before_mix(x)))
            x = layers[f"attention {number}"] = block(x, None)
        return PictureRun(layers, self.head(self.norm(x[:, 0])), seen)


class VisionTransformer(Attending):
    """Patches of 4 x 4 pixels, each a linear map of its 16 values; `as_transformers` gives the library's own model."""

    def __init__(self, mean: float, deviation: float, classes: int) -> None:
        super().__init__(mean, deviation, classes, depth=4, inner=192)
        self.patches = nn.Conv2d(1, WIDTH, PATCH, PATCH)

    def grid(self, x: Tensor, layers: dict[str, Tensor]) -> Tensor:
        return self.patches(x)


class Hybrid(Attending):
    """Three convolutions shrink the picture to 7 x 7, attention works on that grid."""

    def __init__(self, mean: float, deviation: float, classes: int) -> None:
        super().__init__(mean, deviation, classes, depth=3, inner=224)
        self.stem = nn.ModuleList([convolution(1, 32, 2), convolution(32, 32), convolution(32, WIDTH, 2)])

    def grid(self, x: Tensor, layers: dict[str, Tensor]) -> Tensor:
        for number, step in enumerate(self.stem, 1):
            x = layers[f"convolution {number}"] = step(x)
        return x


PICTURES: Mapping[str, Callable[[float, float, int], PictureNetwork]] = {
    "mlp": Perceptron,
    "cnn": Convolutions,
    "vit": VisionTransformer,
    "hybrid": Hybrid,
}


def build_pictures(settings: Mapping[str, Any], seed: int | None = None) -> PictureNetwork:
    """A network from {architecture, mean, deviation, classes}; `seed` fixes its random start."""
    name = settings["architecture"]
    if name not in PICTURES:
        raise ValueError(f"architecture must be one of {', '.join(PICTURES)}, got {name!r}")
    with Seeded(seed):
        return PICTURES[name](settings["mean"], settings["deviation"], settings["classes"])
