"""Who sees whom: one influence matrix for every architecture, in two forms that always stand together.

gradient      I[u, t] = || d h_u / d x_t ||_F, h the last hidden state, x the input embedding: what an
              infinitesimal change of word t does. The quantity of the connectivity of Madsen, "Visualizing
              memorization in RNNs" (Distill 2019), over the whole state instead of one logit.
substitution  I[u, t] = mean over k seeded words w of || h_u(word t replaced by w) - h_u ||: what really
              happens when the word is changed.
They part where units saturate: the gradient of a saturated state is near zero though the state depends on the word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from models.zoo import Run

EXACT_TOKENS = 16
PROBES = 8
SUBSTITUTES = 8
CHUNK = 16_384


class Lensed(Protocol):
    """What a lens needs of a model."""

    device: str
    vocabulary: int

    def ids(self, text: str) -> Tensor: ...
    def embed(self, ids: Tensor) -> Tensor: ...
    def run(self, embedded: Tensor, look: bool = False) -> Run: ...


@dataclass(frozen=True)
class Influence:
    """values [T_out, T_in], float32, not normalised.

    exact     whether the number is exact for what `kind` defines (substitution: for these k words)
    error     relative standard error of the whole matrix (Frobenius), 0 where exact
    probes    random directions (gradient) or words (substitution) behind each number
    """

    values: NDArray[np.float32]
    kind: str
    exact: bool
    error: float
    probes: int


def matrix(model: Lensed, text: str, kind: str = "gradient", probes: int | None = None, seed: int = 0) -> Influence:
    """The influence matrix of a text; `probes` None chooses: exact gradients up to 16 tokens, then 8 probes."""
    if kind == "gradient":
        ids = model.ids(text)
        return _gradient(model, ids, range(ids.shape[1]), probes, seed)
    if kind == "substitution":
        return _substitution(model, model.ids(text), SUBSTITUTES if probes is None else probes, seed)
    raise ValueError(f"kind must be one of gradient, substitution, got {kind!r}")


def row(model: Lensed, text: str, position: int) -> NDArray[np.float32]:
    """Exact gradient influence of every token on one position, [T_in]."""
    ids = model.ids(text)
    if not 0 <= position < ids.shape[1]:
        raise ValueError(f"position must lie in 0..{ids.shape[1] - 1}, got {position}")
    return _gradient(model, ids, range(position, position + 1), model.embed(ids).shape[-1], 0).values[0]


def _gradient(model: Lensed, ids: Tensor, rows: range, probes: int | None, seed: int) -> Influence:
    """Hutchinson's estimate with orthogonal probes q: ||J||_F^2 = (D / k) sum_i ||J^T q_i||^2, exact at k = D."""
    import torch

    start = model.embed(ids)
    length, width = start.shape[1:]
    count = (width if length <= EXACT_TOKENS else PROBES) if probes is None else probes
    if not 1 <= count <= width:
        raise ValueError(f"probes must lie in 1..{width}, got {count}")
    directions = _orthogonal(width, count, seed).to(start)
    slopes = _slopes_of_one_run if _batches_backwards(model) else _slopes_of_many_runs
    squares = torch.zeros(count, len(rows), length, dtype=torch.float64)
    jobs = [(probe, at) for at in range(len(rows)) for probe in range(count)]
    for part, slope in slopes(model, start, directions, jobs, rows.start):
        probe, line = torch.tensor(part).T
        squares[probe, line] = slope.double().square().sum(dim=-1).cpu()
    estimates = squares * width
    return Influence(
        values=estimates.mean(dim=0).sqrt().float().numpy(),
        kind="gradient",
        exact=count == width,
        error=_relative_error(estimates, width),
        probes=count,
    )


Jobs = list[tuple[int, int]]


def _batches_backwards(model: Lensed) -> bool:
    """Whether backward passes over one graph can share their work: not through torch's fused recurrent cells."""
    import torch

    network = getattr(model, "network", None)
    return isinstance(network, torch.nn.Module) and not any(
        isinstance(module, torch.nn.RNNBase) for module in network.modules()
    )


def _slopes_of_one_run(
    model: Lensed, start: Tensor, directions: Tensor, jobs: Jobs, first: int
) -> Iterator[tuple[Jobs, Tensor]]:
    """d (direction . h_u) / d x of each (direction, u), [jobs, T, D]: one forward pass, its backward passes batched."""
    import torch

    embedded = start.detach().requires_grad_()
    last = model.run(embedded).hidden[-1]
    for part, probe, line in _pieces(jobs, last.shape[1]):
        wanted = torch.zeros(len(part), *last.shape, dtype=last.dtype, device=last.device)
        wanted[torch.arange(len(part)), 0, line + first] = directions[probe]
        (slope,) = torch.autograd.grad(last, embedded, wanted, is_grads_batched=True, retain_graph=True)
        yield part, slope[:, 0]


def _slopes_of_many_runs(
    model: Lensed, start: Tensor, directions: Tensor, jobs: Jobs, first: int
) -> Iterator[tuple[Jobs, Tensor]]:
    """The same, from as many runs of the text beside each other as there are jobs in a piece."""
    import torch

    for part, probe, line in _pieces(jobs, start.shape[1]):
        embedded = start.detach().expand(len(part), *start.shape[1:]).clone().requires_grad_()
        state = model.run(embedded).hidden[-1][torch.arange(len(part)), line + first]
        (slope,) = torch.autograd.grad((state * directions[probe]).sum(), embedded)
        yield part, slope


