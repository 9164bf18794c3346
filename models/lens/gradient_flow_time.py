"""Through time: what the last state owes to every earlier step, by gradient and by substitution.

`by_time` asks a trained or untrained network of any family about a text. `recurrence` is a bare cell whose scale, gates
and length can be set, where theory is exact:

    linear, W = s Q with Q orthogonal:   || d h_T / d h_t ||_2 = s^(T - t)
    any RNN with |phi'| <= gamma:        || d h_T / d h_t ||_2 <= (gamma sigma_1(W))^(T - t)      (Pascanu et al. 2013)
    LSTM with its gates held fixed:      d c_T / d c_t = prod f: the direct path; the whole Jacobian has more terms

gamma is 1 for linear and tanh, 1/4 for sigmoid; sigma_1 is the largest SINGULAR value. With the largest eigenvalue, as
the paper's text has it, the bound is false for a non-linear cell.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.lens import influence
from models.lens.gradient_flow_chain import spectral

if TYPE_CHECKING:
    from torch import Tensor

CELLS = ("linear", "tanh", "sigmoid", "LSTM", "GRU")
GAMMA = {"linear": 1.0, "tanh": 1.0, "sigmoid": 0.25}
PARTS = {"LSTM": 4, "GRU": 3}
MOST_STEPS, MOST_WIDTH, MOST_WORDS, OTHERS = 200, 128, 512, 8
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Times:
    """For every token t, [T]: gradient || d h_last / d x_t ||_F; substitution: mean || change of h_last || when the
    word is replaced by one of 8 seeded others; kept: prod of the last LSTM layer's forget gates after t, mean over
    units, None without such gates."""

    tokens: tuple[str, ...]
    gradient: Floats
    substitution: Floats
    kept: Floats | None


def by_time(model: Any, text: str) -> Times:
    """Both kinds of influence of each word on the last state of the last layer."""
    trace = model.trace(text)
    gates = getattr(trace, "gates", None) or {}
    forget = gates.get("forget")
    return Times(
        tokens=tuple(trace.tokens),
        gradient=influence.row(model, text, len(trace.tokens) - 1).astype(np.float64),
        substitution=influence.matrix(model, text, "substitution", OTHERS).values[-1].astype(np.float64),
        kept=None if forget is None else held(forget[-1].astype(np.float64)).mean(axis=1),
    )


def held(gates: Floats) -> Floats:
    """prod_{t < s <= T} f_s for gates f [T, D]: what of each unit's cell of step t is left at the end, [T, D]."""
    after = np.concatenate([gates[1:], np.ones((1, gates.shape[1]))])
    return np.cumprod(after[::-1], axis=0)[::-1]


def random_words(model: Any, length: int, seed: int = 0) -> str:
    """A text of `length` random words from the model's vocabulary: what the network does without a sentence."""
    if not 1 <= length <= MOST_WORDS:
        raise ValueError(f"random words must number 1..{MOST_WORDS}, got {length}")
    words = [word for word in model.tokenizer.words[1:] if word.isalpha()]
    return " ".join(np.random.default_rng(seed).choice(words, length).tolist())


@dataclass(frozen=True)
class Recurrence:
    """A bare cell over T steps; index t = 0 .. T counts states, 0 is the start.

    norms  [T + 1] || d s_T / d s_t ||_2 of the whole state (LSTM: h and c together)
    change [T]     || change of h_T || when the input of step t + 1 is drawn anew, mean of 8
    bound  [T + 1] (gamma sigma_1)^(T - t), None for gated cells;  theory [T + 1] s^(T - t), linear cell only
    forget [T + 1] largest over units of prod f after t, LSTM only
    loss   [T + 1] || d loss / d s_t ||, loss = <r, h_T> with r of length 1
    total          || d loss / d parameters || of the same loss: what clipping looks at
    """

    norms: Floats
    change: Floats
    bound: Floats | None
    theory: Floats | None
    forget: Floats | None
    loss: Floats
    total: float


