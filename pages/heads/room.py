"""How wide the page is, and how its parts share it: beside each other where there is room, else below."""

import streamlit as st

from pages.heads.subject import About
from pages.shared.board import board, page_width
from viz.board import Column

KEY = "attention_board"
ROOMY = 850  # pixels from which parts stand beside each other
GAP = 32  # pixels between two columns
MARGIN = 8  # pixels that the page may be narrower than its rounded width


def measure(about: About) -> None:
    """Mount the board that reports the width; it shows nothing, and names the model for screen readers."""
    board([Column("transformer", about.title, "#0072B2")], [], key=KEY, header=False, label="Model")


def whole() -> int:
    """The page's width in pixels, a little less so that nothing is cut."""
    return page_width(KEY) - MARGIN


def columns(shares: tuple[float, ...]) -> list[tuple[st.delta_generator.DeltaGenerator, int]]:
    """Containers with their widths in pixels, in the page's order."""
    width = whole()
    if width < ROOMY:
        return [(st.container(), width) for _ in shares]
    free = width - GAP * (len(shares) - 1)
    placed = st.columns(list(shares), gap="medium")
    return [(column, int(free * share / sum(shares))) for column, share in zip(placed, shares, strict=True)]
