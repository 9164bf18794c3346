"""What a folder of weights holds, read from the safetensors headers: nothing is loaded, nothing is trusted."""

import json
import math
from collections.abc import Iterable
from pathlib import Path

from models.pretrained.limits import Limits

FLOAT = 4
ROOM = 1.3
MEMORY, GROUP = Path("/proc/meminfo"), Path("/sys/fs/cgroup")  # what Linux tells of the machine and the container


def survey(folder: Path) -> int:
    """Number of parameters. ValueError where files are missing, broken, pickles, or pointers to elsewhere."""
    check_files((path.name for path in folder.iterdir()), str(folder.name))
    return sum(_count(path) for path in _shards(folder))


def check_files(names: Iterable[str], place: str) -> None:
    """ValueError unless the names hold a configuration and safetensors weights."""
    files = set(names)
    if "config.json" not in files:
        raise ValueError(f"{place} holds no config.json, so it is not a model in the Hugging Face layout")
    if any(name.endswith(".safetensors") for name in files):
        return
    pickles = sorted(name for name in files if name.endswith((".bin", ".pt", ".pth", ".ckpt")))
    if pickles:
        raise ValueError(
            f"{place} has its weights only as a pickle ({pickles[0]}), which can run code when opened; "
            "safetensors is the one format that is loaded"
        )
    raise ValueError(f"{place} holds a configuration but no weights (*.safetensors)")


def _shards(folder: Path) -> list[Path]:
    """The files that make up the model; all those that the index names must be there."""
    index = folder / "model.safetensors.index.json"
    single = folder / "model.safetensors"
    if single.is_file():
        return [single]
    if not index.is_file():
        return sorted(folder.glob("*.safetensors"))
    names = _indexed(index)
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise ValueError(f"{len(missing)} of {len(names)} weight files are missing, first {missing[0]}; fetch it again")
    return [folder / name for name in names]


def _indexed(index: Path) -> list[str]:
    """The files that an index names, each beside it."""
    try:
        named = json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()
        if named and all(isinstance(name, str) and name == Path(name).name for name in named):
            return sorted(set(named))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        pass
    raise ValueError(f"{index.name} does not say which file holds which weight (weight_map); fetch it again")


def _count(path: Path) -> int:
    from safetensors import SafetensorError, safe_open

    with path.open("rb") as file:
        if file.read(7) == b"version":
            raise ValueError(f"{path.name} is a pointer of Git LFS, not weights; run `git lfs pull` in that folder")
    try:
        with safe_open(path, framework="numpy") as stored:
            names = stored.keys()
            return sum(math.prod(stored.get_slice(name).get_shape()) for name in names)
    except (SafetensorError, OSError) as fault:
        raise ValueError(f"{path.name} is incomplete or damaged ({fault}); fetch it again") from fault


def check_size(parameters: int, limits: Limits, free: int | None) -> None:
    """ValueError where the profile or the memory is too small. Weights are held in float32, 4 bytes each."""
    if limits.parameters is not None and parameters > limits.parameters:
        raise ValueError(f"the model has {parameters:,} parameters, this page takes at most {limits.parameters:,}")
    needed = int(parameters * FLOAT * ROOM)
    if free is not None and needed > free:
        raise ValueError(
            f"the model needs about {needed / 1e9:.1f} GB of memory ({parameters:,} parameters in float32), "
            f"{free / 1e9:.1f} GB are free"
        )


def free_memory() -> int | None:
    """Bytes that can be taken without swapping, within the container's bound; None where the system does not say."""
    return min((free for free, _ in _accounts()), default=None)


def free_share() -> float:
    """The same as a share of the machine's memory, or of the container's where less is left there; 1 where unknown."""
    return min((free / total for free, total in _accounts()), default=1.0)


def _accounts() -> list[tuple[int, int]]:
    """(bytes free, bytes in all) of the machine and of the container, as far as they are told."""
    return [account for account in (_machine(), _container()) if account]


def _machine() -> tuple[int, int] | None:
    if not MEMORY.is_file():
        return None
    lines = (line.split() for line in MEMORY.read_text(encoding="ascii").splitlines())
    told = {words[0]: int(words[1]) * 1024 for words in lines if len(words) > 1}
    return (told["MemAvailable:"], told["MemTotal:"]) if {"MemAvailable:", "MemTotal:"} <= set(told) else None


def _container() -> tuple[int, int] | None:
    """What the control group leaves: its bound, less what is used, plus cached files that give way."""
    if not (GROUP / "memory.max").is_file() or not (GROUP / "memory.stat").is_file():
        return None
    most = (GROUP / "memory.max").read_text(encoding="ascii").strip()
    if most == "max":
        return None
    stat = dict(line.split() for line in (GROUP / "memory.stat").read_text(encoding="ascii").splitlines())
    used = int((GROUP / "memory.current").read_text(encoding="ascii")) - int(stat.get("inactive_file", 0))
    return max(0, int(most) - used), int(most)
