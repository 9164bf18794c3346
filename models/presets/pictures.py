"""Test pictures of each class, stored beside the example texts; none was in training. Readable without torch."""

import io
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).parent / "pictures.npz"
PHOTOGRAPHS = {  # name -> file, where it comes from
    "boats": (
        "photo-boats.jpg",
        "Felice Beato, Boats in River, Nagasaki, about 1865. Courtesy of the Getty's Open Content Program.",
    ),
    "a cat, 1887": (
        "photo-cat.jpg",
        "Eadweard Muybridge, Animal Locomotion, 1887. Courtesy of the Getty's Open Content Program.",
    ),
}


@cache
def pictures(task: str) -> NDArray[np.uint8]:
    """Pictures [10, 3, 28, 28] of "fashion" or "digits": three of each class, 0 is the background."""
    with np.load(FILE, allow_pickle=False) as stored:
        if task not in stored.files:
            raise ValueError(f"task must be one of {', '.join(stored.files)}, got {task!r}")
        found: NDArray[np.uint8] = stored[task]
    found.flags.writeable = False
    return found


def photograph(name: str) -> bytes:
    """A stored photograph as JPEG."""
    if name not in PHOTOGRAPHS:
        raise ValueError(f"photograph must be one of {', '.join(PHOTOGRAPHS)}, got {name!r}")
    return (FILE.parent / PHOTOGRAPHS[name][0]).read_bytes()


def photograph_square(name: str, side: int) -> NDArray[np.uint8]:
    """The middle square of a stored photograph, resized, as uint8 [side, side, 3]."""
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(photograph(name))) as picture:
        return np.asarray(ImageOps.fit(picture.convert("RGB"), (side, side), Image.Resampling.BICUBIC))
