"""Grad-CAM and rollout against one forward plus one backward pass of the same network."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import models
from models.cards import cards
from models.lens import gradcam, picture_attention
from models.presets.pictures import pictures
from tests.benchmarks.report import median, repeats, table, verdict

BUDGET = 2.0


def test_maps_against_one_forward_and_backward() -> None:
    torch.set_num_threads(1)
    pixels = pictures("fashion")[9, 0] / np.float32(255)
    rows = []
    for name in [one.name for one in cards("fashion") if not one.training_set]:
        model = models.load(name, device="cpu")
        pass_ = _seconds(lambda m=model: _both(m, pixels))
        if gradcam.layers(model):
            rows.append(_row(name, "Grad-CAM", lambda m=model: gradcam.gradcam(m, pixels, 9), pass_))
        if model.axis is not None:
            rows.append(_row(name, "rollout", lambda m=model: picture_attention.looks(m.trace(pixels)), pass_))
    table(
        "Maps over one picture",
        ("model", "map", "ms", "ms of forward and backward", "ratio"),
        rows,
        "One thread, 28 x 28 pixels, median of many.",
    )


def _row(name: str, kind: str, work: Callable[[], Any], pass_: float) -> tuple[str, ...]:
    own = _seconds(work)
    return name, kind, f"{1000 * own:.2f}", f"{1000 * pass_:.2f}", verdict(own / pass_, BUDGET)


def _both(model: Any, pixels: np.ndarray) -> None:
    picture = model.tensor(pixels).requires_grad_()
    torch.autograd.grad(model.run(picture).logits[0, 9], picture)


def _seconds(work: Callable[[], Any]) -> float:
    work()
    times = []
    for _ in range(repeats(40, 5)):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times)
