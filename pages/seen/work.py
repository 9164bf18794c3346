"""The jobs of the page. Each gets `report`, which ends the work when it is no longer wanted, and plain values."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from models.photo_card import NAME
from pages.seen import others
from pages.seen.asked import Asked, title
from pages.shared import collector, loading

Report = Callable[..., None]
CONVOLVING, ATTENDING = ("cnn", "hybrid"), ("vit", "hybrid")


@dataclass(frozen=True, eq=False)
class Answers:
    """name -> probabilities [classes], for the changed picture and for the picture as it was."""

    now: dict[str, np.ndarray]
    before: dict[str, np.ndarray]


def load(name: str, device: str) -> Any:
    """The shared model of a name."""
    if name == NAME:
        return photographs(loading.resolve(device))
    return elsewhere(name, device) if others.card_of(name) else loading.model(name, device)


def elsewhere(name: str, device: str) -> Any:
    """A view on a shared pretrained model, as pictures see it."""
    from models.pictures_hub import HubPictures

    return HubPictures(loading.model(name, device), others.title_of(name))


def cards_of(report: Report, names: tuple[str, ...], device: str) -> dict[str, str]:
    """Load networks from elsewhere and remember their cards: name -> "", or the sentence that says why not."""
    from models import pictures_hub  # the library is imported here, and at once kept away from the collector

    collector.settle()
    said = {}
    for at, name in enumerate(names):
        report(0.1 + 0.9 * at / len(names), f"Loading {others.title_of(name) or name}")
        try:
            model = pictures_hub.HubPictures(loading.model(name, device), others.title_of(name))
            others.remember(name, model.card)
            said[name] = ""
        except ValueError as fault:
            text = str(fault).rstrip(".")
            said[name] = f"{text[:1].upper()}{text[1:]}."
    return said


@st.cache_resource(show_spinner=False)
def photographs(device: str) -> Any:
    """EfficientNet-Lite0, loaded once."""
    from models.photographs import photo_model

    loading.prepare()
    found = photo_model(device)
    collector.settle()
    return found


def answers(report: Report, asked: Asked) -> Answers:
    """What every network says."""
    now, before = {}, {}
    pair = np.stack([asked.pixels, asked.given.pixels])
    for at, name in enumerate(asked.models):
        report(0.1 + 0.9 * at / len(asked.models), f"Asking {title(name)}")
        now[name], before[name] = load(name, asked.device).probabilities(pair)
    return Answers(now, before)


def target(model: Any, asked: Asked, name: str) -> int:
    """The class to explain for one network: the chosen one, else its own answer to the changed picture."""
    wanted = asked.target_of(name)
    return int(model.probabilities(asked.pixels[None])[0].argmax()) if wanted is None else wanted


@dataclass(frozen=True, eq=False)
class Maps:
    """name -> map [h, w]: the class that was explained, |gradient|, and the drop by occlusion; window: the side of the
    square and the stride between squares, in pixels."""

    target: dict[str, int]
    gradient: dict[str, np.ndarray]
    drop: dict[str, np.ndarray]
    window: tuple[int, int]


def saliency(report: Report, asked: Asked) -> Maps:
    """Gradient and occlusion for every network."""
    from models.lens import saliency as lens

    window = lens.window(asked.pixels)
    found = Maps({}, {}, {}, window)
    for at, name in enumerate(asked.models):
        tell = part(report, at, len(asked.models), f"Covering squares for {title(name)}")
        tell(0)
        model = load(name, asked.device)
        wanted = found.target[name] = target(model, asked, name)
        found.gradient[name] = lens.gradient(model, asked.pixels, wanted)
        found.drop[name] = lens.occlusion(model, asked.pixels, wanted, *window, asked.fill, tell).drop
    return found


def part(report: Report, at: int, count: int, text: str) -> Callable[[float], None]:
    """`report` for one of `count` parts of the work, told by its own share."""
    return lambda share: report(0.05 + 0.95 * (at + share) / count, text)


def cams(report: Report, asked: Asked) -> tuple[Maps, dict[str, Any]]:
    """Gradient and occlusion of the convolving networks, and their Grad-CAM by layer."""
    from models.lens import gradcam

    found: dict[str, Any] = {}
    some = replace(asked, models=tuple(asked.names(CONVOLVING)))
    maps = saliency(report, some)
    for name in some.models:
        model = load(name, asked.device)
        found[name] = {
            layer: gradcam.gradcam(model, asked.pixels, maps.target[name], layer) for layer in gradcam.layers(model)
        }
    return maps, found


def attention(report: Report, asked: Asked) -> dict[str, tuple[Any, Any]]:
    """name -> the traces of the trained network and of one before training; None where memory has no room for it."""
    found = {}
    for at, name in enumerate(asked.names(ATTENDING)):
        part(report, at, len(asked.names(ATTENDING)), f"Running {title(name)}")(0.1)
        model = load(name, asked.device)
        fresh = _untrained(model, name, asked.device)
        found[name] = (model.trace(asked.pixels), None if fresh is None else fresh.trace(asked.pixels))
    return found


def _untrained(model: Any, name: str, device: str) -> Any:
    if others.card_of(name):
        from models import pictures_hub

        return pictures_hub.untrained(model)
    from models.sources import untrained

    return untrained(name, device)


def features(report: Report, asked: Asked, name: str) -> dict[str, np.ndarray]:
    """Layer -> grid [C, h, w] of one network."""
    report(0.3, f"Running {title(name)}")
    model = load(name, asked.device)
    return {layer: value for layer, value in model.layers(asked.pixels).items() if layer in model.grids}


def deleted(report: Report, asked: Asked, name: str) -> tuple[int, Any]:
    """The explained class and the deletion curves of every map that the network has."""
    from models.lens import picture_maps

    making, deleting = part(report, 0, 2, "Making the maps"), part(report, 1, 2, "Deleting pixels")
    making(0)
    model = load(name, asked.device)
    wanted = target(model, asked, name)
    maps = picture_maps.every(model, asked.pixels, wanted, asked.fill, making)
    return wanted, picture_maps.deletion(model, asked.pixels, wanted, maps, asked.fill, tell=deleting)
