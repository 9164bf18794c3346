"""Convolution over positions: a small kernel, shared by all places (LeCun et al. 1989).

Causal and dilated: van den Oord et al. 2016, WaveNet.
"""

import torch
from torch import Tensor, nn

from models.zoo.network import Mixer


class Convolution(Mixer):
    """out_u = sum_j W_j x_{u + (j - c) * dilation} + b, zeros beyond the ends.

    causal: the last tap sits on u, so that nothing later is seen; else the middle tap does.
    """

    kind, fixed = "convolution", True

    def __init__(self, width: int, kernel: int = 3, dilation: int = 1, causal: bool = False) -> None:
        super().__init__()
        if not causal and kernel % 2 == 0:
            raise ValueError(f"a centred kernel must be odd, got {kernel}")
        self.causal = causal
        self.convolution = nn.Conv1d(width, width, kernel, dilation=dilation)

    @property
    def reach(self) -> tuple[int, int]:
        """How many positions before and after u the kernel touches."""
        taps = self.convolution.kernel_size[0] - 1
        span = taps * self.convolution.dilation[0]
        return (span, 0) if self.causal else (span // 2, span // 2)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        if mask is not None:
            x = x * mask.unsqueeze(-1)
        padded = nn.functional.pad(x.transpose(1, 2), self.reach)
        return self.convolution(padded).transpose(1, 2)

    def weights(self, x: Tensor) -> Tensor:
        """||W_j||_F of the tap that joins u to t, [B, T, T] (u, t), 0 beyond the kernel; the same for every input.

        Not normalised: rows do not sum to 1.
        """
        length = x.shape[1]
        taps = self.convolution.weight.flatten(0, 1).norm(dim=0)
        before = self.reach[0]
        wired = taps.new_zeros(length, length)
        for tap, strength in enumerate(taps):
            offset = tap * self.convolution.dilation[0] - before
            if abs(offset) < length:
                wired = wired + torch.diag(strength.expand(length - abs(offset)), offset)
        return wired.expand(len(x), length, length)
