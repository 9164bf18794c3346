"""Models for the pages, each loaded once and shared by every session, and torch imported after the first paint."""

from collections import OrderedDict
from functools import cache
from threading import Lock, Timer
from typing import Any

import streamlit as st

from models import cards, load, pretrained
from models.pretrained.weights import free_share
from pages.shared.collector import settle, watch
from pages.shared.device import resolve, threads
from pages.shared.limits import Limits
from pages.shared.settings import limits

AFTER_PAINT = 3.0  # seconds; by then the first figure is drawn, and the import no longer delays it
FREE_MEMORY = 0.2  # share of the memory of the machine and the container to be free before one more model is loaded

_recent: OrderedDict[tuple[str, str], None] = OrderedDict()
_lock = Lock()


def model(name: str, device: str = "auto") -> Any:
    """The shared model of a card's name, a folder or "hub:owner/name"; never change it.

    Bundled models stay. Others leave memory, longest unused first, at the profile's number or when memory is short.
    """
    prepare()
    device = resolve(device)
    if name in {card.name for card in cards()}:
        return _bundled(name, device)
    _make_room(name, device)
    return _other(name, device)


@cache
def warm() -> None:
    """Import torch in a thread once the first page is drawn. Call it at the end of a run; later calls do nothing."""
    watch()
    Timer(AFTER_PAINT, prepare).start()  # not a daemon: an import cut off by the end of the process crashes it


@cache
def prepare() -> None:
    """Import torch, bound its threads, and keep what is now loaded away from the garbage collector."""
    import torch

    torch.set_num_threads(threads())
    settle()


@st.cache_resource(show_spinner=False)
def _bundled(name: str, device: str) -> Any:
    loaded = load(name, device=device)
    settle()
    return loaded


@st.cache_resource(show_spinner=False, max_entries=limits().other_models, on_release=lambda _: settle())
def _other(name: str, device: str) -> Any:
    loaded = pretrained.load(name, device, permitted(limits()))
    settle()
    return loaded


def permitted(bound: Limits) -> pretrained.Limits:
    """The profile's limits in the terms of models.pretrained."""
    return pretrained.Limits(
        tokens=bound.text_tokens,
        parameters=bound.hub_parameters,
        hub=bound.hub_models,
        folders=bound.local_folders,
        pixels=bound.picture_megapixels * 1_000_000,
        seconds=float(bound.recording_seconds),
    )


def _make_room(name: str, device: str) -> None:
    """Note the use; when a model is to be loaded and memory is short, let the others go, longest unused first."""
    with _lock:
        known = (name, device) in _recent
        while not known and _recent and free_share() < FREE_MEMORY:
            oldest, _ = _recent.popitem(last=False)
            _other.clear(*oldest)
        _recent[name, device] = None
        _recent.move_to_end((name, device))
