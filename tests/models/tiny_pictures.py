"""Untrained picture models, in float64 where asked, and one made by hand whose gradient is known."""

from typing import Any

import torch
from torch import Tensor, nn

from models.cards import ModelCard
from models.pictures import PictureModel
from models.zoo.pictures import PictureNetwork, PictureRun, build_pictures

NAMES = ("mlp", "cnn", "vit", "hybrid")
LABELS = tuple("0123456789")


def card(architecture: str, **more: Any) -> ModelCard:
    settings = {
        "architecture": architecture,
        "mean": 0.25,
        "deviation": 0.5,
        "classes": 10,
        "labels": LABELS,
        "seed": 0,
    }
    return ModelCard(
        name=f"tiny-{architecture}",
        title=architecture,
        task="digits",
        family=architecture,
        parameters=0,
        licence="Apache-2.0",
        source="built by a test",
        sha256="",
        metrics={},
        limits=(),
        settings=settings | more,
        trained={},
    )


class Exact(PictureModel):
    """Computes in float64."""

    def tensor(self, pixels: Any) -> Tensor:
        return super().tensor(pixels).double()


def tiny(architecture: str, seed: int = 3, double: bool = False) -> PictureModel:
    facts = card(architecture)
    network = build_pictures(facts.settings, seed)
    return Exact(facts, network.double(), "cpu") if double else PictureModel(facts, network, "cpu")


class Linear(PictureNetwork):
    """logits = W x: the gradient of a class is its row of W over the deviation."""

    def __init__(self) -> None:
        super().__init__(0.25, 0.5)
        self.weights = nn.Parameter(torch.randn(10, 784, generator=torch.Generator().manual_seed(5)) / 28)

    def see(self, x: Tensor, look: bool) -> PictureRun:
        return PictureRun({"flat": x.flatten(1)}, x.flatten(1) @ self.weights.T)


def linear() -> PictureModel:
    return PictureModel(card("mlp"), Linear(), "cpu")
