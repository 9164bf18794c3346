"""What the reader asks of the optimizers: surface, names, rate, steps, schedule, start; and the paths that answer."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from models.lens import optimizers
from models.lens.optimizers_schedules import SCHEDULES
from models.lens.surfaces import SURFACES, Surface, surface
from viz.tracks import OPTIMIZERS, Track

TITLES = {look.title: name for name, look in OPTIMIZERS.items()}
FIRST = ("SGD", "Momentum", "RMSprop", "Adam")
ONE, OWN = "one for all", "each its best"
MOST_STEPS = 400
GRID = 10.0 ** np.arange(-4, 1.01, 0.2)  # the rates that "each its best" tries
BEYOND = 1e4  # a coordinate beyond this has diverged


@dataclass(frozen=True)
class Request:
    """Plain values; rate None: each optimizer takes the best of `GRID`."""

    surface: str
    names: tuple[str, ...]
    rate: float | None
    steps: int
    schedule: str
    start: tuple[float, float]

    @property
    def ground(self) -> Surface:
        return surface(self.surface)


def ask() -> Request:
    """Draw the controls and return what they say; ValueError where that cannot be run."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = (
            st.selectbox("Surface", list(SURFACES), index=1, key="surface", bind="query-params", width=150) or "ravine"
        )
        how = st.segmented_control(
            "Learning rate", (ONE, OWN), default=ONE, required=True, key="rates", bind="query-params"
        )
        rate = st.number_input(
            "Rate", value=0.02, format="%g", step=None, key="lr", bind="query-params", width=110, disabled=how == OWN
        )
        steps = st.number_input(
            "Steps", 1, MOST_STEPS, 100, key="steps", bind="query-params", width=110, help=f"1 to {MOST_STEPS}"
        )
        schedule = st.selectbox("Schedule", SCHEDULES, key="schedule", bind="query-params", width=130)
        start = _start(surface(name))
        st.popover("Words used", type="tertiary").markdown(WORDS)
    chosen = st.pills(
        "Optimizers",
        list(TITLES),
        selection_mode="multi",
        default=list(FIRST),
        key="optimizers",
        bind="query-params",
        label_visibility="collapsed",
    )
    if not chosen:
        raise ValueError("Choose at least one optimizer.")
    if how != OWN and not (np.isfinite(rate) and rate >= 0):
        raise ValueError(f"The learning rate must be a finite number of at least 0; got {rate:g}.")
    names = tuple(name for title, name in TITLES.items() if title in chosen)
    return Request(name, names, None if how == OWN else float(rate), int(steps), schedule or SCHEDULES[0], start)


WORDS = """
- **Learning rate**: what each step is multiplied by.
- **Momentum, Nesterov**: SGD with momentum 0.9. All other settings are torch's defaults.
- **Each its best**: of 26 rates from 10⁻⁴ to 10, the one with the lowest value at the end, for each optimizer.
- **Schedule**: how the rate changes: constant; step (a tenth after each third); cosine (to zero); warm-up (a rise over
  the first tenth, then a cosine).
- **Diverged**: a coordinate went beyond 10,000 or ceased to be a number. The run stops there.
"""


def _start(ground: Surface) -> tuple[float, float]:
    """Where all paths begin; each surface has its own pair of boxes."""
    with st.popover("Start"):
        found = [
            st.number_input(
                axis, value=float(value), format="%g", step=None, key=f"{ground.name}_{axis}", bind="query-params"
            )
            for axis, value in zip("xy", ground.start, strict=True)
        ]
    if not all(np.isfinite(found)) or max(map(abs, found)) > BEYOND:
        raise ValueError(f"The start must lie within {BEYOND:g} of the origin; got {found[0]:g} and {found[1]:g}.")
    return float(found[0]), float(found[1])


@st.cache_data(show_spinner=False, max_entries=64)
def walks(request: Request) -> tuple[optimizers.Walk, ...]:
    """One walk an optimizer; every one meets the same noise."""
    ground = request.ground
    found = []
    for name in request.names:
        rate = request.rate
        if rate is None:
            tried = (name, ground.value, ground.noisy_gradient, request.start, request.steps, GRID)
            rate = optimizers.best(*tried, schedule=request.schedule, limit=BEYOND)
        gradient = ground.noisy_gradient()
        asked: dict[str, Any] = {"schedule": request.schedule, "limit": BEYOND, "lr": rate}
        found.append(optimizers.walk(name, gradient, request.start, request.steps, **asked))
    return tuple(found)


def tracks(request: Request) -> list[Track]:
    """The walks with the surface's value at each point."""
    with np.errstate(over="ignore", invalid="ignore"):
        return [
            Track(walk.name, walk.points, request.ground.value(walk.points), walk.diverged) for walk in walks(request)
        ]
