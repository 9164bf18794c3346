"""Grad-CAM against pytorch-grad-cam, another implementation, with hooks and a backward pass of its own.

The package is installed without its dependencies: OpenCV (here PIL enlarges), torchvision, ttach and matplotlib, none
of which its Grad-CAM computes with, are stood in for while it is imported.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
from PIL import Image
from torch import Tensor, nn

from models import pretrained
from models.lens import gradcam
from models.photographs import photo_model
from models.pictures_hub import HubPictures
from tests.models import picture_folders as made
from tests.models.tiny_pictures import tiny

ABSENT = (
    "cv2",
    "matplotlib",
    "matplotlib.pyplot",
    "matplotlib.lines",
    "torchvision",
    "torchvision.transforms",
    "torchvision.transforms.functional",
    "ttach",
)
SMALL = np.random.default_rng(0).random((28, 28)).astype(np.float32)
LARGE = np.random.default_rng(1).random((3, 224, 224)).astype(np.float32)
RELATIVE = 1e-5  # largest difference, as a share of the map's greatest value


def enlarged(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BILINEAR))


@pytest.fixture(scope="module")
def peer() -> Iterator[ModuleType]:
    """pytorch_grad_cam; the stand-ins are gone once it is imported, and it is itself after the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ABSENT:
            patch.setitem(sys.modules, name, MagicMock(resize=enlarged) if name == "cv2" else MagicMock())
        import pytorch_grad_cam
    yield pytorch_grad_cam
    for name in [name for name in sys.modules if name.split(".")[0] == "pytorch_grad_cam"]:
        del sys.modules[name]


class Scores(nn.Module):
    """pixels -> logits, as the package wants a model."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model, self.network = model, model.network

    def forward(self, pictures: Tensor) -> Tensor:
        logits: Tensor = self.model.run(pictures).logits
        return logits


def both(peer: ModuleType, model: Any, pixels: np.ndarray, target: int, layer: str, module: nn.Module) -> None:
    """The map on the layer's grid in logits, and the enlarged one scaled to 0..1."""
    own = gradcam.gradcam(model, pixels, target, layer)
    other = peer.GradCAM(Scores(model), [module])
    picture = model.tensor(pixels).requires_grad_()
    wanted = peer.utils.model_targets.ClassifierOutputTarget(target)
    finished = other(picture, [wanted])[0]
    seen = other.activations_and_grads
    activations, slopes = seen.activations[0].numpy(), seen.gradients[0].numpy()
    coarse = np.maximum(other.get_cam_image(picture, module, [wanted], activations, slopes)[0], 0)
    seen.release()
    assert coarse.max() > 0 and np.ptp(coarse) > 0
    assert np.abs(own.coarse - coarse).max() <= RELATIVE * coarse.max()
    scaled = (own.fine - own.fine.min()) / np.ptp(own.fine)
    assert np.abs(scaled - finished).max() <= 10 * RELATIVE


@pytest.mark.parametrize("layer", ["convolution 1", "convolution 3", "convolution 5"])
def test_the_cnn(peer: ModuleType, layer: str) -> None:
    model = tiny("cnn")
    both(peer, model, SMALL, 3, layer, model.network.steps[layer])


@pytest.mark.parametrize("number", [1, 3])
def test_the_stem_of_the_hybrid(peer: ModuleType, number: int) -> None:
    model = tiny("hybrid")
    both(peer, model, SMALL, 6, f"convolution {number}", model.network.stem[number - 1])


def test_efficientnet_on_a_photograph(peer: ModuleType) -> None:
    model = photo_model("cpu")
    both(peer, model, LARGE, 282, "convolution top", model.network.top)
    both(peer, model, LARGE, 282, "convolution stage 5", model.network.stages[4])


def test_a_resnet_of_transformers(peer: ModuleType, tmp_path: Path) -> None:
    model = HubPictures(pretrained.load(str(made.folder(tmp_path / "net", "resnet")), "cpu"))
    for stage in (2, 4):
        module = model.network.resnet.encoder.stages[stage - 1]
        both(peer, model, LARGE, 1, f"convolution stage {stage}", module)
