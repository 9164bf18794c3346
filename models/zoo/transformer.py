"""Multi-head self-attention with sinusoidal positions (Vaswani et al. 2017)."""

import torch
from torch import Tensor, nn

from models.zoo.network import Mixer


class SelfAttention(Mixer):
    """softmax(Q K^T / sqrt(d)) V in `heads` heads of width d = width / heads; every position sees every other."""

    kind = "attention"

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"width must be a multiple of heads, got {width} and {heads}")
        self.heads = heads
        self.project = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    @property
    def reach(self) -> tuple[int | None, int | None]:
        return None, None

    def split(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, each [B, H, T, d]."""
        batch, length, width = x.shape
        parts = self.project(x).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        return query, key, value

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        query, key, value = self.split(x)
        allowed = None if mask is None else mask[:, None, None, :]
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=allowed)
        return self.out(mixed.transpose(1, 2).flatten(2))

    def look(self, x: Tensor) -> dict[str, Tensor]:
        """query, key and value, each [B, H, T, d], before the scores are divided by sqrt(d)."""
        query, key, value = self.split(x)
        return {"query": query, "key": key, "value": value}

    def weights(self, x: Tensor) -> Tensor:
        """Attention weights [B, T, T] (query, key), the mean over heads; each row sums to 1."""
        query, key, _ = self.split(x)
        scores = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5
        return scores.softmax(dim=-1).mean(dim=1)


class SinusoidalPositions(nn.Module):
    """Adds sin(p w_i), cos(p w_i), w_i = base^(-2i/D). While training, all positions shift by 0..`shift` together.

    The codes are scaled by D^-0.5 so that they are as long as the word embeddings they are added to.
    """

    def __init__(self, shift: int = 0, base: float = 1e4) -> None:
        super().__init__()
        self.shift, self.base = shift, base

    def forward(self, x: Tensor, places: Tensor | None = None) -> Tensor:
        """x [B, T, D] with codes; places [T] are the positions p, by default 0 .. T - 1."""
        length, width = x.shape[1:]
        position = (torch.arange(length, device=x.device) if places is None else places)[None].to(x.dtype)
        if self.training and self.shift:
            position = position + torch.randint(0, self.shift + 1, (len(x), 1), device=x.device)
        rate = self.base ** (-torch.arange(0, width, 2, device=x.device, dtype=x.dtype) / width)
        angle = position[..., None] * rate
        code = torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(-2)
        return x + code * width**-0.5
