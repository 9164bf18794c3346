"""The optimizers on the loss of a trained network, on a plane through its weights."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from models.cards import cards
from models.lens import optimizers
from models.lens.loss_slice import DISTANCES, SENTENCES, SPAN, Plane, Slice, plane
from pages.descent.findings import arrays, finding, table
from pages.descent.request import Request
from pages.shared import loading, progress, shell
from pages.shared.figure import figure_block
from viz.descent import contour
from viz.theme import look
from viz.tracks import Track

FAMILIES = ("cnn", "lstm", "transformer")
POINTS, STEPS = 21, 40
RATES = {"sgd": 0.2, "momentum": 0.05, "nesterov": 0.05, "adagrad": 0.2, "rmsprop": 0.02, "adam": 0.1, "adamw": 0.1}
START = (0.8, 0.7)
Found = tuple[Plane, tuple[optimizers.Walk, ...], tuple[np.ndarray, ...]]


def draw(request: Request) -> None:
    """Choice of network and directions; the slice; every chosen optimizer on it."""
    names = {card.family: card.name for card in cards("agreement") if card.training_set != "far"}
    titles = {look(family).title: names[family] for family in FAMILIES}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.segmented_control(
            "Network", list(titles), default=next(iter(titles)), required=True, key="network", bind="query-params"
        )
        seed = st.number_input("Directions", 0, 99, 0, key="plane", bind="query-params", width=110, help=DIRECTIONS)
    name = titles.get(title or "", next(iter(titles.values())))
    st.caption(
        f"Here every run starts at ({START[0]}, {START[1]}) and takes {STEPS} steps; surface and start do not apply."
    )
    found: Found | None = progress.result(
        "slice", work, name, int(seed), request.names, request.rate, request.schedule, shell.chosen_device()
    )
    if found is not None:
        _block(title or "", found, request)


DIRECTIONS = "The seed of the two random directions through the weights. Another seed is another plane."


def work(
    report: Callable[..., None],
    name: str,
    seed: int,
    chosen: tuple[str, ...],
    rate: float | None,
    schedule: str,
    device: str,
) -> Found:
    """The job: the plane, then the paths, each step with the exact gradient on the plane."""
    loading.prepare()
    report(0.0, "Loading the model")
    cut = Slice(loading.model(name, device), seed)
    ground = plane(cut, POINTS, lambda share, text: report(0.6 * share, text))
    walks, values = [], []
    for at, one in enumerate(chosen):

        def slope(x: np.ndarray, at: int = at, one: str = one) -> np.ndarray:
            report(0.6 + 0.4 * at / len(chosen), f"{one} goes {STEPS} steps")
            return cut.gradient(x)

        size = RATES[one] if rate is None else rate
        walk = optimizers.walk(one, slope, START, STEPS, lr=size, schedule=schedule, limit=10 * SPAN)
        walks.append(walk)
        values.append(np.array([cut.value(point) for point in walk.points]))
    return ground, tuple(walks), tuple(values)


def _block(title: str, found: Found, request: Request) -> None:
    ground, walks, values = found
    tracks = [Track(walk.name, walk.points, value, walk.diverged) for walk, value in zip(walks, values, strict=True)]
    lowest = min(float(ground.values.min()), *(float(value.min()) for value in values), 0.0)
    middle = ground.values[POINTS // 2, POINTS // 2]
    rates = ", ".join(f"{track.look.title} {walk.settings['lr']:g}" for track, walk in zip(tracks, walks, strict=True))
    figure_block(
        "slice",
        finding(tracks, 0.0).replace("above the lowest point", "nats"),
        contour(
            ground.axis,
            ground.axis,
            ground.values,
            tracks,
            lowest=lowest,
            minima=((0.0, 0.0),),
            axes=("along direction 1 (filter norms)", "along direction 2"),
        ),
        f"{title}: loss from {ground.values.min():.2g} to {ground.values.max():.2g} nats, {middle:.2g} at the trained "
        f"weights (cross); guessing costs 0.69. Rates: {rates}.",
        lambda: table(tracks, [walk.rates for walk in walks]),
        {**arrays(tracks), "axis": ground.axis, "loss": ground.values},
        f"Two random directions, each row as long as the weights' own (Li et al. 2018), on {SENTENCES} fixed test "
        f"sentences with {DISTANCES[0]} to {DISTANCES[1]} words between noun and verb. The optimizers move "
        "in this plane only, from one corner of it: training moves in all directions, and what blocks it here may be "
        "passed there. The start, 40 steps and, with each its best, hand-set rates are the page's choice.",
        "optimizers-loss-slice",
        question="And on a real network's loss?",
    )
