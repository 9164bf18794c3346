"""EfficientNet-Lite0: a network for photographs, without squeeze-and-excitation (Tan and Le 2019; Liu 2020).

Blocks of expand (1 x 1), depthwise (3 x 3 or 5 x 5) and project (1 x 1), batch norm, ReLU cut at 6. The weights come
from TensorFlow, whose "same" padding puts an odd pixel at the right and the bottom.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from models.zoo.pictures import PictureRun

SIDE = 224
# kernel, stride, expansion, channels, repeats
STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
RENAMED = {"_expand_conv": "expand.0", "_bn0": "expand.1", "_depthwise_conv": "depth.0", "_bn1": "depth.1"}
RENAMED |= {"_project_conv": "project.0", "_bn2": "project.1"}
OUTSIDE = {"_conv_stem": "stem.0", "_bn0": "stem.1", "_conv_head": "top.0", "_bn1": "top.1", "_fc": "head"}


class Same(nn.Conv2d):
    """A convolution whose output has ceil(size / stride) places, the odd pixel of padding at the end."""

    def forward(self, x: Tensor) -> Tensor:
        pads: list[int] = []
        for size, kernel, stride in zip(x.shape[:1:-1], self.kernel_size[::-1], self.stride[::-1], strict=True):
            more = max(0, (-(-size // stride) - 1) * stride + kernel - size)
            pads += [more // 2, more - more // 2]
        return super().forward(nn.functional.pad(x, pads))


def unit(
    inside: int, out: int, kernel: int = 1, stride: int = 1, groups: int = 1, active: bool = True
) -> nn.Sequential:
    """Convolution, batch norm with TensorFlow's epsilon, ReLU6 or nothing."""
    convolution = Same(inside, out, kernel, stride, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(out, eps=1e-3), nn.ReLU6() if active else nn.Identity())


class Inverted(nn.Module):
    """Expand, filter each channel by itself, project; the input is added where shapes allow."""

    def __init__(self, inside: int, out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inside * expansion
        self.expand = unit(inside, inner) if expansion > 1 else nn.Identity()
        self.depth = unit(inner, inner, kernel, stride, groups=inner)
        self.project = unit(inner, out, active=False)
        self.skips = stride == 1 and inside == out

    def forward(self, x: Tensor) -> Tensor:
        found = self.project(self.depth(self.expand(x)))
        return x + found if self.skips else found


class EfficientNetLite0(nn.Module):
    """Pictures [B, 3, 224, 224] in [0, 1] to 1,000 logits; `layers` holds the grid after each stage."""

    def __init__(self, mean: tuple[float, ...], deviation: tuple[float, ...]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(deviation).view(3, 1, 1), persistent=False)
        self.stem = unit(3, 32, 3, 2)
        self.stages = nn.ModuleList()
        inside = 32
        for kernel, stride, expansion, out, repeats in STAGES:
            blocks = [Inverted(inside, out, kernel, stride, expansion)]
            blocks += [Inverted(out, out, kernel, 1, expansion) for _ in range(repeats - 1)]
            self.stages.append(nn.Sequential(*blocks))
            inside = out
        self.top = unit(inside, 1280)
        self.head = nn.Linear(1280, 1000)

    def forward(self, pictures: Tensor, look: bool = False) -> PictureRun:
        if pictures.ndim != 4 or pictures.shape[1] != 3:
            raise ValueError(f"pictures are [B, 3, height, width], got {list(pictures.shape)}")
        x = self.stem((pictures - self.mean) / self.deviation)
        layers = {"convolution stem": x}
        for number, stage in enumerate(self.stages, 1):
            x = layers[f"convolution stage {number}"] = stage(x)
        x = layers["convolution top"] = self.top(x)
        return PictureRun(layers, self.head(x.mean(dim=(2, 3))))


def renamed(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The published weights under our names."""
    places = [(stage, block) for stage, (*_, repeats) in enumerate(STAGES) for block in range(repeats)]
    found = {}
    for name, value in state.items():
        if name.startswith("_blocks."):
            _, number, part, kind = name.split(".", 3)
            stage, block = places[int(number)]
            found[f"stages.{stage}.{block}.{RENAMED[part]}.{kind}"] = value
        else:
            part, kind = name.split(".", 1)
            found[f"{OUTSIDE[part]}.{kind}"] = value
    return found
