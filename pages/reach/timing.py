"""The work behind the view "Time": fields and paths of every bundled network at one word of a text."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.lens.connectivity import Wiring, layers_needed
from pages.shared import loading
from viz.theme import look

Hop = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Request:
    """Plain values: the models by architecture, the text, and two positions."""

    models: tuple[tuple[str, str], ...]
    text: str
    start: int
    end: int
    device: str


@dataclass(frozen=True)
class Seen:
    """One model at one word: share of the influence of every word [T], its sigma and widths, the reach of the wiring
    (before, after; None: all), a shortest path, the number of layers, and how many of them, repeated, would make a
    path (None: no number does, or a path exists)."""

    share: np.ndarray
    sigma: float
    widths: tuple[int, ...]
    reach: tuple[int | None, int | None]
    path: tuple[Hop, ...] | None
    layers: int
    needed: int | None


@dataclass(frozen=True)
class Answer:
    request: Request
    tokens: tuple[str, ...]
    seen: dict[str, Seen | str]


def compute(report: Callable[..., None], request: Request) -> Answer:
    """The job: one model after the other."""
    from models.lens import connectivity, receptive_field

    loading.prepare()
    seen: dict[str, Seen | str] = {}
    tokens: tuple[str, ...] = ()
    for at, (family, name) in enumerate(request.models):
        report(at / len(request.models), f"{look(family).title} reads the text")
        model = loading.model(name, request.device)
        try:
            tokens = model.encode(request.text).strings
            field = receptive_field.effective(model, request.text, request.end)
        except ValueError as error:
            seen[family] = f"{str(error)[:1].upper()}{str(error)[1:]}."
            continue
        wiring = connectivity.of_network(model.network, len(tokens))
        path = connectivity.path(wiring, request.start, request.end)
        seen[family] = Seen(
            field.map,
            field.sigma,
            field.widths,
            receptive_field.reach_by_depth(model.network)[-1],
            None if path is None else tuple((hop.start, hop.end) for hop in path),
            len(wiring),
            None if path else _needed(wiring, request),
        )
    return Answer(request, tokens, seen)


def _needed(layers: list[Wiring], request: Request) -> int | None:
    """How many layers join the two words when the network's own are repeated; None where no number does."""
    apart = abs(request.end - request.start)
    return layers_needed(lambda at: layers[at % len(layers)], request.start, request.end, apart)
