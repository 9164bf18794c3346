"""EfficientNet-Lite0 by our own code: published size, known pictures, padding, and the lenses in colour."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import sklearn
import torch
from PIL import Image

from models.lens import gradcam, picture_maps, saliency
from models.photo_card import class_names, photo_card
from models.photographs import PhotoModel, photo_model, square
from models.zoo.efficientnet import Same

KNOWN = Path(sklearn.__file__).parent / "datasets/images"


@cache
def model() -> PhotoModel:
    return photo_model("cpu")


def known(name: str) -> np.ndarray:
    return square(Image.open(KNOWN / name))


def test_the_published_number_of_parameters():
    """4.65 M (TensorFlow's table of EfficientNet-Lite), and 407 M multiply-adds at 224 pixels."""
    network = model().network
    assert sum(p.numel() for p in network.parameters()) == photo_card().parameters == pytest.approx(4.65e6, rel=1e-3)
    total = 0
    handles = []

    def count(module: torch.nn.Module, given: tuple, found: torch.Tensor) -> None:
        nonlocal total
        total += module.weight[0].numel() * found[0].numel()

    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear):
            handles.append(module.register_forward_hook(count))
    with torch.no_grad():
        network(torch.zeros(1, 3, 224, 224))
    for handle in handles:
        handle.remove()
    assert total == pytest.approx(407e6, rel=0.06)


@pytest.mark.parametrize(
    ("file", "first", "among"),
    [("flower.jpg", "daisy", {"daisy", "bee"}), ("china.jpg", "palace", {"palace", "bell tower", "monastery"})],
)
def test_known_pictures_get_their_classes(file: str, first: str, among: set[str]):
    probability = model().probabilities(known(file)[None])[0]
    best = [class_names()[at] for at in np.argsort(-probability)[:3]]
    assert best[0] == first
    assert len(among & set(best)) >= 2


@pytest.mark.parametrize(("size", "kernel", "stride"), [(224, 3, 2), (112, 5, 2), (7, 3, 1), (29, 5, 2)])
def test_same_padding_puts_the_odd_pixel_at_the_end(size: int, kernel: int, stride: int):
    """TensorFlow's rule; a single tap then reads where the rule says."""
    layer = Same(1, 1, kernel, stride, bias=False)
    with torch.no_grad():
        layer.weight.zero_()
        layer.weight[0, 0, 0, 0] = 1.0  # the first tap: out[0] reads -before, out[i] reads i * stride - before
        line = torch.arange(1.0, size + 1).view(1, 1, size, 1).expand(1, 1, size, size)
        found = layer(line)[0, 0, :, -1]
    whole = max(0, (-(-size // stride) - 1) * stride + kernel - size)
    places = np.arange(-(-size // stride)) * stride - whole // 2
    wanted = np.where((places >= 0) & (places < size), places + 1, 0)
    inside = ((len(found) - 1) * stride - whole // 2) < size
    assert len(found) == -(-size // stride) and inside
    assert found.numpy().tolist() == wanted.tolist()


def test_the_lenses_take_colour():
    pixels = known("flower.jpg")
    target = class_names().index("daisy")
    slope = saliency.gradient(model(), pixels, target)
    assert slope.shape == (224, 224) and (slope >= 0).all() and slope.max() > 0
    cam = gradcam.gradcam(model(), pixels, target)
    assert cam.layer == "convolution top" and cam.coarse.shape == (7, 7) and cam.fine.shape == (224, 224)
    found = saliency.occlusion(model(), pixels, target, square=112, stride=112)
    assert found.drop.shape == (224, 224)
    curves = picture_maps.deletion(model(), pixels, target, {"Grad-CAM": cam.fine}, steps=2, draws=1)
    black = model().probabilities(np.stack([pixels, np.zeros_like(pixels)]))[:, target]
    assert curves.probability["Grad-CAM"][[0, -1]] == pytest.approx(black, rel=1e-3)


def test_bad_pixels_are_refused():
    with pytest.raises(ValueError, match=r"pixels are \[3, 224, 224\]"):
        model().trace(np.zeros((28, 28), np.float32))
