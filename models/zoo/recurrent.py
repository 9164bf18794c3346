"""Recurrence, read left to right.

Elman 1990; LSTM: Hochreiter & Schmidhuber 1997, Gers et al. 2000; GRU: Cho et al. 2014.
The fused kernels of torch run the recurrence; the gates are rebuilt from its states, all at once.
"""

import torch
from torch import Tensor, nn

from models.zoo.network import Mixer


class Recurrence(Mixer):
    """A one-layer recurrence of the model's own width; right padding cannot leak into real positions."""

    cell: nn.RNNBase

    @property
    def reach(self) -> tuple[int | None, int | None]:
        return None, 0

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        return self.cell(x)[0]

    def before(self, states: Tensor) -> Tensor:
        """States one step earlier, zeros at the start: [B, T, D] -> [B, T, D]."""
        return nn.functional.pad(states[:, :-1], (0, 0, 1, 0))

    def projected(self, x: Tensor, states: Tensor) -> tuple[Tensor, Tensor]:
        """Input part and state part of the pre-activations, each [B, T, gates * D]."""
        drive = nn.functional.linear(x, self.cell.weight_ih_l0, self.cell.bias_ih_l0)
        carry = nn.functional.linear(self.before(states), self.cell.weight_hh_l0, self.cell.bias_hh_l0)
        return drive, carry


class Elman(Recurrence):
    """h_t = tanh(W x_t + U h_{t-1} + b), U orthogonal at the start (Le et al. 2015 use the identity)."""

    kind, fixed = "rnn", True

    def __init__(self, width: int) -> None:
        super().__init__()
        self.cell = nn.RNN(width, width, batch_first=True)
        nn.init.orthogonal_(self.cell.weight_hh_l0)

    def weights(self, x: Tensor) -> Tensor:
        """||U^(u-t) W||_F: the wiring with tanh taken away; it depends on the distance alone, never on the words.

        In float64: a trained U may double a state at every step, and 2^128 does not fit into float32.
        """
        length, step = x.shape[1], self.cell.weight_hh_l0.double()
        power, strengths = self.cell.weight_ih_l0.double(), []
        for _ in range(length):
            strengths.append(power.norm())
            power = step @ power
        distance = torch.arange(length, device=x.device)
        gap = distance[:, None] - distance[None, :]
        wired = torch.stack(strengths)[gap.clamp(min=0)] * (gap >= 0)
        return wired.expand(len(x), length, length)


def carried(keep: Tensor, write: Tensor) -> Tensor:
    """Mean over units of write_t * prod_{t < s <= u} keep_s: [B, T, D] twice -> [B, T, T]."""
    logs = keep.clamp(min=1e-30).log().cumsum(dim=1)
    kept = (logs[:, :, None] - logs[:, None, :]).clamp(max=0).exp() * write[:, None]
    return kept.mean(dim=-1).tril()


class LSTM(Recurrence):
    """c_t = f_t c_{t-1} + i_t g_t,  h_t = o_t tanh(c_t); forget_bias is added to the forget gate at the start."""

    kind = "lstm"

    def __init__(self, width: int, forget_bias: float = 1.0) -> None:
        super().__init__()
        self.cell = nn.LSTM(width, width, batch_first=True)
        with torch.no_grad():
            self.cell.bias_ih_l0[width : 2 * width].fill_(forget_bias)
            self.cell.bias_hh_l0[width : 2 * width].zero_()

    def look(self, x: Tensor) -> dict[str, Tensor]:
        """The gates input, forget and output in 0..1, and the cell, each [B, T, D]."""
        drive, carry = self.projected(x, self.forward(x, None))
        enter, forget, new, out = (drive + carry).chunk(4, dim=-1)
        enter, forget, out, new = enter.sigmoid(), forget.sigmoid(), out.sigmoid(), new.tanh()
        cells, cell = [], torch.zeros_like(new[:, 0])
        for step in range(x.shape[1]):
            cell = forget[:, step] * cell + enter[:, step] * new[:, step]
            cells.append(cell)
        return {"input": enter, "forget": forget, "output": out, "cell": torch.stack(cells, dim=1)}

    def weights(self, x: Tensor) -> Tensor:
        """Mean over units of i_t prod_{t < s <= u} f_s, [B, T, T] (u, t): the path through the cell alone.

        Not normalised; what reaches h_u through the gates themselves is left out.
        """
        seen = self.look(x)
        return carried(seen["forget"], seen["input"])


class GRU(Recurrence):
    """h_t = (1 - z_t) n_t + z_t h_{t-1}: z keeps the old state, r lets it into the new one."""

    kind = "gru"

    def __init__(self, width: int) -> None:
        super().__init__()
        self.cell = nn.GRU(width, width, batch_first=True)
        with torch.no_grad():
            nn.init.orthogonal_(self.cell.weight_hh_l0)

    def look(self, x: Tensor) -> dict[str, Tensor]:
        """The gates reset and update in 0..1, each [B, T, D]."""
        drive, carry = self.projected(x, self.forward(x, None))
        reset, keep, _ = (drive + carry).chunk(3, dim=-1)
        return {"reset": reset.sigmoid(), "update": keep.sigmoid()}

    def weights(self, x: Tensor) -> Tensor:
        """Mean over units of (1 - z_t) prod_{t < s <= u} z_s, [B, T, T] (u, t): kept state alone; not normalised."""
        keep = self.look(x)["update"]
        return carried(keep, 1 - keep)
