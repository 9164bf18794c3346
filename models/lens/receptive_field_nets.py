"""Published networks as layer lists and graphs, for receptive fields: what is convolved and pooled, and nothing else.

AlexNet and VGG follow TF-Slim (alexnet_v2, vgg_a, vgg_16), MobileNet v1, Inception v2, v3 and Inception-ResNet-v2 too.
ResNets come in three forms with different fields: the original (He et al. 2016: the stride on the first 1 x 1 of a
stage), TF-Slim's (on the last unit of a stage) and torchvision's (on the 3 x 3). Branches that only hold 1 x 1 kernels
beside wider ones change nothing and are kept, because alignment is checked on every path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from models.lens.receptive_field_layer import SAME, Extent, Layer
from models.lens.receptive_field_theory import INPUT, Graph, Node

DEPTHS = {"18": (2, 2, 2, 2), "50": (3, 4, 6, 3), "101": (3, 4, 23, 3), "152": (3, 8, 36, 3)}
FORMS = ("original", "torchvision", "slim")
Branch = tuple[Layer, ...]


@dataclass
class Sketch:
    """A graph in the making; `at` is its present end."""

    graph: dict[str, Node] = field(default_factory=dict)
    at: str = INPUT

    def layer(self, name: str, layer: Layer) -> Sketch:
        """One layer on the present end."""
        self.graph[name] = Node(layer, (self.at,))
        self.at = name
        return self

    def block(self, name: str, *branches: Branch) -> Sketch:
        """Branches from the present end, joined; an empty branch is a skip connection."""
        start, ends = self.at, []
        for number, branch in enumerate(branches):
            self.at = start
            for depth, layer in enumerate(branch):
                self.layer(f"{name}/{number}.{depth}", layer)
            ends.append(self.at)
        self.graph[name] = Node(None, tuple(ends))
        self.at = name
        return self


def conv(kernel: Extent, stride: int = 1, padding: int | str = SAME) -> Layer:
    return Layer(kernel, stride, padding)


ONE, THREE, FIVE, DOWN = conv(1), conv(3), conv(5), conv(3, 2)
MIDDLE, POOL2 = Layer(3, 1, 1), Layer(2, 2)  # symmetric padding, as in VGG and torch
ROW7, COLUMN7, ROW3, COLUMN3 = conv((1, 7)), conv((7, 1)), conv((1, 3)), conv((3, 1))
POOLED: Branch = (THREE, ONE)
VALID_DOWN = conv(3, 2, 0)


def chain(**layers: Layer) -> Graph:
    """Layers one after another, by name."""
    sketch = Sketch()
    for name, layer in layers.items():
        sketch.layer(name, layer)
    return sketch.graph


def alexnet(padding: int = 0) -> Graph:
    """Krizhevsky 2014 in TF-Slim's form, conv1 without `padding` (torchvision pads it by 2: P 66, not 64)."""
    pool, middle = Layer(3, 2), {f"conv{at}": MIDDLE for at in (3, 4, 5)}
    return chain(conv1=Layer(11, 4, padding), pool1=pool, conv2=Layer(5, 1, 2), pool2=pool, **middle, pool5=pool)


def vgg(*counts: int) -> Graph:
    """Simonyan and Zisserman 2015: `counts` 3 x 3 convolutions a stage, each stage pooled by 2."""
    sketch = Sketch()
    for stage, count in enumerate(counts, start=1):
        for number in range(1, count + 1):
            sketch.layer(f"conv{stage}_{number}", MIDDLE)
        sketch.layer(f"pool{stage}", POOL2)
    return sketch.graph


