"""How much room the page has: its empty board tells the width."""

from pages.shared.board import page_width

WIDTH = "fields_board"
BESIDE = 800  # pixels from which two figures stand beside each other


def room() -> int:
    """The page's width in pixels."""
    return page_width(WIDTH)
