"""Full connection over positions: one learned matrix, the same for every input (Tolstikhin et al. 2021, MLP-Mixer)."""

import torch
from torch import Tensor, nn

from models.zoo.network import Mixer


class FixedMixing(Mixer):
    """out_u = sum_t W[u, t] x_t + b_u, with W [places, places] learned and fixed after training.

    Places are counted from the END of the text: the last word always sits on the last place. A text
    longer than `places` does not fit, which is the fully connected layer's limit.
    """

    kind, fixed = "full", True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.limit = places
        self.weight = nn.Parameter(torch.randn(places, places) * places**-0.5)
        self.bias = nn.Parameter(torch.zeros(places))

    @property
    def reach(self) -> tuple[int | None, int | None]:
        return None, None

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        length = x.shape[1]
        if mask is None:
            weight = self.weight[-length:, -length:]
            return torch.einsum("ut,btd->bud", weight, x) + self.bias[-length:, None]
        places = self.weight.shape[0]
        position = torch.arange(length, device=x.device)
        place = (places - mask.sum(dim=1, keepdim=True) + position).clamp(max=places - 1)
        spot = place.unsqueeze(-1).expand_as(x)
        laid = x.new_zeros(len(x), places, x.shape[2]).scatter_add(1, spot, x * mask.unsqueeze(-1))
        mixed = torch.einsum("ut,btd->bud", self.weight, laid) + self.bias[:, None]
        return mixed.gather(1, spot)

    def weights(self, x: Tensor) -> Tensor:
        """|W[u, t]| of the places that the text takes, [B, T, T] (u, t); not normalised, the same for every input."""
        length = x.shape[1]
        return self.weight[-length:, -length:].abs().expand(len(x), length, length)
