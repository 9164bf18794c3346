"""What recording costs a run, and what the page costs it: steps a second of the same loop, bare, recorded and shown."""

import time
from dataclasses import replace
from itertools import islice
from queue import SimpleQueue
from typing import Any

import pytest
import torch
from torch import nn

from models.live import loop
from models.live.data import draw
from models.live.lessons import LESSONS
from models.live.loop import batches, loss_of, train
from models.live.networks import build
from models.live.setup import Setup
from pages.runs import work
from pages.shared import jobs
from tests.benchmarks.report import median, repeats, table, verdict
from tests.pages.helper import open_app

CASES = {"points": LESSONS["A way round"].setup, "recall": LESSONS["Far memories"].setup}
STEPS = {"points": 500, "recall": 384}  # as long as the lessons: the 49 recorded moments cost a short run more
RECORDING, PAGE = 1.5, 1.5  # budgets: recorded over bare, on the page over recorded


def test_recording_and_page_against_the_bare_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    rows = []
    for name, setup in CASES.items():
        epochs = max(1, STEPS[name] * setup.batch // setup.examples)
        setup = replace(setup, epochs=epochs)
        bare = median([_bare(setup) for _ in range(repeats(2))])
        kept = median([_recorded(setup) for _ in range(repeats(2))])
        shown = _on_the_page(setup, monkeypatch)
        rows.append(
            (
                name,
                len(setup.networks),
                f"{setup.steps / bare:.0f}",
                f"{setup.steps / kept:.0f}",
                f"{setup.steps / shown:.0f}",
                verdict(kept / bare, RECORDING),
                verdict(shown / kept, PAGE),
            )
        )
    table(
        "Training: steps a second, of all networks together",
        ("data", "networks", "bare", "recorded", "on the page", "recorded over bare", "page over recorded"),
        rows,
        "49 moments are recorded in every run, however short, so that a longer run pays less. On the page: under "
        "Streamlit's test runner, which draws the curves again and again while the run goes on.",
    )


def _bare(setup: Setup) -> float:
    """Seconds of the same steps with nothing recorded, data and networks made in them as in the runs."""
    start = time.perf_counter()
    data = draw(setup.data, setup.examples, setup.seed)
    networks = [(network, loop.optimizer(network, setup)) for network in build(setup).values()]
    for x, y in islice(batches(data, setup), setup.steps):
        for network, optimizer in networks:
            loss = loss_of(network(x).answer, y)
            optimizer.zero_grad()
            loss.backward()
            if setup.clip:
                nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            float(loss.detach())
    return time.perf_counter() - start


def _recorded(setup: Setup) -> float:
    start = time.perf_counter()
    train(lambda *_: None, setup, 3600.0)
    return time.perf_counter() - start


def _on_the_page(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> float:
    """Seconds from the start of the same run as a job to its end, while the page draws it every 0.8 s.

    As `_recorded`, all of it: drawing the data and building the networks too. PyTorch is loaded already.
    """
    keys: dict[str, Any] = {"texamples": setup.examples, "tbatch": setup.batch, "tepochs": setup.epochs}
    name = next(name for name, lesson in LESSONS.items() if replace(lesson.setup, epochs=setup.epochs) == setup)
    app = open_app("pages/training.py", timeout=300, lesson=name, **{key: str(value) for key, value in keys.items()})
    own, spent, allowed = jobs.Job.run, SimpleQueue(), replace(work.limits(), training_seconds=3600)

    def timed(job: jobs.Job) -> None:
        start = time.perf_counter()
        own(job)
        spent.put(time.perf_counter() - start)

    monkeypatch.setattr(jobs.Job, "run", timed)
    monkeypatch.setattr(work, "limits", lambda: allowed)
    next(button for button in app.button if button.label == "Start").click().run()
    job: jobs.Job = app.session_state["_job:training"]
    while not job.finished.wait(0.8):
        app.run()
    monkeypatch.undo()
    assert job.result is not None, job.error
    assert job.result.ended == "done"
    return float(spent.get())
