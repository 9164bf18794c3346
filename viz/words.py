"""An axis whose positions are words: as many labels as fit, flat where they fit and turned where they do not."""

import unicodedata
from collections.abc import Sequence

from viz.labels import aliases, shorten, ticks, visible
from viz.theme import MONOSPACE

PITCH = 7.6  # least pixels between two labels
SIZES = (8, 11)  # type of labels that all fit; thinned ones have 10
ASPECT = 0.61  # a monospace character's width over its type size
LIMIT = 14  # characters of a label


def word_axis(words: Sequence[str], pixels: float, turn: bool) -> tuple[dict, int]:
    """Plotly settings of an axis of `pixels`, and the pixels its labels need beside it.

    `turn`: labels that do not fit beside each other are turned, as on an x axis; a y axis never turns them.
    """
    pitch = pixels / len(words)
    size = label_size(pitch)
    longest = max(cells(shorten(visible(word), LIMIT)) for word in words) * size * ASPECT
    flat = not turn or longest + 4 <= pitch
    values, texts = ticks(words, max(1, int(pixels / (PITCH if pitch >= PITCH else size + 1))), LIMIT)
    settings = {
        "tickmode": "array",
        "tickvals": values,
        "ticktext": texts,
        "labelalias": aliases(words),
        "tickfont": {"family": MONOSPACE, "size": size},
        "tickangle": 0 if flat else -90,
        "ticklabeloverflow": "allow",  # else plotly measures every label at every draw: a quarter of the time
        "ticks": "",
        "showgrid": False,
    }
    return settings, int(size + 8 if turn and flat else longest + 10)


def label_size(pitch: float) -> int:
    """The type size of labels `pitch` pixels apart; 10 where there is no room for all of them."""
    return 10 if pitch < PITCH else max(SIZES[0], min(SIZES[1], round(pitch)))


def cells(text: str) -> int:
    """Monospace columns that a text takes: two for wide characters, none for marks that combine."""
    wide = {"W": 2, "F": 2}
    return sum(0 if unicodedata.combining(each) else wide.get(unicodedata.east_asian_width(each), 1) for each in text)
