"""Where models run: the reader's choice, what it stands for here, how it is named on screen. Never imports torch."""

import os
import shutil
import sys
from typing import Any

DEVICES = ("auto", "cpu", "cuda")


def resolve(device: str) -> str:
    """`auto` as the device it stands for, so that both share one loaded model."""
    if device not in DEVICES:
        raise ValueError(f"The device must be one of {', '.join(DEVICES)}; got {device!r}.")
    return ("cuda" if cuda_found() else "cpu") if device == "auto" else device


def choices() -> tuple[str, ...]:
    """The devices that a reader can choose here."""
    return DEVICES if cuda_found() else DEVICES[:2]


def cuda_found() -> bool:
    """Whether a GPU can be used: torch's word once it is imported, before that whether the driver is installed."""
    cuda = _cuda()
    return bool(cuda.is_available()) if cuda else shutil.which("nvidia-smi") is not None


def title(device: str) -> str:
    """The device as the reader sees it: the GPU's name, or the CPU with its threads."""
    if resolve(device) == "cuda":
        cuda = _cuda()
        return f"GPU, {cuda.get_device_name()}" if cuda and cuda.is_available() else "GPU"
    return f"CPU, {threads()} thread{'s' if threads() > 1 else ''}"


def threads() -> int:
    """Threads for one forward pass: OMP_NUM_THREADS where it is set, else the cores of this process, at most 4."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 4)


def _cuda() -> Any:
    """torch.cuda when torch is fully imported, else None; looking never imports it."""
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    return cuda if hasattr(cuda, "is_available") else None
