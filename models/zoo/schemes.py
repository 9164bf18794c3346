"""Position schemes of a small transformer: what tells its attention where a word stands.

none        nothing; a causal mask still lets a layer count the words before (Kazemnejad et al. 2023)
sinusoidal  fixed codes added to the embeddings (Vaswani et al. 2017)
learned     a table of codes added to the embeddings; a place beyond its end reads the last row
rope        queries and keys turned by an angle that grows with the place (Su et al. 2021), "half" layout
alibi       a penalty on the score, -m_h |u - t| (Press et al. 2022)
t5          a learned bias for each range of distances and each head (Raffel et al. 2020)

Unlike T5 itself every layer has its own biases, and scores are divided by sqrt(d) under every scheme.
"""

import math

import torch
from torch import Tensor, nn

from models.zoo.transformer import SelfAttention, SinusoidalPositions

SCHEMES = ("none", "sinusoidal", "learned", "rope", "alibi", "t5")
BUCKETS, FARTHEST = 32, 128


class PlacedAttention(SelfAttention):
    """Self-attention under one scheme; causal: a word sees itself and what stands before it."""

    def __init__(self, width: int, heads: int, scheme: str, causal: bool) -> None:
        super().__init__(width, heads)
        if scheme not in SCHEMES:
            raise ValueError(f"scheme must be one of {', '.join(SCHEMES)}, got {scheme!r}")
        self.scheme, self.causal = scheme, causal
        self.near = nn.Parameter(torch.randn(BUCKETS, heads) * width**-0.5) if scheme == "t5" else None

    @property
    def reach(self) -> tuple[int | None, int | None]:
        return None, 0 if self.causal else None

    def split(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        query, key, value = super().split(x)
        return (turn(query), turn(key), value) if self.scheme == "rope" else (query, key, value)

    def bias(self, x: Tensor) -> Tensor | None:
        """What is added to the scores, [H, T, T] (query, key); None under a scheme that adds nothing."""
        if self.scheme not in ("alibi", "t5"):
            return None
        place = torch.arange(x.shape[1], device=x.device)
        offset = place[None] - place[:, None]
        if self.scheme == "alibi":
            return -slopes(self.heads).to(x)[:, None, None] * offset.abs()
        assert self.near is not None
        return self.near[bucket(offset, bidirectional=not self.causal)].permute(2, 0, 1)

    def allowed(self, x: Tensor) -> Tensor | None:
        """Which key [T, T] a query may read; None where it may read all."""
        length = x.shape[1]
        return torch.ones(length, length, dtype=torch.bool, device=x.device).tril() if self.causal else None

    def added(self, x: Tensor, mask: Tensor | None) -> Tensor | None:
        """Bias, causal mask and padding as one sum, with -inf where a key may not be read."""
        bias, allowed = self.bias(x), self.allowed(x)
        if bias is None and allowed is None and mask is None:
            return None
        total = x.new_zeros(1, 1, x.shape[1], x.shape[1]) if bias is None else bias[None]
        if allowed is not None:
            total = total.masked_fill(~allowed, -math.inf)
        return total if mask is None else total.masked_fill(~mask[:, None, None, :], -math.inf)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        query, key, value = self.split(x)
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=self.added(x, mask))
        return self.out(mixed.transpose(1, 2).flatten(2))

    def look(self, x: Tensor) -> dict[str, Tensor]:
        """query, key and value [B, H, T, d], turned under rope; bias [B, H, T, T] and allowed [B, T, T] where known."""
        seen = super().look(x)
        for name, extra in (("bias", self.bias(x)), ("allowed", self.allowed(x))):
            if extra is not None:
                seen[name] = extra.expand(len(x), *extra.shape)
        return seen

    def weights(self, x: Tensor) -> Tensor:
        """Attention weights [B, T, T] (query, key) with bias and mask, the mean over heads; each row sums to 1."""
        query, key, _ = self.split(x)
        scores = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5
        added = self.added(x, None)
        return (scores if added is None else scores + added).softmax(dim=-1).mean(dim=1)


class LearnedPositions(nn.Module):
    """Adds row p of a learned table to the word at place p. Beyond the table its last row is read again."""

    def __init__(self, places: int, width: int) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(places, width) * width**-0.5)

    def forward(self, x: Tensor, places: Tensor | None = None) -> Tensor:
        """x [B, T, D] with codes; places [T] are the rows, by default 0 .. T - 1."""
        rows = torch.arange(x.shape[1], device=x.device) if places is None else places
        return x + self.table[rows.clamp(0, len(self.table) - 1)]


def codes(scheme: str, width: int, places: int) -> nn.Module | None:
    """The module that adds position codes to the embeddings, for the two schemes that do so."""
    if scheme == "learned":
        return LearnedPositions(places, width)
    return SinusoidalPositions() if scheme == "sinusoidal" else None


def turn(x: Tensor, base: float = 1e4) -> Tensor:
    """RoPE: at place p the pair (x_i, x_{i + d/2}) of x [..., T, d] turns by p base^(-2i/d)."""
    length, width = x.shape[-2:]
    place = torch.arange(length, device=x.device, dtype=x.dtype)
    angle = place[:, None] * base ** (-torch.arange(0, width, 2, device=x.device, dtype=x.dtype) / width)
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * angle.cos() - second * angle.sin(), second * angle.cos() + first * angle.sin()], dim=-1)


def slopes(heads: int) -> Tensor:
    """ALiBi's m_h = 2^(-8 h / heads), h = 1 .. heads; a power of two, as in the paper's formula."""
    if heads & (heads - 1):
        raise ValueError(f"heads must be a power of two, got {heads}")
    return 2.0 ** (-8 * torch.arange(1, heads + 1) / heads)


def bucket(offset: Tensor, bidirectional: bool) -> Tensor:
    """T5's 32 ranges of key - query: each near distance its own, farther ones logarithmic, all beyond 128 the last."""
    count = BUCKETS // 2 if bidirectional else BUCKETS
    above = (offset > 0) * count if bidirectional else torch.zeros_like(offset)
    far = offset.abs() if bidirectional else (-offset).clamp(min=0)
    single = count // 2
    wide = torch.log(far.clamp(min=1).float() / single) / math.log(FARTHEST / single) * (count - single)
    return above + torch.where(far < single, far, (single + wide.long()).clamp(max=count - 1))
