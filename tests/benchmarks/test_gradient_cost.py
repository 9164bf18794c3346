"""What it costs to record every layer's norms: a training step with them against the same step without."""

import statistics
import time
from collections.abc import Callable

import torch

from models.zoo.stack import Shape, Stack
from tests.benchmarks.report import repeats, table

STACKS = (("10 layers of 64", 10, 64), ("30 layers of 64", 30, 64), ("30 layers of 256", 30, 256))
BATCH, STEPS = 64, 20


def test_recording_every_layers_norms_against_the_bare_step() -> None:
    torch.set_num_threads(1)
    rows = []
    for name, depth, width in STACKS:
        stack = Stack(Shape(depth=depth, width=width, residual=True, normalisation="layer")).float()
        x = torch.randn(BATCH, 1, width, generator=torch.Generator().manual_seed(0))
        optimizer = torch.optim.SGD(stack.parameters(), lr=1e-3)

        def bare(stack: Stack = stack, x: torch.Tensor = x, optimizer: torch.optim.SGD = optimizer) -> None:
            optimizer.zero_grad(set_to_none=True)
            stack(x)[-1].square().mean().backward()
            optimizer.step()

        def recorded(stack: Stack = stack, x: torch.Tensor = x, optimizer: torch.optim.SGD = optimizer) -> list[float]:
            optimizer.zero_grad(set_to_none=True)
            hidden = stack(x)
            weights = list(stack.parameters())
            slopes = torch.autograd.grad(hidden[-1].square().mean(), [*hidden[1:], *weights])
            for weight, slope in zip(weights, slopes[len(hidden) - 1 :], strict=True):
                weight.grad = slope
            optimizer.step()
            return torch.stack([slope.norm() for slope in slopes]).tolist()

        pairs = [(_cpu(bare), _cpu(recorded)) for _ in range(repeats(7, 3))]
        ours, theirs = (statistics.median(pair[at] for pair in pairs) for at in (1, 0))
        ratio = statistics.median(pair[1] / pair[0] for pair in pairs)
        rows.append((name, f"{1000 * theirs / STEPS:.2f}", f"{1000 * ours / STEPS:.2f}", f"{ratio:.2f}x"))
        norms = recorded()
        assert len(norms) == depth + depth
        assert all(norm > 0 for norm in norms)
    table(
        "Recording the norm of every layer's gradients",
        ("stack", "bare step, ms", "with norms, ms", "ratio"),
        rows,
        f"CPU time of one thread, batch {BATCH}, SGD; 2 norms a layer: of d loss / d hidden and of d loss / d weights.",
    )


def _cpu(work: Callable[[], object]) -> float:
    """CPU seconds of `STEPS` steps: other processes of the machine do not count."""
    start = time.process_time()
    for _ in range(STEPS):
        work()
    return time.process_time() - start
