"""The networks of the training page, built from the zoo's parts so that only the way of mixing differs.

All networks of a run share the width; the inner width of the feed-forward parts is what matches their sizes.
"""

import math
from collections.abc import Callable, Mapping
from collections.abc import Sequence as Names
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from models.live.data import ADDENDS, FILLERS, LONGEST, SYMBOLS
from models.live.mixers import OverPatches, WideHead
from models.live.setup import Setup
from models.zoo.convolution import Convolution
from models.zoo.network import Block, Mixer
from models.zoo.perceptron import FixedMixing
from models.zoo.recurrent import GRU, LSTM, Elman
from models.zoo.seeded import Seeded
from models.zoo.transformer import SelfAttention

HEADS = 4
PLACES = {"tokens": LONGEST + 1, "digits": 16, "adding": ADDENDS}


@dataclass
class Ran:
    """One forward pass: entry [B, T, D] or [B, D], hidden states after each layer, answer [B, classes] or [B]."""

    hidden: list[Tensor]
    answer: Tensor


class Dense(nn.Module):
    """Points through `depth` hidden layers: x <- [x +] tanh([norm] (A x + b)), then a linear read-out; depth 0: a line.

    The norm over the width has no gain and no bias, so that a network has the same number of weights with and without.
    """

    def __init__(self, width: int, depth: int, norm: bool = False, residual: bool = False) -> None:
        super().__init__()
        self.residual = residual
        sizes = [2, *[width] * depth]
        self.layers = nn.ModuleList([nn.Linear(a, b) for a, b in pairwise(sizes)])
        self.norms = nn.ModuleList(
            [nn.LayerNorm(width, elementwise_affine=False) if norm else nn.Identity() for _ in sizes[1:]]
        )
        self.head = nn.Linear(sizes[-1], 2)

    def forward(self, x: Tensor) -> Ran:
        hidden = [x]
        for at, (layer, norm) in enumerate(zip(self.layers, self.norms, strict=True)):
            passed = norm(layer(x)).tanh()
            x = x + passed if self.residual and at else passed
            hidden.append(x)
        return Ran(hidden, self.head(x))

    def groups(self) -> dict[str, list[Tensor]]:
        """The weights by layer."""
        found = {f"layer {at + 1}": list(layer.parameters()) for at, layer in enumerate(self.layers)}
        return {**found, "read-out": list(self.head.parameters())}


class Sequence(nn.Module):
    """Symbols or numbers -> blocks of the zoo (mix, then feed forward, both residual and pre-norm) -> an answer.

    The answer is read at the last place; digits are read as the mean over their patches. Attention gets learned
    position codes, as it alone does not know the order.
    """

    def __init__(self, mixers: list[Mixer], setup: Setup, inner: int, positions: bool) -> None:
        super().__init__()
        width, task = setup.width, setup.task
        tokens = task.kind == "tokens"
        self.mean = setup.data == "digits"
        self.enter = nn.Embedding(SYMBOLS + FILLERS, width) if tokens else nn.Linear(4 if self.mean else 2, width)
        self.positions = nn.Parameter(torch.randn(places(setup), width) * width**-0.5) if positions else None
        self.blocks = nn.ModuleList([Block(mixer, width, inner, 0.0) for mixer in mixers])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, max(1, task.classes))

    def forward(self, x: Tensor) -> Ran:
        x = self.enter(x)
        hidden = [x]
        if self.positions is not None:
            x = x + self.positions
        for block in self.blocks:
            x = block(x, None)
            hidden.append(x)
        read = self.norm(x.mean(dim=1) if self.mean else x[:, -1])
        answer = self.head(read)
        return Ran(hidden, answer if answer.shape[1] > 1 else answer[:, 0])

    @property
    def reads(self) -> bool:
        """Whether every block has a wide head, whose weights can be asked for."""
        return all(isinstance(block.mix, WideHead) for block in self.blocks)

    def read(self, hidden: list[Tensor]) -> list[float]:
        """From how many places the wide head of each block reads, given the hidden states."""
        entries = [hidden[0] if self.positions is None else hidden[0] + self.positions, *hidden[1:-1]]
        return [block.mix.read(block.before_mix(x)) for block, x in zip(self.blocks, entries, strict=True)]

    def groups(self) -> dict[str, list[Tensor]]:
        """The weights by layer; mixing and feed-forward part of a block apart."""
        found = {"input": [*self.enter.parameters(), *([] if self.positions is None else [self.positions])]}
        for at, block in enumerate(self.blocks):
            found[f"mix {at + 1}"] = [*block.before_mix.parameters(), *block.mix.parameters()]
            found[f"feed {at + 1}"] = [*block.before_feed.parameters(), *block.feed.parameters()]
        return {**found, "read-out": [*self.norm.parameters(), *self.head.parameters()]}


