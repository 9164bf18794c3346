"""The effective field of a unit against one forward and backward pass a picture, and against one a direction too."""

import time
from collections.abc import Callable

import numpy as np
import torch

import models
from models.cards import cards
from models.lens.receptive_field import effective
from models.lens.receptive_field_picture import PROBES, grid
from models.lens.receptive_field_stack import SAMPLES, Stack, measure
from models.presets.pictures import pictures
from tests.benchmarks.report import median, repeats, table, verdict

FAMILIES = ("cnn", "vit", "hybrid")
BUDGET = 1.0


def test_effective_field_against_single_passes() -> None:
    torch.set_num_threads(1)
    sample = pictures("fashion").reshape(-1, 1, 28, 28).astype(np.float32) / 255
    known = {card.family: card.name for card in cards("fashion") if not card.training_set}
    rows = []
    for family in (each for each in FAMILIES if each in known):
        model = models.load(known[family], device="cpu")
        layer = [name for name, value in model.run(torch.zeros(1, 1, 28, 28)).layers.items() if value.ndim > 2][-1]
        side = grid(model.run(torch.zeros(1, 1, 28, 28)).layers[layer]).shape[-1]
        unit = (side // 2, side // 2)
        effective(model, sample, unit, layer)
        ours = median(
            [_seconds(lambda m=model, u=unit, l=layer: effective(m, sample, u, l)) for _ in range(repeats(5))]
        )
        single = median([_single(model, sample, unit, layer) for _ in range(repeats(5))])
        each = ours / single / len(sample)
        rows.append(
            (
                family,
                layer,
                f"{ours:.3f}",
                f"{single * len(sample):.3f}",
                verdict(each, BUDGET),
                verdict(each / PROBES, BUDGET),
            )
        )
    table(
        f"Effective field, {len(sample)} pictures, {PROBES} directions",
        ("network", "layer", "s", "s for one pass a picture", "ratio", f"ratio to {PROBES} passes a picture"),
        rows,
        "One thread. A pass runs one picture forward and one direction backward.",
    )
    assert rows


def test_stacks() -> None:
    torch.set_num_threads(1)
    rows = []
    for stack in (Stack(3, 10), Stack(3, 20), Stack(7, 20)):
        seconds = _seconds(lambda s=stack: measure(s))
        found = measure(stack)
        rows.append(
            (
                f"{stack.depth} x {stack.kernel} x {stack.kernel}",
                stack.size,
                f"{seconds:.2f}",
                f"{found.sigma:.3f}",
                f"{stack.exact:.3f}",
            )
        )
    table(
        f"Fields of stacks, {SAMPLES} draws", ("stack", "field, pixels", "s", "sigma", "formula"), rows, "One thread."
    )


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _single(model: object, sample: np.ndarray, unit: tuple[int, int], layer: str) -> float:
    """Seconds of one picture forward and one random direction backward."""
    pixels = torch.tensor(sample[:1], requires_grad=True)
    start = time.perf_counter()
    state = grid(model.run(pixels).layers[layer])[:, :, unit[0], unit[1]]  # type: ignore[attr-defined]
    torch.autograd.grad((state * torch.ones_like(state)).sum(), pixels)
    return time.perf_counter() - start
