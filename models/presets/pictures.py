"""Test pictures of each class, stored beside the example texts; none was in training. Readable without torch."""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).parent / "pictures.npz"


@cache
def pictures(task: str) -> NDArray[np.uint8]:
    """Pictures [10, 3, 28, 28] of "fashion" or "digits": three of each class, 0 is the background."""
    with np.load(FILE, allow_pickle=False) as stored:
        if task not in stored.files:
            raise ValueError(f"task must be one of {', '.join(stored.files)}, got {task!r}")
        found: NDArray[np.uint8] = stored[task]
    found.flags.writeable = False
    return found
