"""The sliders that change the picture, and the class to explain; every answer and map below follows them."""

import numpy as np
import streamlit as st

from models.photo_card import TASK
from models.pictures_change import Change
from pages.seen import others
from pages.seen.asked import STEP, facts, known, title

OWN = "its own answer"
PICTURE, SLIDER = 150, 96  # pixels; three sliders stand beside the picture on a narrow page


def picture(now: np.ndarray) -> None:
    """What the networks are given, enlarged without smoothing."""
    values = np.rint(255 * now).astype(np.uint8)
    large = np.kron(values, np.ones((10, 10), np.uint8)) if now.ndim == 2 else values.transpose(1, 2, 0)
    st.image(large, width=PICTURE, caption=f"{now.shape[-1]} × {now.shape[-1]} pixels")


def ask(task: str) -> Change:
    """Draw the sliders. Lengths count pixels of 28 x 28 pictures; a photograph moves in steps, and says so."""
    large = task == TASK
    unit = f"Steps of {STEP} pixels" if large else "Pixels"
    by = f"%d×{STEP}" if large else "%d"
    with st.container(horizontal=True, gap="small"):
        across = _slider("Right", -10, 10, 0, 1, "right", f"{unit} to the right; to the left below zero.", by)
        down = _slider("Down", -10, 10, 0, 1, "down", f"{unit} downwards; upwards below zero.", by)
        turn = _slider("Turn", -180, 180, 0, 5, "turn", "Degrees, clockwise.")
        square = _slider("Cover", 0, 20, 0, 2, "cover", f"Side of a black square. {unit}.", by)
        row = _slider("At row", 0, 27, 14, 1, "cover_row", f"The middle of the square, from the top. {unit}.", by)
        column = _slider("At column", 0, 27, 14, 1, "cover_column", f"The same from the left. {unit}.", by)
        noise = _slider("Noise", 0.0, 0.5, 0.0, 0.05, "grain", "Standard deviation; black is 0 and white is 1.")
    return Change(int(across), int(down), turn, int(square), int(column), int(row), noise=noise, seed=1)


def _slider(
    name: str, low: float, high: float, start: float, step: float, key: str, hint: str, form: str | None = None
) -> float:
    return float(st.slider(name, low, high, start, step, form, key=key, bind="query-params", help=hint, width=SLIDER))


def networks(task: str) -> tuple[tuple[str, ...], list[str]]:
    """The networks to ask, and what was chosen from elsewhere (`others.ask` turns it into names)."""
    near = {title(name): name for name in known(task)}
    chosen = st.multiselect(
        "Networks",
        [*near, *(others.options() if task == TASK else ())],
        default=list(near)[:4],
        key=f"{task}_nets",
        bind="query-params",
        width=520,
        help=others.hint() if task == TASK else None,
    )
    return tuple(name for shown, name in near.items() if shown in chosen), [one for one in chosen if one not in near]


def target(task: str, terms: str) -> int | None:
    """The class of network `terms` that the maps explain; None for each network's own answer."""
    labels = tuple(facts(terms).settings["labels"]) if terms else ()
    chosen = st.selectbox("Explain", (OWN, *labels), key=f"{task}_class", bind="query-params", width=210)
    return None if chosen in (None, OWN) else labels.index(chosen)
