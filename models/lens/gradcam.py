"""Grad-CAM: which places of a convolutional layer speak for a class (Selvaraju et al. 2017).

a_k = mean over places of d logit / d A_k;  map = ReLU(sum_k a_k A_k), on the layer's grid, then enlarged bilinearly.
Behind global average pooling and one linear layer, a_k = W_ck / places, and the map is CAM (Zhou et al. 2016).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.lens.saliency import check_class
from models.pictures import PictureModel, Pixels


@dataclass(frozen=True)
class GradCam:
    """coarse [h, w] on the layer's grid, in logits; fine [28, 28]: the same, enlarged bilinearly; layer: its name.

    The map says where the layer's active channels lie that raise the class, no finer than the grid. It is weak
    evidence of what the network relies on: set it beside the ink and the middle of the picture.
    """

    coarse: NDArray[np.float32]
    fine: NDArray[np.float32]
    layer: str


def layers(model: PictureModel) -> tuple[str, ...]:
    """The layers that Grad-CAM can be taken at: grids of convolutions, lowest first; empty for a model without."""
    return tuple(name for name in model.grids if name.startswith("convolution"))


def gradcam(model: PictureModel, pixels: Pixels, target: int, layer: str | None = None) -> GradCam:
    """Grad-CAM at one layer, the last convolution by default; ValueError for a model without convolutions."""
    import torch

    check_class(model, target)
    known = layers(model)
    if not known:
        raise ValueError(f"{model.card.title} has no convolution, and Grad-CAM needs one")
    layer = known[-1] if layer is None else layer
    if layer not in known:
        raise ValueError(f"layer must be one of {', '.join(known)}, got {layer!r}")
    run = model.run(model.tensor(pixels).requires_grad_())
    grid = run.layers[layer]
    (slope,) = torch.autograd.grad(run.logits[0, target], grid)
    weights = slope.mean(dim=(2, 3), keepdim=True)
    coarse = (weights * grid).sum(dim=1, keepdim=True).relu().detach()
    fine = torch.nn.functional.interpolate(coarse, size=pixels.shape[-2:], mode="bilinear", align_corners=False)
    return GradCam(_array(coarse), _array(fine), layer)


def _array(value: Any) -> NDArray[np.float32]:
    return np.asarray(value[0, 0].float().cpu().numpy())