def mobilenet(padding: int | str = SAME) -> Graph:
    """Howard et al. 2017: a 3 x 3 convolution, then 13 depthwise 3 x 3 (the 1 x 1 after each sees no farther)."""
    strides = (2, 1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
    return chain(**{f"Conv2d_{at}": conv(3, stride, padding) for at, stride in enumerate(strides)})


def resnet(depth: str = "50", form: str = "original") -> Graph:
    """He et al. 2016, in one of FORMS; "18" has basic blocks, the others bottlenecks."""
    if depth not in DEPTHS or form not in FORMS:
        raise ValueError(
            f"depth must be one of {', '.join(DEPTHS)} and form of {', '.join(FORMS)}, got {depth}, {form}"
        )
    sketch = Sketch().layer("conv1", Layer(7, 2, 3)).layer("pool1", DOWN if form == "slim" else Layer(3, 2, 1))
    for stage, units in enumerate(DEPTHS[depth], start=1):
        for unit in range(units):
            strided = stage < 4 and unit == units - 1 if form == "slim" else stage > 1 and unit == 0
            name = f"block{stage}" if unit == units - 1 else f"block{stage}/unit{unit + 1}"
            stride = 2 if strided else 1
            sketch.block(name, _unit(depth, form, stride), (Layer(1, stride),))
    return sketch.graph


def _unit(depth: str, form: str, stride: int) -> Branch:
    if depth == "18":
        return (Layer(3, stride, 1), MIDDLE)
    first, second = (stride, 1) if form == "original" else (1, stride)
    return (Layer(1, first), Layer(3, second, 1), Layer(1))


def inception_v2() -> Graph:
    """Ioffe and Szegedy 2015, as in TF-Slim."""
    sketch = Sketch().layer("Conv2d_1a", conv(7, 2)).layer("MaxPool_2a", DOWN).layer("Conv2d_2b", ONE)
    sketch.layer("Conv2d_2c", THREE).layer("MaxPool_3a", DOWN)
    for name in ("3b", "3c", "4a", "4b", "4c", "4d", "4e", "5a", "5b", "5c"):
        if name in ("4a", "5a"):
            sketch.block(f"Mixed_{name}", (ONE, DOWN), (ONE, THREE, DOWN), (DOWN,))
        else:
            sketch.block(f"Mixed_{name}", (ONE,), (ONE, THREE), (ONE, THREE, THREE), POOLED)
    return sketch.graph


def inception_v3() -> Graph:
    """Szegedy et al. 2016, as in TF-Slim."""
    sketch = _stem()
    for name in ("5b", "5c", "5d"):
        sketch.block(f"Mixed_{name}", (ONE,), (ONE, FIVE), (ONE, THREE, THREE), POOLED)
    sketch.block("Mixed_6a", (VALID_DOWN,), (ONE, THREE, VALID_DOWN), (VALID_DOWN,))
    for name in ("6b", "6c", "6d", "6e"):
        twice = (ONE, COLUMN7, ROW7, COLUMN7, ROW7)
        sketch.block(f"Mixed_{name}", (ONE,), (ONE, ROW7, COLUMN7), twice, POOLED)
    sketch.block("Mixed_7a", (ONE, VALID_DOWN), (ONE, ROW7, COLUMN7, VALID_DOWN), (VALID_DOWN,))
    for name in ("7b", "7c"):
        split = [(ONE, ROW3), (ONE, COLUMN3), (ONE, THREE, ROW3), (ONE, THREE, COLUMN3)]
        sketch.block(f"Mixed_{name}", (ONE,), *split, POOLED)
    return sketch.graph


def inception_resnet_v2() -> Graph:
    """Szegedy et al. 2017, as in TF-Slim: nothing is padded where the map shrinks."""
    sketch = _stem().block("Mixed_5b", (ONE,), (ONE, FIVE), (ONE, THREE, THREE), POOLED)
    for at in range(1, 11):
        sketch.block(f"Block35_{at}", (ONE, ONE), (ONE, THREE, ONE), (ONE, THREE, THREE, ONE), ())
    sketch.block("Mixed_6a", (VALID_DOWN,), (ONE, THREE, VALID_DOWN), (VALID_DOWN,))
    for at in range(1, 21):
        sketch.block(f"Block17_{at}", (ONE, ONE), (ONE, ROW7, COLUMN7, ONE), ())
    down = (ONE, VALID_DOWN)
    sketch.block("Mixed_7a", down, down, (ONE, THREE, VALID_DOWN), (VALID_DOWN,))
    for at in range(1, 11):
        sketch.block(f"Block8_{at}", (ONE, ONE), (ONE, ROW3, COLUMN3, ONE), ())
    return sketch.graph


def _stem() -> Sketch:
    """The first seven layers of Inception v3 and Inception-ResNet-v2; only conv 2b is padded."""
    sketch = Sketch().layer("Conv2d_1a", VALID_DOWN).layer("Conv2d_2a", Layer(3)).layer("Conv2d_2b", THREE)
    sketch.layer("MaxPool_3a", VALID_DOWN).layer("Conv2d_3b", ONE).layer("Conv2d_4a", Layer(3))
    return sketch.layer("MaxPool_5a", VALID_DOWN)


def stack(count: int, kernel: int = 3) -> Graph:
    """Equal layers whose padding keeps the size."""
    return chain(**{f"conv{at + 1}": Layer(kernel, 1, kernel // 2) for at in range(count)})


def dilated() -> Graph:
    """3 x 3 kernels with dilations 1, 2, 4, 8 (Yu and Koltun 2016)."""
    return chain(**{f"conv{at + 1}": Layer(3, 1, 2**at, 2**at) for at in range(4)})


def causal() -> Graph:
    """Kernels of two, dilations 1 ... 512, zeros only before (van den Oord et al. 2016, WaveNet)."""
    return chain(**{f"conv{at + 1}": Layer(2, 1, 2**at, 2**at, 0) for at in range(10)})


def misaligned() -> Graph:
    """Branches that no field can be given to: strides 2 and 1 meet (Araujo et al. 2019, their third test network)."""
    return Sketch().block("sum", (Layer(5, 2, 2, after=1),), (Layer(3), Layer(3))).graph


NETS: Mapping[str, Callable[[], Graph]] = {
    "VGG-16": lambda: vgg(2, 2, 3, 3, 3),
    "VGG-11": lambda: vgg(1, 1, 2, 2, 2),
    "AlexNet": alexnet,
    "ResNet-18": lambda: resnet("18", "torchvision"),
    "ResNet-50, original": lambda: resnet("50", "original"),
    "ResNet-50, torchvision": lambda: resnet("50", "torchvision"),
    "ResNet-101, original": lambda: resnet("101", "original"),
    "ResNet-101, torchvision": lambda: resnet("101", "torchvision"),
    "ResNet-152, original": lambda: resnet("152", "original"),
    "MobileNet v1": mobilenet,
    "Inception v2": inception_v2,
    "Inception v3": inception_v3,
    "Inception-ResNet v2": inception_resnet_v2,
    "LeNet-5": lambda: chain(conv1=Layer(5), pool1=POOL2, conv2=Layer(5), pool2=POOL2),
    "Ten 3 × 3": lambda: stack(10),
    "Dilated 1, 2, 4, 8": dilated,
    "Causal, dilated to 512": causal,
}
