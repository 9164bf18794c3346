"""Untrained networks of every architecture with thirteen words, and small models made by hand. T and V are primes."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.cards import ModelCard
from models.sequence import SequenceModel
from models.tokenizer import UNKNOWN, WordTokenizer
from models.zoo import ARCHITECTURES, Run, build
from models.zoo.network import Mixer, Network

NAMES = tuple(ARCHITECTURES)
# left to right when asked to be causal
ONE_WAY = ("cnn", "cnn-dilated", "rnn", "lstm", "lstm-bias4", "gru")
CONVOLUTIONS = ("cnn", "cnn-dilated")
WORDS = (UNKNOWN, "ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen", "ibis", "jay", "kite", "lynx")
LABELS = ("left", "middle", "right")
WIDTH = 64
FIVE = "ant bee cat dog elk"
SEVEN = "ant bee cat dog elk fox gnu"


def settings(architecture: str, causal: bool = False, readout: str = "last", shift: int = 0) -> dict:
    return {
        "architecture": architecture,
        "vocabulary": len(WORDS),
        "classes": len(LABELS),
        "readout": readout,
        "causal": causal,
        "dropout": 0.0,
        "shift": shift,
        "labels": LABELS,
    }


def card(architecture: str, **chosen: object) -> ModelCard:
    facts = {**settings(architecture), **chosen}
    return ModelCard(
        name=f"tiny-{architecture}",
        title=architecture,
        task="none",
        family=architecture,
        parameters=0,
        licence="Apache-2.0",
        source="built by a test",
        sha256="",
        metrics={},
        limits=(),
        settings=facts,
        trained={},
    )


def tiny(
    architecture: str, *, causal: bool = False, readout: str = "last", seed: int = 3, double: bool = False
) -> SequenceModel:
    """An untrained bundled model; `double` computes in float64."""
    network = build(settings(architecture, causal, readout), seed)
    return wrap(network.double() if double else network, architecture)


def wrap(network: Network, architecture: str = "mlp") -> SequenceModel:
    return SequenceModel(card(architecture), network, WordTokenizer(WORDS), "cpu")


def around(mixers: Sequence[Mixer], seed: int = 5) -> SequenceModel:
    """The skeleton of the zoo, in float64, around other ways of mixing."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return wrap(Network(list(mixers), len(WORDS), WIDTH, 29, len(LABELS), "last").double())


class Nothing(Mixer):
    """No position sees another."""

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        return torch.zeros_like(x)


class ByHand:
    """What a lens needs, around any function of embeddings [B, T, D] -> states [B, T, D]; logits are the last state."""

    device = "cpu"

    def __init__(self, table: Tensor, states: nn.Module) -> None:
        self.table = table.double()
        self.states = states.double().requires_grad_(False)
        self.tokenizer = WordTokenizer(WORDS[: len(table)])
        self.vocabulary = len(table)

    def ids(self, text: str) -> Tensor:
        return torch.tensor([self.tokenizer(text).ids])

    def embed(self, ids: Tensor) -> Tensor:
        return self.table[ids]

    def run(self, embedded: Tensor, look: bool = False) -> Run:
        states = self.states(embedded)
        return Run([embedded, states], states[:, -1])


class Linear(nn.Module):
    """h_u = sum_t A[u, t] M x_t: every Jacobian block is A[u, t] M."""

    def __init__(self, over_positions: Tensor, over_width: Tensor) -> None:
        super().__init__()
        self.over_positions = nn.Parameter(over_positions.double())
        self.over_width = nn.Parameter(over_width.double())

    def forward(self, x: Tensor) -> Tensor:
        return torch.einsum("ut,btd,ed->bue", self.over_positions, x, self.over_width)


def decays(length: int, weight: float) -> Tensor:
    """|w|^(u - t) where t <= u, signs kept: the unrolled recurrence h_t = w h_{t-1} + x_t."""
    gap = torch.arange(length)[:, None] - torch.arange(length)[None, :]
    return torch.where(gap >= 0, torch.tensor(weight, dtype=torch.float64) ** gap.clamp(min=0), 0.0)


class Latch(nn.Module):
    """h_t = tanh(10 x_t + 30 h_{t-1}), width 1: the first word decides, and every unit is saturated."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.RNN(1, 1, batch_first=True, bias=False)
        with torch.no_grad():
            self.cell.weight_ih_l0.fill_(10.0)
            self.cell.weight_hh_l0.fill_(30.0)

    def forward(self, x: Tensor) -> Tensor:
        return self.cell(x)[0]


def jacobian(model: SequenceModel | ByHand, text: str, step: float = 1e-5) -> Tensor:
    """d h_u / d x_t by central differences, [T, D, T, D], without autograd."""
    start = model.embed(model.ids(text))[0]
    length, width = start.shape
    shifts = torch.eye(length * width, dtype=start.dtype).view(-1, length, width) * step
    with torch.no_grad():
        up, down = (model.run(start + sign * shifts).hidden[-1] for sign in (1, -1))
    slopes = (up - down) / (2 * step)
    return slopes.view(length, width, length, -1).permute(2, 3, 0, 1)


def words(count: int, seed: int = 0) -> str:
    """A text of `count` known words, none of them random between runs."""
    drawn = torch.randint(1, len(WORDS), (count,), generator=torch.Generator().manual_seed(seed))
    return " ".join(WORDS[i] for i in drawn)