def _pieces(jobs: Jobs, length: int) -> Iterator[tuple[Jobs, Tensor, Tensor]]:
    """Jobs in pieces that fit memory, with their directions and positions."""
    import torch

    size = max(1, CHUNK // length)
    for at in range(0, len(jobs), size):
        part = jobs[at : at + size]
        probe, line = torch.tensor(part).T
        yield part, probe, line


def _orthogonal(width: int, count: int, seed: int) -> Tensor:
    """`count` orthonormal directions [count, width], evenly random (QR of a Gaussian matrix, Mezzadri 2007)."""
    import torch

    noise = torch.randn(width, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    basis, triangle = torch.linalg.qr(noise)
    return (basis * triangle.diagonal().sign())[:, :count].T


def _relative_error(estimates: Tensor, width: int) -> float:
    """Standard error of the norms against their size: half that of the squares, less what was drawn of the whole."""
    count = len(estimates)
    total = float(estimates.mean(dim=0).norm())
    if count == width or total == 0:
        return 0.0
    if count == 1:
        return float("nan")
    spread = estimates.var(dim=0) / count * (1 - count / width)
    return 0.5 * float(spread.sum().sqrt()) / total


def _substitution(model: Lensed, ids: Tensor, words: int, seed: int) -> Influence:
    """T * k texts, each with one word replaced by one that differs from it."""
    import torch

    if words < 1:
        raise ValueError(f"at least 1 word is needed to substitute, got {words}")
    length = ids.shape[1]
    others = substitutes(ids[0], model.vocabulary, words, seed).to(ids.device)
    texts = ids.repeat(length * words, 1)
    place = torch.arange(length, device=ids.device).repeat_interleave(words)
    texts[torch.arange(len(texts)), place] = others.flatten()
    moved = _moved(model, texts, ids).view(length, words, length).double().cpu()
    spread = moved.std(dim=1) / words**0.5 if words > 1 else torch.full((length, length), float("nan"))
    mean = moved.mean(dim=1).T
    error = float(spread.norm() / mean.norm()) if float(mean.norm()) > 0 else 0.0
    return Influence(mean.float().numpy().copy(), "substitution", False, error, words)


def _moved(model: Lensed, texts: Tensor, ids: Tensor) -> Tensor:
    """|| h_u(text) - h_u(ids) || of texts [N, T], in pieces: [N, T].

    The unchanged text runs in batches of the same size: both round alike, and what sees nothing moves by exactly 0.
    """
    import torch

    size = max(1, CHUNK // ids.shape[1])
    changes, base = [], torch.empty(0)
    for part in texts.split(size):
        if len(base) != len(part):
            base = model.run(model.embed(ids.expand_as(part))).hidden[-1].detach()
        changes.append((model.run(model.embed(part)).hidden[-1].detach() - base).norm(dim=-1))
    return torch.cat(changes)


def substitutes(ids: Tensor, vocabulary: int, words: int, seed: int) -> Tensor:
    """For each token `words` seeded ids [T, words] from the known vocabulary, none equal to the token's own."""
    import torch

    if vocabulary < 3:
        raise ValueError(f"a vocabulary of at least 3 words is needed to substitute, got {vocabulary}")
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randint(1, vocabulary - 1, (len(ids), words), generator=generator)
    own = ids.cpu()[:, None]
    return drawn + ((drawn >= own) & (own > 0)).long()


def check_class(logits: Tensor, target: int) -> None:
    """ValueError unless `target` is one of the classes of logits [B, classes]."""
    if not 0 <= target < logits.shape[-1]:
        raise ValueError(f"class must lie in 0..{logits.shape[-1] - 1}, got {target}")


def of_output(model: Lensed, text: str, target: int) -> NDArray[np.float32]:
    """|| d logit_target / d x_t ||_2 for every token, [T]: how much each word could move the chosen class."""
    import torch

    embedded = model.embed(model.ids(text)).detach().requires_grad_()
    logits = model.run(embedded).logits
    check_class(logits, target)
    (slope,) = torch.autograd.grad(logits[0, target], embedded)
    return slope[0].norm(dim=-1).float().cpu().numpy()


def occlusion(model: Lensed, text: str, target: int) -> NDArray[np.float32]:
    """p(target | text) - p(target | text without word t), [T]: positive where the word speaks for the class.

    A text of one word has no rest to read: its value is NaN.
    """
    import torch

    ids = model.ids(text)
    length = ids.shape[1]
    logits = model.run(model.embed(ids)).logits
    check_class(logits, target)
    if length == 1:
        return np.full(1, np.nan, dtype=np.float32)
    whole = logits.double().softmax(dim=-1)[0, target]
    found = []
    size = max(1, CHUNK // length)
    for at in range(0, length, size):
        dropped = range(at, min(at + size, length))
        rest = torch.stack([torch.cat([ids[0, :t], ids[0, t + 1 :]]) for t in dropped])
        found.append(whole - model.run(model.embed(rest)).logits.double().softmax(dim=-1)[:, target])
    return torch.cat(found).detach().float().cpu().numpy()


def rank_correlation(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Spearman's rho over the cells where either value is not zero; ties share their mean rank; NaN if constant."""
    if first.shape != second.shape:
        raise ValueError(f"both must have one shape, got {first.shape} and {second.shape}")
    alive = (first != 0) | (second != 0)
    a, b = _ranks(first[alive]), _ranks(second[alive])
    if len(a) < 3 or a.std() == 0 or b.std() == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def _ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[inverse]