def places(setup: Setup) -> int:
    """Positions of an example."""
    return PLACES.get(setup.data, PLACES["tokens"])


def _heads(width: int) -> int:
    """Heads of attention: four, or fewer where the width cannot be split."""
    return math.gcd(HEADS, width)


def _convolution(setup: Setup, at: int) -> Mixer:
    return OverPatches(setup.width) if setup.data == "digits" else Convolution(setup.width, 3, causal=True)


def _hybrid(setup: Setup, at: int) -> Mixer:
    """Convolution in the lower half, attention above, at least one of it."""
    low = at < setup.depth // 2
    return _convolution(setup, at) if low else SelfAttention(setup.width, _heads(setup.width))


MIXERS: Mapping[str, Callable[[Setup, int], Mixer]] = {
    "mlp": lambda setup, at: FixedMixing(places(setup)),
    "cnn": _convolution,
    "rnn": lambda setup, at: Elman(setup.width),
    "lstm": lambda setup, at: LSTM(setup.width, 1.0),
    "lstm-bias4": lambda setup, at: LSTM(setup.width, 4.0),
    "gru": lambda setup, at: GRU(setup.width),
    "transformer": lambda setup, at: SelfAttention(setup.width, _heads(setup.width)),
    "transformer-wide": lambda setup, at: WideHead(setup.width, divided=True),
    "transformer-unscaled": lambda setup, at: WideHead(setup.width, divided=False),
    "hybrid": _hybrid,
}
ATTENDING = ("transformer", "transformer-wide", "transformer-unscaled", "hybrid")


def build(setup: Setup, among: Names[str] = ()) -> dict[str, Dense | Sequence]:
    """All networks of a run, each from the same seed; their sizes also match those of the networks `among`."""
    return {name: _seeded(setup, name, inner) for name, inner in inner_widths(setup, among).items()}


def inner_widths(setup: Setup, among: Names[str] = ()) -> dict[str, int]:
    """Inner widths that give all networks the size of the largest, which has as many inner units as its width.

    The number of parameters is linear in the inner width, so two counts give it. Points have no such part (0): their
    networks have equal sizes by their making, but for the perceptron, which has no hidden layer to widen.
    """
    if setup.task.kind == "plane":
        return dict.fromkeys(setup.networks, 0)
    names = dict.fromkeys((*setup.networks, *among))
    counts = {name: [count(_seeded(setup, name, inner)) for inner in (1, 2)] for name in names}
    slopes = {name: two - one for name, (one, two) in counts.items()}
    wanted = max(one + slopes[name] * (setup.width - 1) for name, (one, _) in counts.items())
    return {name: 1 + round((wanted - counts[name][0]) / slopes[name]) for name in setup.networks}


def count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def _seeded(setup: Setup, name: str, inner: int) -> Dense | Sequence:
    with Seeded(setup.seed):
        if setup.task.kind == "plane":
            depth = 0 if name == "perceptron" else setup.depth
            return Dense(setup.width, depth, name in ("mlp-norm", "mlp-both"), name in ("mlp-residual", "mlp-both"))
        mixers = [MIXERS[name](setup, at) for at in range(setup.depth)]
        return Sequence(mixers, setup, inner, name in ATTENDING)
