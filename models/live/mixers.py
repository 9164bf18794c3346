"""Ways to mix that only the training page has: one wide attention head, and a convolution over a digit's patches."""

import torch
from torch import Tensor, nn

from models.zoo.network import Mixer
from models.zoo.transformer import SelfAttention


class WideHead(SelfAttention):
    """One head of the whole width D whose queries and keys start with variance 1, as Vaswani et al. 2017 suppose.

    Scores then have variance D before they are divided by sqrt(D), if they are.
    """

    def __init__(self, width: int, divided: bool) -> None:
        super().__init__(width, 1)
        self.scale = width**-0.5 if divided else 1.0
        with torch.no_grad():
            self.project.weight[: 2 * width].normal_(std=width**-0.5)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        query, key, value = self.split(x)
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, scale=self.scale)
        return self.out(mixed.transpose(1, 2).flatten(2))

    def weights(self, x: Tensor) -> Tensor:
        """Attention weights [B, T, T] of the one head."""
        query, key, _ = self.split(x)
        return (query @ key.transpose(-1, -2) * self.scale).softmax(dim=-1)[:, 0]

    def read(self, x: Tensor) -> float:
        """From how many places a query reads: exp of the entropy of its weights, the mean over queries and batch.

        T where attention is uniform, 1 where the softmax is saturated.
        """
        weights = self.weights(x).detach().double()
        return float(torch.special.entr(weights).sum(dim=-1).exp().mean())


class OverPatches(Mixer):
    """A 3 x 3 convolution over the 4 x 4 patches of a digit, zeros beyond the border."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        over = x.transpose(1, 2).unflatten(2, (4, 4))
        return self.convolution(over).flatten(2).transpose(1, 2)
