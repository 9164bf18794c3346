"""The jobs of the page. Each gets `report`, which ends the work when it is no longer wanted, and plain values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from models.photo_card import NAME
from pages.seen.asked import Asked, title
from pages.shared import loading

Report = Callable[..., None]
CONVOLVING, ATTENDING = ("cnn", "hybrid"), ("vit", "hybrid")


@dataclass(frozen=True, eq=False)
class Answers:
    """name -> probabilities [classes], for the changed picture and for the picture as it was."""

    now: dict[str, np.ndarray]
    before: dict[str, np.ndarray]

    def target(self, asked: Asked, name: str) -> int:
        """The class that is explained: the chosen one, or the network's own answer to the changed picture."""
        return int(self.now[name].argmax()) if asked.target is None else asked.target


def load(name: str, device: str) -> Any:
    """The shared model of a name."""
    return photographs(loading.resolve(device)) if name == NAME else loading.model(name, device)


@st.cache_resource(show_spinner=False)
def photographs(device: str) -> Any:
    """EfficientNet-Lite0, loaded once."""
    from models.photographs import photo_model

    loading.prepare()
    found = photo_model(device)
    loading.settle()
    return found


def answers(report: Report, asked: Asked) -> Answers:
    """What every network says."""
    now, before = {}, {}
    pair = np.stack([asked.pixels, asked.given.pixels])
    for at, name in enumerate(asked.models):
        report(0.1 + 0.9 * at / len(asked.models), f"Asking {title(name)}")
        now[name], before[name] = load(name, asked.device).probabilities(pair)
    return Answers(now, before)


def target(model: Any, asked: Asked) -> int:
    """The class to explain for one network."""
    return int(model.probabilities(asked.pixels[None])[0].argmax()) if asked.target is None else asked.target


@dataclass(frozen=True, eq=False)
class Maps:
    """name -> map [28, 28]: the class that was explained, |gradient|, and the drop by occlusion."""

    target: dict[str, int]
    gradient: dict[str, np.ndarray]
    drop: dict[str, np.ndarray]


def saliency(report: Report, asked: Asked) -> Maps:
    """Gradient and occlusion for every network."""
    from models.lens import saliency as lens

    found = Maps({}, {}, {})
    for at, name in enumerate(asked.models):
        report(0.1 + 0.9 * at / len(asked.models), f"Covering squares for {title(name)}")
        model = load(name, asked.device)
        wanted = found.target[name] = target(model, asked)
        found.gradient[name] = lens.gradient(model, asked.pixels, wanted)
        square, stride = lens.window(asked.pixels)
        found.drop[name] = lens.occlusion(model, asked.pixels, wanted, square, stride, asked.fill).drop
    return found


def cams(report: Report, asked: Asked) -> tuple[Maps, dict[str, Any]]:
    """Gradient and occlusion of the convolving networks, and their Grad-CAM by layer."""
    from models.lens import gradcam

    found: dict[str, Any] = {}
    some = Asked(
        asked.task,
        asked.given,
        asked.change,
        tuple(asked.names(CONVOLVING)),
        asked.target,
        asked.device,
        asked.fill,
    )
    maps = saliency(report, some)
    for name in some.models:
        model = load(name, asked.device)
        found[name] = {
            layer: gradcam.gradcam(model, asked.pixels, maps.target[name], layer) for layer in gradcam.layers(model)
        }
    return maps, found


def attention(report: Report, asked: Asked) -> dict[str, tuple[Any, Any]]:
    """name -> the traces of the trained network and of the same network before training."""
    from models.sources import untrained

    found = {}
    for name in asked.names(ATTENDING):
        report(0.3, f"Running {title(name)}")
        found[name] = (
            load(name, asked.device).trace(asked.pixels),
            untrained(name, asked.device).trace(asked.pixels),
        )
    return found


def features(report: Report, asked: Asked, name: str) -> dict[str, np.ndarray]:
    """Layer -> grid [C, h, w] of one network."""
    report(0.3, f"Running {title(name)}")
    model = load(name, asked.device)
    return {layer: value for layer, value in model.layers(asked.pixels).items() if layer in model.grids}


def deleted(report: Report, asked: Asked, name: str) -> tuple[int, Any]:
    """The explained class and the deletion curves of every map that the network has."""
    from models.lens import picture_maps

    report(0.2, "Making the maps")
    model = load(name, asked.device)
    wanted = target(model, asked)
    maps = picture_maps.every(model, asked.pixels, wanted, asked.fill)
    report(0.6, "Deleting pixels")
    return wanted, picture_maps.deletion(model, asked.pixels, wanted, maps, asked.fill)