def recurrence(
    cell: str, width: int = 16, steps: int = 50, scale: float = 1.0, forget_bias: float = 1.0, seed: int = 0
) -> Recurrence:
    """One cell, W = s Q between states (Q orthogonal, one for each gate), inputs of variance 1."""
    import torch

    _check(cell, width, steps, scale)
    noise_ = torch.Generator().manual_seed(seed)
    parts = PARTS.get(cell, 1)
    inner = torch.cat([_orthogonal(width, noise_) for _ in range(parts)]) * scale
    outer = torch.randn(parts * width, width, generator=noise_, dtype=torch.float64) * width**-0.5
    weights = [inner.requires_grad_(), outer.requires_grad_()]
    inputs = torch.randn(steps, width, generator=noise_, dtype=torch.float64)
    state = torch.zeros(2 * width if cell == "LSTM" else width, dtype=torch.float64).requires_grad_()
    states, gates = [state], []
    for x in inputs:
        state, gate = step(cell, state[None], x[None], inner, outer, forget_bias)
        state = state[0]
        states.append(state)
        gates.append(gate[0].detach().numpy())
    way = torch.randn(width, generator=noise_, dtype=torch.float64)
    loss = (way / way.norm()) @ state[:width]
    slopes = torch.autograd.grad(loss, [*weights, *states], retain_graph=True, allow_unused=True)
    sizes = [0.0 if one is None else float(one.norm()) for one in slopes]
    size = float(torch.linalg.matrix_norm(inner.detach(), 2))
    gaps = np.arange(steps, -1, -1, dtype=np.float64)
    kept = np.array(gates)
    with np.errstate(over="ignore"):  # beyond every number: infinite
        bound = (GAMMA[cell] * size) ** gaps if cell in GAMMA else None
        theory = scale**gaps if cell == "linear" else None
    return Recurrence(
        norms=spectral(state, states),
        change=_changes(cell, inputs, weights, forget_bias, noise_),
        bound=bound,
        theory=theory,
        forget=np.append(held(np.vstack([kept[:1], kept])).max(axis=1)[:-1], 1.0) if cell == "LSTM" else None,
        loss=np.array(sizes[2:]),
        total=float(np.hypot(sizes[0], sizes[1])),
    )


def step(
    cell: str, state: "Tensor", x: "Tensor", inner: "Tensor", outer: "Tensor", forget_bias: float
) -> tuple["Tensor", "Tensor"]:
    """States [B, n] (LSTM: h beside c, [B, 2 n]) after one input [B, n], and the gate that keeps the old state."""
    import torch

    width = x.shape[1]
    if cell in GAMMA:
        new = x @ outer.T + state @ inner.T
        return {"linear": new, "tanh": new.tanh(), "sigmoid": new.sigmoid()}[cell], torch.zeros_like(x)
    h = state[:, :width]
    drive, carry = (x @ outer.T).chunk(PARTS[cell], dim=1), (h @ inner.T).chunk(PARTS[cell], dim=1)
    if cell == "GRU":
        reset, keep = ((drive[i] + carry[i]).sigmoid() for i in range(2))
        new = (drive[2] + reset * carry[2]).tanh()
        return (1 - keep) * new + keep * h, keep
    enter, out = ((drive[i] + carry[i]).sigmoid() for i in (0, 3))
    forget = (drive[1] + carry[1] + forget_bias).sigmoid()
    c = forget * state[:, width:] + enter * (drive[2] + carry[2]).tanh()
    return torch.cat([out * c.tanh(), c], dim=1), forget


def _changes(cell: str, inputs: "Tensor", weights: list["Tensor"], forget_bias: float, noise_: Any) -> Floats:
    """All T x 8 changed sequences in one batch; no sequence is held whole, as each differs at one step only."""
    import torch

    steps, width = inputs.shape
    inner, outer = weights
    drawn = torch.randn(steps, OTHERS, width, generator=noise_, dtype=torch.float64)
    with torch.no_grad():
        state = torch.zeros(steps * OTHERS + 1, 2 * width if cell == "LSTM" else width, dtype=torch.float64)
        for t in range(steps):
            x = inputs[t].repeat(len(state), 1)
            x[t * OTHERS : (t + 1) * OTHERS] = drawn[t]
            state, _ = step(cell, state, x, inner, outer, forget_bias)
        moved = (state[:-1, :width] - state[-1, :width]).norm(dim=1)
    return moved.view(steps, OTHERS).mean(dim=1).numpy()


def clip_factor(total: float, most: float) -> float:
    """What clipping the joint norm `total` of a gradient to `most` multiplies it by; NaN where the norm is no number.

    As torch.nn.utils.clip_grad_norm_ (Pascanu et al. 2013, algorithm 1): every part of the gradient, and so what each
    time step adds to it, shrinks by the same factor.
    """
    if most <= 0:
        raise ValueError(f"the clipping norm must be above 0, got {most}")
    return float(np.minimum(1.0, most / total)) if total else 1.0


def _orthogonal(width: int, noise_: Any) -> "Tensor":
    import torch

    basis, triangle = torch.linalg.qr(torch.randn(width, width, generator=noise_, dtype=torch.float64))
    return basis * triangle.diagonal().sign()


def _check(cell: str, width: int, steps: int, scale: float) -> None:
    if cell not in CELLS:
        raise ValueError(f"cell must be one of {', '.join(CELLS)}, got {cell!r}")
    for name, value, most in (("width", width, MOST_WIDTH), ("steps", steps, MOST_STEPS)):
        if not 1 <= value <= most:
            raise ValueError(f"{name} must lie in 1..{most}, got {value}")
    if not 0 <= scale <= 100:
        raise ValueError(f"scale must lie in 0..100, got {scale}")
