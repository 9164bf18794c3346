"""Image classifiers from elsewhere (ViT, DeiT, ResNet in the Hugging Face layout) as the lenses of pictures see them.

Every network of the page gets the same 224 x 224 pixels in [0, 1]: scaling, normalising and, where a network reads
another size, resizing are part of the forward pass, so that every gradient and map lies on the pixels on screen.
"""

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from models.cards import ModelCard
from models.photo_card import TASK, class_names
from models.photographs import PhotoModel
from models.pictures import Pixels
from models.pretrained.inputs import Prepared, patches
from models.pretrained.model import PretrainedModel
from models.pretrained.weights import check_size, free_memory
from models.trace import Axis, Trace
from models.zoo.efficientnet import SIDE
from models.zoo.pictures import PictureRun
from models.zoo.seeded import Seeded

FAMILIES = {"vit": "vit", "deit": "vit", "resnet": "cnn"}  # transformers' model_type -> our architecture
SAME = 0.6  # share of classes that must carry ImageNet's names, in its order, to be called by them


class HubPictures(PhotoModel):
    """A view on a loaded `PretrainedModel`, which is shared and not changed; cheap to make."""

    def __init__(self, pretrained: PretrainedModel, title: str = "") -> None:
        self.card = hub_card(pretrained, title)
        self.pretrained, self.network, self.device = pretrained, pretrained.own, pretrained.device
        self.size = _size(self.network.config)

    def normalised(self, pictures: Tensor) -> Tensor:
        """[n, 3, h, w] as the network's own processor scales them; bilinear with antialiasing to another size."""
        processor = self.pretrained.processors.picture
        if tuple(pictures.shape[-2:]) != self.size:
            pictures = nn.functional.interpolate(pictures, self.size, mode="bilinear", antialias=True)
        scaled = pictures * (255 * (processor.rescale_factor if processor.do_rescale else 1.0))
        if not processor.do_normalize:
            return scaled
        mean, deviation = (
            torch.tensor(values, dtype=pictures.dtype, device=pictures.device).view(-1, 1, 1)
            for values in (processor.image_mean, processor.image_std)
        )
        return (scaled - mean) / deviation

    def run(self, pictures: Tensor, look: bool = False) -> PictureRun:
        """Forward pass over [n, 3, 224, 224]; the stages of a ResNet are its layers."""
        outputs = self.network(pixel_values=self.normalised(pictures), output_hidden_states=bool(self.grids))
        layers = zip(self.grids, outputs.hidden_states, strict=True) if self.grids else ()
        return PictureRun(dict(layers), outputs.logits)

    @torch.no_grad()
    def trace(self, pixels: Pixels) -> Trace:
        """Attention recorded by the pretrained model, exact; None for a ResNet."""
        values = self.normalised(self.tensor(pixels))
        axes = {} if self.axis is None else {"encoder": self.axis}
        found = self.pretrained.trace_tensors(Prepared({"pixel_values": values}, axes))
        chances = self.probabilities(pixels[None])[0].tolist()
        return replace(found, output=dict(zip(self.labels, chances, strict=True)), read_at=0)

    @property
    def axis(self) -> Axis | None:
        if self.card.family != "vit":
            return None
        return patches(self.network.config, torch.empty(1, 3, *self.size))

    @property
    def grids(self) -> tuple[str, ...]:  # type: ignore[override]
        """The stem and the stages of a ResNet; nothing for a transformer."""
        if self.card.family != "cnn":
            return ()
        return ("convolution stem", *(f"convolution stage {at + 1}" for at in range(len(self.network.config.depths))))


def untrained(model: HubPictures) -> HubPictures | None:
    """The same network at a seeded random start; None where memory has no room for a second one."""
    own = model.pretrained
    try:
        check_size(own.card.parameters, own.limits, free_memory())
    except ValueError:
        return None
    with Seeded(0):
        network: Any = type(own.own)(copy.deepcopy(own.own.config))
    network = network.to(model.device).eval().requires_grad_(False)
    return HubPictures(PretrainedModel(network, own.card, own.processors, own.limits), model.card.title)


def hub_card(pretrained: PretrainedModel, title: str = "") -> ModelCard:
    """The card for the page of pictures; ValueError where the model is no image classifier that it takes."""
    config, card = pretrained.own.config, pretrained.card
    name = title or card.title
    if pretrained.takes != "picture":
        raise ValueError(f"{name} reads {pretrained.takes}; this page shows pictures to networks")
    if config.model_type not in FAMILIES:
        raise ValueError(f"{name} is of the kind {config.model_type!r}; this page takes {', '.join(FAMILIES)}")
    if "ImageClassification" not in type(pretrained.own).__name__:
        raise ValueError(f"{name} has no classes to answer with: wanted an image classifier")
    if config.num_channels != 3:
        raise ValueError(f"{name} reads {config.num_channels} channels; a photograph has 3")
    if pretrained.processors.picture is None:
        raise ValueError(f"{name} brings no picture processor (preprocessor_config.json), so its scaling is unknown")
    height, width = _size(config)
    note = f"Sees the middle square of a photograph, shrunk to {SIDE} x {SIDE} pixels"
    family = FAMILIES[config.model_type]
    return replace(
        card,
        title=name,
        task=TASK,
        family=family,
        limits=(note + ("." if height == width == SIDE else f", then resized to {height} x {width}."),),
        settings={**card.settings, "architecture": family, "classes": config.num_labels, "labels": labels(config)},
    )


def _size(config: Any) -> tuple[int, int]:
    """Height and width that the network reads; a ResNet takes any, so the page's own."""
    size: int | Sequence[int] = getattr(config, "image_size", SIDE)
    return (size, size) if isinstance(size, int) else (size[0], size[1])


def labels(config: Any) -> tuple[str, ...]:
    """The classes' names: ImageNet's where they are its thousand in its order, else the first of each one's own."""
    own = [str(config.id2label[at]) for at in range(config.num_labels)]
    try:
        known = class_names()
    except ValueError:
        known = ()
    said = [{word.strip().casefold() for word in name.split(",")} for name in own]
    alike = sum(name.casefold() in words for name, words in zip(known, said, strict=False))
    if len(own) == len(known) and alike >= SAME * len(known):
        return known
    return tuple(name.split(",")[0].strip() for name in own)
