"""The sliders that change the picture, and the class to explain; every answer and map below follows them."""

import numpy as np
import streamlit as st

from models.pictures_change import Change
from pages.seen.asked import known, title

OWN = "each network's own answer"
PICTURE = 150  # pixels


def picture(now: np.ndarray) -> None:
    """What the networks are given, enlarged without smoothing."""
    large = np.kron(np.rint(255 * now).astype(np.uint8), np.ones((10, 10), np.uint8))
    st.image(large, width=PICTURE, caption="28 × 28 pixels, as the networks get it")


def ask() -> Change:
    """Draw the sliders."""
    left, middle, right = st.columns(3, gap="medium")
    with left:
        across = st.slider("Right, pixels", -10, 10, 0, key="right", bind="query-params")
        down = st.slider("Down, pixels", -10, 10, 0, key="down", bind="query-params")
    with middle:
        turn = st.slider("Turn, degrees", -180, 180, 0, 5, key="turn", bind="query-params")
        noise = st.slider("Noise, deviation", 0.0, 0.5, 0.0, 0.05, key="grain", bind="query-params")
    with right:
        square = st.slider("Black square, pixels", 0, 20, 0, 2, key="cover", bind="query-params")
        place = st.slider("Its middle, row", 0, 27, 14, key="cover_row", bind="query-params", disabled=not square)
    return Change(right=across, down=down, turn=turn, square=square, row=place, noise=noise, seed=1)


def words(change: Change) -> str:
    """ "moved 3 right, turned 20°", or "unchanged"."""
    parts = []
    if change.right or change.down:
        parts.append(f"moved {_way(change.right, 'right', 'left')}{_way(change.down, 'down', 'up')}".rstrip(", "))
    if change.turn:
        parts.append(f"turned {change.turn:g}°")
    if change.square:
        parts.append(f"a black square of {change.square} pixels")
    if change.noise:
        parts.append(f"noise {change.noise:g}")
    return ", ".join(parts) or "unchanged"


def _way(by: int, more: str, less: str) -> str:
    return f"{abs(by)} {more if by > 0 else less}, " if by else ""


def networks(task: str) -> tuple[str, ...]:
    """The networks to ask, at least one."""
    offered = {title(name): name for name in known(task)}
    chosen = st.multiselect(
        "Networks", offered, default=list(offered)[:4], key=f"{task}_nets", bind="query-params", width=520
    )
    if not chosen:
        raise ValueError("Choose at least one network.")
    return tuple(name for shown, name in offered.items() if shown in chosen)


def target(task: str) -> int | None:
    """The class that the maps explain; None for each network's own answer."""
    labels = tuple(next(iter(known(task).values())).settings["labels"])
    chosen = st.selectbox("Explain", (OWN, *labels), key=f"{task}_class", bind="query-params", width=210)
    return None if chosen in (None, OWN) else labels.index(chosen)
