"""One process that runs one model plainly or with capture; prints processor seconds a pass and the peak's growth."""

import ctypes
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

import models
from models.pretrained import run
from models.sequence import SequenceModel

WITH_STATES = "capture, hidden states too"


def main(name: str, kind: str, tokens: int, repeats: int) -> None:
    torch.set_num_threads(1)
    model = models.load(name, device="cpu")
    once, length = (bundled if isinstance(model, SequenceModel) else pretrained)(model, kind, tokens)
    once()
    grown = growth(once)
    seconds = statistics.median(timed(once) for _ in range(repeats))
    print(json.dumps({"seconds": seconds, "bytes": max(grown, 1), "tokens": length}))


def growth(work: Callable[[], Any]) -> int:
    """How far the process's memory rises above its start while `work` runs, in bytes (Linux with glibc)."""
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak
    start = memory("VmRSS")
    work()
    return memory("VmHWM") - start


def memory(name: str) -> int:
    """One line of the kernel's account of this process, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(name))


def timed(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def bundled(model: SequenceModel, kind: str, tokens: int) -> tuple[Callable[[], Any], int]:
    """The network alone, without and with its intermediates."""
    ids = torch.tensor([[40 + at % 500 for at in range(tokens)]])

    @torch.no_grad()
    def once() -> Any:
        return model.run(model.embed(ids), look=kind == "capture")

    return once, ids.shape[1]


def pretrained(model: Any, kind: str, tokens: int) -> tuple[Callable[[], Any], int]:
    """The same tensors through stock SDPA, and through the recording twin without and with its hidden states."""
    prepared = model.prepare("the " * (tokens - 2))
    if kind == "plain":
        model.own.set_attn_implementation("sdpa")  # nobody shares the model of this process

    @torch.no_grad()
    def once() -> Any:
        if kind.startswith("capture"):
            return run.recorded(model.capturing, prepared.tensors, hidden=kind == WITH_STATES)
        if kind == "eager maps":
            return run.eager(model.own, prepared.tensors)
        return model.own(**prepared.tensors)

    return once, prepared.tensors["input_ids"].shape[1]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
