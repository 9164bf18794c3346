"""The skeleton that every architecture shares, so that only the way of mixing positions differs.

One block is  x <- x + mix(norm(x));  x <- x + feed_forward(norm(x))  (pre-norm, Xiong et al. 2020).
`mix` is the only part that lets one position see another: a fixed matrix, a convolution, a recurrence
or attention. The feed-forward width is what matches the number of parameters between architectures.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn


@dataclass
class Run:
    """What a forward pass returns. hidden: L + 1 tensors [B, T, D]; logits [B, classes]; seen: a dict a layer."""

    hidden: list[Tensor]
    logits: Tensor
    seen: list[dict[str, Tensor]] = field(default_factory=list)


class Mixer(nn.Module):
    """Base of the ways to mix positions: forward(x [B, T, D], mask [B, T] or None) -> [B, T, D].

    limit   the most positions that it takes, None for any number
    kind    what one layer costs, a name of `models.lens.cost.KINDS`
    fixed   whether `weights` depend on the trained numbers alone, never on the words
    """

    limit: int | None = None
    kind: str = ""
    fixed: bool = False

    @property
    def reach(self) -> tuple[int | None, int | None]:
        """How many positions before and after u one layer joins to u, None for all of them."""
        raise NotImplementedError(f"{type(self).__name__} does not say how far it reaches")

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        raise NotImplementedError

    def look(self, x: Tensor) -> dict[str, Tensor]:
        """The intermediates (queries, gates ...) for an input that `forward` would take; no mask."""
        return {}

    def weights(self, x: Tensor) -> Tensor:
        """Mixing weights [B, T, T] (query, key), not normalised: how strongly t_in is wired to t_out."""
        raise NotImplementedError


class Block(nn.Module):
    """x [B, T, D] -> [B, T, D]: x + mix(norm(x)), then x + feed(norm(x)), feed = D -> inner -> GELU -> D at each place.

    Only `mix` lets places see each other. mask [B, T] is true where a token is real, None where all are.
    """

    def __init__(self, mix: Mixer, width: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.mix = mix
        self.before_mix = nn.LayerNorm(width)
        self.before_feed = nn.LayerNorm(width)
        self.feed = nn.Sequential(nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        x = x + self.dropout(self.mix(self.before_mix(x), mask))
        return x + self.dropout(self.feed(self.before_feed(x)))


class Network(nn.Module):
    """Word embeddings, blocks, a norm, and a linear read-out.

    readout "last" reads the last real token, "mean" and "max" pool over the real tokens.
    positions: None, or a module that adds position codes to the embeddings.
    """

    def __init__(
        self,
        mixers: list[Mixer],
        vocabulary: int,
        width: int,
        inner: int,
        classes: int,
        readout: str,
        dropout: float = 0.0,
        positions: nn.Module | None = None,
    ) -> None:
        super().__init__()
        if readout not in ("last", "mean", "max"):
            raise ValueError(f"readout must be one of last, mean, max, got {readout!r}")
        self.readout = readout
        self.embedding = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.embedding.weight, std=width**-0.5)
        self.positions = positions
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList([Block(mixer, width, inner, dropout) for mixer in mixers])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    @property
    def limit(self) -> int | None:
        """The most tokens that the network can take, None for any number."""
        limits = [block.mix.limit for block in self.blocks if block.mix.limit is not None]
        return min(limits, default=None)

    def forward(
        self,
        embedded: Tensor,
        mask: Tensor | None = None,
        look: bool = False,
        places: Tensor | None = None,
        coded: bool = True,
    ) -> Run:
        """embedded [B, T, D] are word embeddings; mask [B, T] is true where a token is real (right padding).

        places [T]: whose position code each word gets, instead of 0 .. T - 1; coded False: no word gets one.
        """
        if self.limit is not None and embedded.shape[1] > self.limit:
            raise ValueError(f"this network takes at most {self.limit} tokens, got {embedded.shape[1]}")
        x = self.dropout(self.place(embedded, places, coded))
        hidden, seen = [x], []
        for block in self.blocks:
            if look:
                seen.append(block.mix.look(block.before_mix(x)))
            x = block(x, mask)
            hidden.append(x)
        hidden[-1] = self.norm(x)
        return Run(hidden, self.head(self.read(hidden[-1], mask)), seen)

    def place(self, embedded: Tensor, places: Tensor | None, coded: bool) -> Tensor:
        """The embeddings with the position codes that this network adds to them."""
        if self.positions is None:
            if places is not None or not coded:
                raise ValueError("this network adds no position codes that could be moved or taken away")
            return embedded
        return self.positions(embedded, places) if coded else embedded

    def read(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """Pool [B, T, D] to [B, D]."""
        if mask is None:
            if self.readout == "last":
                return x[:, -1]
            return x.mean(dim=1) if self.readout == "mean" else x.amax(dim=1)
        if self.readout == "last":
            last = mask.sum(dim=1) - 1
            return x[torch.arange(len(x), device=x.device), last]
        real = mask.unsqueeze(-1)
        if self.readout == "mean":
            return (x * real).sum(dim=1) / real.sum(dim=1)
        return x.masked_fill(~real, float("-inf")).amax(dim=1)
