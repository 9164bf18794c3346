"""How wide the page is, for figures with square cells."""

from pages.shared.board import board, page_width
from viz.board import Column

KEY = "positions_board"
MARGIN = 8  # pixels that the page may be narrower than its rounded width
NARROW = 700  # pixels below which fewer panels stand beside each other


def measure() -> None:
    """Mount the board that reports the width; it shows nothing."""
    board([Column("transformer", "Transformer", "#0072B2")], [], key=KEY, header=False, label="Model")


def whole() -> int:
    """The page's width in pixels, a little less so that nothing is cut."""
    return page_width(KEY) - MARGIN


def per_line(most: int) -> int:
    """How many square panels stand beside each other: all that are wanted, or two."""
    return most if whole() >= NARROW else 2
