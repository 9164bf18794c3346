"""Any picture as 28 x 28 grey pixels, brought into the form of the training pictures; every step is said in words.

Fashion-MNIST: trimmed, longest side to 28 pixels, centred, light on black (Xiao et al. 2017, section 2).
MNIST: the digit fits into 20 x 20 pixels and its centre of mass lies in the middle (LeCun et al. 1998).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIDE = 28
BOX = {"fashion": 28, "digits": 20}
PLAIN = 0.06  # deviation of the border below which it counts as an even ground
BRIGHT = 0.5
TRACE = 0.1  # what is brighter, over an even ground, belongs to the object


@dataclass(frozen=True)
class Fitted:
    """pixels float32 [28, 28] in [0, 1], 0 the background; steps: what was done, in words."""

    pixels: NDArray[np.float32]
    steps: tuple[str, ...]


def fitted(picture: Any, task: str, drawn: bool = False) -> Fitted:
    """A PIL picture, or uint8 [h, w, 3] or [h, w], as the networks of a task read it.

    A dark picture of 28 x 28 pixels counts as one that has the form already. drawn: light strokes on a pad that is
    black wherever nothing was drawn; whatever its size, it is brought into the form.
    """
    from PIL import Image

    if task not in BOX:
        raise ValueError(f"task must be one of {', '.join(BOX)}, got {task!r}")
    image = Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture
    grey = np.asarray(image.convert("L"), dtype=np.float32) / np.float32(255)
    steps = [] if image.mode == "L" else ["made grey"]
    if drawn:
        grey = _cut(grey)
        steps.append("cut to its strokes")
    elif grey.shape == (SIDE, SIDE) and not _bright(grey):
        return Fitted(grey, ())
    else:
        grey = _trimmed(_dark(grey, steps), steps)
    if not grey.size:
        return Fitted(np.zeros((SIDE, SIDE), np.float32), (*steps, "found empty"))
    return Fitted(_placed(grey, task, steps), tuple(steps))


def _border(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def _bright(grey: NDArray[np.float32]) -> bool:
    return float(np.median(_border(grey))) > BRIGHT


def _dark(grey: NDArray[np.float32], steps: list[str]) -> NDArray[np.float32]:
    """Inverted where the border is bright."""
    if not _bright(grey):
        return grey
    steps.append("inverted, because its border is bright")
    return np.float32(1) - grey


def _trimmed(grey: NDArray[np.float32], steps: list[str]) -> NDArray[np.float32]:
    """Without the even ground around it, which becomes 0; unchanged where the border is not even."""
    border = _border(grey)
    if border.std() > PLAIN or min(grey.shape) < 3:
        return grey
    lifted = np.clip((grey - np.median(border)) / max(1e-6, 1 - float(np.median(border))), 0, 1)
    found = _cut(lifted.astype(np.float32))
    if found.size:
        steps.append("trimmed to what stands out from its even border")
    return found


def _cut(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """The smallest box round what is brighter than the ground, which is 0; nothing where that is nowhere."""
    rows, columns = (np.flatnonzero((grey > TRACE).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return grey[:0]
    return grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _placed(grey: NDArray[np.float32], task: str, steps: list[str]) -> NDArray[np.float32]:
    """Longest side to the task's box, put into the middle: of the frame for clothes, by mass for digits."""
    from PIL import Image

    ratio = BOX[task] / max(grey.shape)
    height, width = (max(1, round(side * ratio)) for side in grey.shape)
    small = np.asarray(Image.fromarray(grey).resize((width, height), Image.Resampling.BOX if ratio < 1 else 2))
    steps.append(f"scaled from {grey.shape[1]} × {grey.shape[0]} to {width} × {height} pixels")
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    if task == "digits" and small.sum() > 0:
        rows, columns = np.indices(small.shape)
        top, left = (
            int(np.clip(round((SIDE - 1) / 2 - float((small * place).sum() / small.sum())), 0, SIDE - size))
            for place, size in ((rows, height), (columns, width))
        )
        steps.append("centred by its mass")
    found = np.zeros((SIDE, SIDE), np.float32)
    found[top : top + height, left : left + width] = np.clip(small, 0, 1)
    return found
