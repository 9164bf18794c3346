"""Tiny random image classifiers saved as folders in the Hugging Face layout."""

from functools import partial
from pathlib import Path
from typing import Any

import torch
import transformers as hf

LABELS = ("cat, tabby", "dog", "boat")
NAMED = {"id2label": dict(enumerate(LABELS)), "label2id": {name: at for at, name in enumerate(LABELS)}}
SIZES = {"hidden_size": 20, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 29}
STAGES = {"embedding_size": 7, "hidden_sizes": [11, 13, 17, 19], "depths": [1, 2, 1, 1], "layer_type": "basic"}
SIDES = {"vit": 224, "deit": 42, "resnet": 224}


def vit(**more: Any) -> Any:
    """49 patches of 32 x 32 pixels."""
    return hf.ViTForImageClassification(hf.ViTConfig(**SIZES, **NAMED, image_size=224, patch_size=32, **more))


def deit(**more: Any) -> Any:
    """A class and a distillation token before 9 patches of 14 x 14; the answer is the mean of two heads."""
    config = hf.DeiTConfig(**SIZES, **NAMED, image_size=42, patch_size=14, **more)
    return hf.DeiTForImageClassificationWithTeacher(config)


def resnet(**more: Any) -> Any:
    """Batch norms get running means and deviations of their own, as training leaves them."""
    network = hf.ResNetForImageClassification(hf.ResNetConfig(**STAGES, **NAMED, **more))
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(std=0.3)
            module.running_var.uniform_(0.5, 2)
    return network


IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
NETWORKS = {"vit": vit, "deit": deit, "resnet": resnet}
PROCESSORS = {
    "vit": partial(hf.ViTImageProcessor, size={"height": 224, "width": 224}),
    "deit": partial(
        hf.DeiTImageProcessor,
        size={"height": 42, "width": 42},
        crop_size={"height": 42, "width": 42},
        **IMAGENET,
    ),
    "resnet": partial(hf.ConvNextImageProcessor, size={"shortest_edge": 224}, **IMAGENET),
}
LOUD = ("query", "key", "q_proj", "k_proj", "classifier.weight", "classifier.1.weight", "cls_classifier.weight")


def network(kind: str, **more: Any) -> Any:
    """A seeded network; attention and answers are drawn wide enough to matter."""
    torch.manual_seed(8)
    found = NETWORKS[kind](**more)
    for name, parameter in found.named_parameters():
        if any(word in name for word in LOUD):
            torch.nn.init.normal_(parameter, std=0.5)
    return found.eval()


def folder(place: Path, kind: str, **more: Any) -> Path:
    network(kind, **more).save_pretrained(place)
    PROCESSORS[kind]().save_pretrained(place)
    return place
