"""The measured field of a unit of a picture network, on the pixels of real pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from models.lens.receptive_field_measure import EffectiveField, field_of_plane

if TYPE_CHECKING:
    from torch import Tensor

    from models.zoo.pictures import PictureRun

PROBES = 4
SEED = 0


class Pictured(Protocol):
    """What the field of a picture model needs: `run` gives every layer's activations by name (models.zoo.pictures)."""

    device: str

    def run(self, pictures: Tensor) -> PictureRun: ...


def of_pictures(
    model: Pictured, pictures: NDArray[np.floating], unit: tuple[int, int], layer: str | None, probes: int = PROBES
) -> EffectiveField:
    """See `receptive_field.effective`."""
    import torch

    if pictures.ndim != 4:
        raise ValueError(f"pictures must be [N, C, H, W], got {pictures.shape}")
    pixels = torch.tensor(pictures, dtype=torch.float32, device=model.device, requires_grad=True)
    layers = model.run(pixels).layers
    name = list(layers)[-1] if layer is None else layer
    if name not in layers:
        raise ValueError(f"layer must be one of {', '.join(layers)}, got {name!r}")
    maps = grid(layers[name])
    if not (0 <= unit[0] < maps.shape[-2] and 0 <= unit[1] < maps.shape[-1]):
        raise ValueError(f"the unit must lie within {maps.shape[-2]} x {maps.shape[-1]}, got {unit[0]}, {unit[1]}")
    energy = _energy(maps[:, :, unit[0], unit[1]], pixels, probes)
    return field_of_plane(energy, (_middle(unit[0], maps, pixels, -2), _middle(unit[1], maps, pixels, -1)))


def _energy(state: Tensor, pixels: Tensor, probes: int) -> NDArray[np.float64]:
    """Sum over pictures, colours and random directions, others for each picture, of the squared slopes, [H, W]."""
    import torch

    draw = torch.Generator().manual_seed(SEED)
    energy = torch.zeros(pixels.shape[-2:], dtype=torch.float64)
    for probe in range(probes):
        directions = torch.randn(state.shape, generator=draw).to(state)
        (slope,) = torch.autograd.grad((state * directions).sum(), pixels, retain_graph=probe < probes - 1)
        energy += slope.double().square().sum(dim=(0, 1)).cpu()
    return energy.numpy()


def _middle(unit: int, maps: Tensor, pixels: Tensor, axis: int) -> float:
    """The pixel in the middle of what one of `maps`' units stands for."""
    return (unit + 0.5) * pixels.shape[axis] / maps.shape[axis] - 0.5


def grid(activations: Tensor) -> Tensor:
    """Activations as a grid [B, C, h, w]: tokens [B, 1 + h h, C] lose the class token and are laid out as patches."""
    if activations.ndim == 4:
        return activations
    side = round((activations.shape[1] - 1) ** 0.5) if activations.ndim == 3 else 0
    if side < 1 or side * side != activations.shape[1] - 1:
        raise ValueError(f"this layer has no places: its activations are {list(activations.shape)}")
    return activations[:, 1:].transpose(1, 2).unflatten(2, (side, side))
