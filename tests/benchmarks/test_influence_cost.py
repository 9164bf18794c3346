"""The influence matrix of 128 words against as many single backward passes, and its error against the exact one."""

import time
from typing import Any

import numpy as np
import torch

import models
from models.lens import influence
from tests.benchmarks.report import median, repeats, table, verdict

LENGTH = 128
PROBES = 4
FAMILIES = ("transformer", "lstm", "cnn")
SAMPLED = 48  # backward passes that are timed; all k x T would take minutes and differ in nothing
BUDGET = 1.0


def test_influence_matrix_against_backward_passes() -> None:
    torch.set_num_threads(1)
    rows = []
    for family in FAMILIES:
        model = models.load(f"sentiment-{family}", device="cpu")
        text = " ".join(model.tokenizer.words[40 : 40 + LENGTH])
        assert model.ids(text).shape == (1, LENGTH)
        influence.matrix(model, text, "gradient", PROBES)
        ours = median([_seconds(lambda m=model, t=text: influence.matrix(m, t, "gradient", PROBES)) for _ in _times()])
        single = median([_backward(model, text) for _ in _times()]) * PROBES * LENGTH
        found = influence.matrix(model, text, "gradient", PROBES)
        exact = influence.matrix(model, text, "gradient", model.network.embedding.embedding_dim)
        error = np.linalg.norm(found.values - exact.values) / np.linalg.norm(exact.values)
        whole = abs(np.linalg.norm(found.values) / np.linalg.norm(exact.values) - 1)
        errors = tuple(f"{100 * value:.1f} %" for value in (error, found.error, whole))
        ratio = verdict(ours / single, BUDGET)
        rows.append((family, len(model.network.blocks), f"{ours:.2f}", f"{single:.2f}", ratio, *errors))
        assert exact.exact
        assert error < 0.5
    table(
        f"Influence matrix, {LENGTH} words, {PROBES} probes",
        (
            "model",
            "layers",
            "s",
            "s for k x T backward passes",
            "ratio",
            "error of the cells",
            "stated",
            "error of the whole norm",
        ),
        rows,
        f"One thread; the time of one backward pass is the mean of {SAMPLED} over one graph. "
        "Errors are against the exact matrix, as shares of its Frobenius norm.",
    )


def _times() -> range:
    return range(repeats(3))


def _seconds(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _backward(model: Any, text: str) -> float:
    """Seconds of one backward pass from one random direction of one state to all word embeddings."""
    embedded = model.embed(model.ids(text)).detach().requires_grad_()
    last = model.run(embedded).hidden[-1][0]
    direction = torch.randn(last.shape[-1], generator=torch.Generator().manual_seed(0))
    start = time.perf_counter()
    for at in np.linspace(0, LENGTH - 1, SAMPLED).astype(int):
        torch.autograd.grad((last[at] * direction).sum(), embedded, retain_graph=True)
    return (time.perf_counter() - start) / SAMPLED
