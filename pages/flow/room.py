"""How wide the page is, so that panels stand four or two on a line."""

from pages.shared.board import board, page_width
from viz.board import Column

KEY = "flow_board"
MARGIN = 8  # pixels that the page may be narrower than its rounded width
ROOMY = 760  # pixels from which four panels stand on a line


def measure() -> int:
    """Mount the board that reports the width, which shows nothing; the page's width in pixels."""
    board([Column("transformer", "Gradient flow", "#0072B2")], [], key=KEY, header=False, label="Page")
    return page_width(KEY) - MARGIN


def panels(width: int) -> int:
    """Panels on a line."""
    return 4 if width >= ROOMY else 2
