"""Two answers to "which pixels matter": an infinitesimal change of each (gradient), and a covered square (occlusion).

They measure different things and often disagree: the gradient is local and noisy, the square is large and leaves an
unusual picture behind. Simonyan et al. 2014 (gradient), Zeiler and Fergus 2014 (occlusion).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.pictures import PictureModel, Pixels

SQUARE, STRIDE = 8, 2
BATCH = 64  # pictures of 28 x 28 pixels between two words to `tell`; of larger ones fewer
SMALL = 56 * 56  # numbers in a small picture
Tell = Callable[[float], object]


def check_class(model: PictureModel, target: int) -> None:
    """ValueError where `target` is none of the model's classes."""
    if not 0 <= target < len(model.labels):
        raise ValueError(f"target must lie in 0..{len(model.labels) - 1}, got {target}")


def gradient(model: PictureModel, pixels: Pixels, target: int) -> NDArray[np.float32]:
    """|d logit_target / d pixel|, [h, w], in logits per unit of brightness (0 black, 1 white).

    In colour it is the Euclidean norm over red, green and blue.

    A large value says that a tiny change would move the score, not that the pixel made the decision: where units
    saturate it is near zero for pixels that decide everything.
    """
    import torch

    check_class(model, target)
    picture = model.tensor(pixels).requires_grad_()
    (slope,) = torch.autograd.grad(model.run(picture).logits[0, target], picture)
    return np.asarray(slope[0].norm(dim=0).float().cpu().numpy())


@dataclass(frozen=True)
class Occlusion:
    """drop [28, 28]: probability lost, averaged over the squares that covered each pixel (negative: gained);
    before: probability of the class for the whole picture; square, stride: pixels; fill: what covered it."""

    drop: NDArray[np.float64]
    before: float
    square: int
    stride: int
    fill: float


def occlusion(
    model: PictureModel,
    pixels: Pixels,
    target: int,
    square: int = SQUARE,
    stride: int = STRIDE,
    fill: float = 0.0,
    tell: Tell | None = None,
) -> Occlusion:
    """p(class | picture) - p(class | picture with a square of `fill`), averaged over all squares over each pixel.

    Squares lie wholly inside. Black and grey squares barely agree, so the fill belongs to the result; a covered
    picture is unlike anything in training, so a drop may also mean "strange", not "this part was the evidence".
    tell: is called with the share that is done, and may raise to end the work.
    """
    check_class(model, target)
    covered, windows = squares(pixels, square, stride, fill)
    found = chances(model, np.concatenate([pixels[None], covered]), target, tell)
    total, count = np.zeros(pixels.shape[-2:]), np.zeros(pixels.shape[-2:])
    for (top, left), value in zip(windows, found[0] - found[1:], strict=True):
        total[top : top + square, left : left + square] += value
        count[top : top + square, left : left + square] += 1
    return Occlusion(total / count, float(found[0]), square, stride, fill)


def chances(model: PictureModel, pictures: Pixels, target: int, tell: Tell | None = None) -> NDArray[np.float64]:
    """Probability [n] of one class for each picture, some at a time."""
    step = BATCH if pictures[0].size <= SMALL else BATCH // 8
    parts = []
    for start in range(0, len(pictures), step):
        if tell is not None:
            tell(start / len(pictures))
        parts.append(model.probabilities(pictures[start : start + step])[:, target])
    return np.concatenate(parts)


def window(pixels: Pixels) -> tuple[int, int]:
    """Square and stride of occlusion for a picture of this size: 8 and 2 pixels up to 56; beyond, the same share of the
    side, but a stride of half a square: 64 and 32 at 224, 36 squares in place of 121."""
    side = pixels.shape[-1]
    return (SQUARE, STRIDE) if side <= 56 else (side * SQUARE // 28, side * SQUARE // 56)


def squares(pixels: Pixels, square: int, stride: int, fill: float) -> tuple[Pixels, list[tuple[int, int]]]:
    """The picture with one square covered, for every place of it, and the places (top, left)."""
    side = pixels.shape[-1]
    if not 1 <= square <= side or stride < 1:
        raise ValueError(f"square must lie in 1..{side} and stride be at least 1, got {square} and {stride}")
    if not 0 <= fill <= 1:
        raise ValueError(f"fill must lie in 0..1, got {fill:g}")
    starts = sorted({*range(0, side - square + 1, stride), side - square})
    windows = [(top, left) for top in starts for left in starts]
    covered = np.repeat(pixels[None], len(windows), axis=0)
    for picture, (top, left) in zip(covered, windows, strict=True):
        picture[..., top : top + square, left : left + square] = fill
    return covered, windows
