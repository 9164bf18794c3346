"""Sinusoids moved: one matrix carries every position's code k places on, and no two codes are alike."""

from models.lens import positional
from models.lens.positional import likeness
from pages.codes import controls
from pages.codes.shown import Shown
from pages.shared.figure import figure_block
from viz.code_map import code_map

DRAWN, SIDE = 64, 480  # features of the matrix, and pixels
SAME = 1e-9  # below this two codes are equal up to rounding
WARNING = (
    "A network CAN read absolute and relative position from such codes: no two are equal, and one learned matrix could "
    "turn a query by any fixed offset. Whether it does is a matter of training: codes are added to the words, and "
    "every layer mixes the two. The view “On a model” takes the codes away and moves them."
)


def draw(shown: Shown) -> None:
    """The matrix of a chosen shift, and how far it misses over all drawn positions."""
    with controls.row():
        by = controls.number("Shift by", "pby", 1, 64, 4, open_ended=False)
    width, places = shown.values.shape[1], shown.places
    matrix = positional.shift(by, width, shown.base)
    miss = positional.shift_error(places, by, width, shown.base)
    names = [str(at) for at in range(min(width, DRAWN))]
    figure_block(
        "alike_moved",
        finding(shown, miss, by),
        code_map(
            matrix[:DRAWN, :DRAWN],
            names,
            names,
            limits=(-1.0, 1.0),
            colour_title="entry",
            axes=("feature after", "feature before"),
            height=430,
            width=SIDE,
        ),
        said(shown, width),
        lambda: {"feature": list(range(width)), **{f"from {at}": matrix[:, at].tolist() for at in range(width)}},
        lambda: {"matrix": matrix, "positions": places},
        WARNING,
        f"positions-shift-by-{by}",
        question="Absolute and relative?",
    )


def finding(shown: Shown, miss: float, by: int) -> str:
    """Absolute where no two codes are equal, relative where one matrix moves them all; both measured."""
    count, exact = len(shown.places), f"{miss:.0e}".replace("-", "−")
    own = count > 1 and likeness.nearest(shown.values) > SAME
    verdict = "Both" if own and miss < SAME else "Relative" if miss < SAME else "Neither"
    return f"{verdict}: one matrix moves the codes of all {count} positions on by {by}, off by at most {exact}"


def said(shown: Shown, width: int) -> str:
    """How far the two most alike codes are apart, and what is drawn."""
    part = f" Drawn: {DRAWN} of {width} features." if width > DRAWN else ""
    if len(shown.values) < 2:
        return f"The matrix turns each pair of features, whatever the position.{part}"
    apart = likeness.nearest(shown.values)
    return (
        "The matrix turns each pair of features, whatever the position. "
        f"The two most alike codes are {apart:.2g} apart.{part}"
    )
