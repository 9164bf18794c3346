"""EfficientNet-Lite0 for photographs: 1,000 classes of ImageNet, weights and class names from installed packages."""

import hashlib
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.cards import ModelCard
from models.photo_card import SHA256, photo_card, weights_file
from models.pictures import PictureModel
from models.zoo.efficientnet import SIDE, EfficientNetLite0, renamed

MEAN, DEVIATION = (127 / 255,) * 3, (128 / 255,) * 3  # the published weights' own: (value - 127) / 128


class PhotoModel(PictureModel):
    """As a PictureModel, for colour pixels [3, 224, 224]."""

    def tensor(self, pixels: NDArray[np.float32]) -> Tensor:
        """Pixels [3, 224, 224] or [n, 3, 224, 224] in [0, 1] on the model's device."""
        values = np.ascontiguousarray(pixels, dtype=np.float32)
        stack = values[None] if values.ndim == 3 else values
        if stack.ndim != 4 or stack.shape[1:] != (3, SIDE, SIDE):
            raise ValueError(f"pixels are [3, {SIDE}, {SIDE}] or [n, 3, {SIDE}, {SIDE}], got {list(values.shape)}")
        if not np.isfinite(stack).all() or stack.min() < 0 or stack.max() > 1:
            raise ValueError(f"pixels must lie in 0..1, got {stack.min():g} to {stack.max():g}")
        return torch.from_numpy(stack).to(self.device)

    @torch.no_grad()
    def probabilities(self, pixels: NDArray[np.float32]) -> NDArray[np.float64]:
        """[n, classes], sixteen pictures at a time."""
        parts = [self.run(part).logits.double().softmax(dim=1) for part in self.tensor(pixels).split(16)]
        return torch.cat(parts).cpu().numpy()

    @property
    def blank(self) -> NDArray[np.float32]:
        return np.zeros((3, SIDE, SIDE), np.float32)


def photo_model(device: str, facts: ModelCard | None = None) -> PhotoModel:
    """The network with the packaged weights, checked by sha256 and read without running any code of the file."""
    content = weights_file().read_bytes()
    if (found := hashlib.sha256(content).hexdigest()) != SHA256:
        raise ValueError(f"EfficientNet's weights are not the published ones: sha256 {SHA256} wanted, got {found}")
    network: Any = EfficientNetLite0(MEAN, DEVIATION)
    network.load_state_dict(renamed(torch.load(weights_file(), map_location="cpu", weights_only=True)))
    return PhotoModel(facts or photo_card(), network, device)


def square(picture: Any) -> NDArray[np.float32]:
    """The middle square of a PIL picture as [3, 224, 224] in [0, 1]."""
    from PIL import Image

    width, height = picture.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    cut = picture.convert("RGB").crop((left, top, left + side, top + side))
    small = cut.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return np.ascontiguousarray(np.asarray(small, dtype=np.float32).transpose(2, 0, 1) / np.float32(255))
