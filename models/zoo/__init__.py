"""One family a file; `build` makes a network from plain settings, `seeded` the same start every time."""

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from models.zoo.convolution import Convolution
from models.zoo.hybrid import convolution_then_attention
from models.zoo.network import Mixer, Network, Run
from models.zoo.perceptron import FixedMixing
from models.zoo.recurrent import GRU, LSTM, Elman
from models.zoo.schemes import PlacedAttention, codes
from models.zoo.seeded import Seeded
from models.zoo.transformer import SelfAttention, SinusoidalPositions

__all__ = ["ARCHITECTURES", "Network", "Run", "build"]

WIDTH, HEADS, PLACES = 64, 4, 64
DILATIONS = (1, 2, 4, 8, 16)


def _cnn(causal: bool, dilations: tuple[int, ...] = (1, 1, 1, 1, 1)) -> list[Mixer]:
    return [Convolution(WIDTH, kernel=3, dilation=dilation, causal=causal) for dilation in dilations]


# name -> (mixers of a network that may be causal, inner width of the feed-forward part)
ARCHITECTURES: Mapping[str, tuple[Callable[[bool], list[Mixer]], int]] = {
    "mlp": (lambda causal: [FixedMixing(PLACES) for _ in range(2)], 256),
    "cnn": (_cnn, 20),
    "cnn-dilated": (lambda causal: _cnn(causal, DILATIONS), 20),
    "rnn": (lambda causal: [Elman(WIDTH) for _ in range(2)], 224),
    "lstm": (lambda causal: [LSTM(WIDTH, forget_bias=1.0) for _ in range(2)], 32),
    "lstm-bias4": (lambda causal: [LSTM(WIDTH, forget_bias=4.0) for _ in range(2)], 32),
    "gru": (lambda causal: [GRU(WIDTH) for _ in range(2)], 96),
    "transformer": (lambda causal: [SelfAttention(WIDTH, HEADS) for _ in range(2)], 160),
    "hybrid": (lambda causal: convolution_then_attention(WIDTH, HEADS, causal=causal), 32),
}


def build(settings: Mapping[str, Any], seed: int | None = None) -> Network:
    """A network from {architecture, vocabulary, classes, readout, causal, dropout, shift}; `seed` fixes its start.

    A transformer with {scheme, places} gets its positions from models.zoo.schemes, and heeds `causal`.
    """
    name = settings["architecture"]
    if name not in ARCHITECTURES:
        raise ValueError(f"architecture must be one of {', '.join(ARCHITECTURES)}, got {name!r}")
    with Seeded(seed):
        mixers, inner = ARCHITECTURES[name]
        scheme, causal = settings.get("scheme"), settings["causal"]
        return Network(
            [PlacedAttention(WIDTH, HEADS, scheme, causal) for _ in range(2)] if scheme else mixers(causal),
            vocabulary=settings["vocabulary"],
            width=WIDTH,
            inner=inner,
            classes=settings["classes"],
            readout=settings["readout"],
            dropout=settings["dropout"],
            positions=_positions(settings),
        )


def _positions(settings: Mapping[str, Any]) -> nn.Module | None:
    """What adds position codes to the embeddings; only a transformer has it."""
    if settings["architecture"] != "transformer":
        return None
    if "scheme" in settings:
        return codes(settings["scheme"], WIDTH, settings["places"])
    return SinusoidalPositions(settings["shift"])
