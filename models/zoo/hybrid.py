"""Convolutions below, attention above: neighbours first, then everything.

After Gulati et al. 2020 (Conformer) and Dai et al. 2021 (CoAtNet).
No position codes are added: the convolutions' zero padding and kernels tell the order.
"""

from models.zoo.convolution import Convolution
from models.zoo.network import Mixer
from models.zoo.transformer import SelfAttention


def convolution_then_attention(
    width: int, heads: int, convolutions: int = 2, attentions: int = 2, causal: bool = False
) -> list[Mixer]:
    """The mixers of a hybrid, lowest first."""
    below: list[Mixer] = [Convolution(width, kernel=3, causal=causal) for _ in range(convolutions)]
    return below + [SelfAttention(width, heads) for _ in range(attentions)]
