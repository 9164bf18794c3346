"""Change one word, as maps: the weights or the influence before, after, and the difference, for every network."""

import numpy as np

from models.reading import Change
from pages.rows.view import MOVED, View, article, long_table, shares
from pages.rows.view import word as quoted
from pages.shared.figure import figure_block
from viz.matrices import Panel, matrices

SAYS = {
    "before": "Shares of each row, on the scale of the map after the change. The frame marks the word to be changed.",
    "after": "Shares of each row, on the scale of the map before the change. The frame marks the new word.",
    "difference": "Shares after the change less those before. The frame marks the changed word.",
}
WARNING = (
    "Each row is divided by its sum: a cell can rise because another falls. Mixing weights are averaged over layers, "
    "heads and units; a pattern that moves is not yet an answer that moves."
)


def draw(view: View, found: dict[str, Change], place: int, word: str, part: str) -> None:
    """Three figures; before and after share one colour scale."""
    before, after = ({f: drawn(c, part, when) for f, c in found.items()} for when in ("before", "after"))
    tokens = view.first.trace.tokens
    changed = tuple(word if i == place else token for i, token in enumerate(tokens))
    top = _top([*before.values(), *after.values()])
    moved = {f: after[f] - before[f] for f in found}
    _block(view, "before", before, tokens, place, part, (0.0, min(1.0, top)))
    _block(view, "after", after, changed, place, part, (0.0, min(1.0, top)))
    most = _top(list(moved.values()))
    _block(view, "difference", moved, tokens, place, part, (-most, most))


def drawn(change: Change, part: str, when: str) -> np.ndarray:
    """Shares of each row, mixing weights averaged over layers."""
    values = getattr(change, f"{part}_{when}")
    return shares(values.mean(axis=0) if part == "mixing" else values)


def _top(values: list[np.ndarray]) -> float:
    """The end of a colour scale that 99 % of the cells of every map lie within."""
    return max(0.1, round(float(max(np.percentile(np.abs(v), 99) for v in values)), 2))


def _block(
    view: View,
    which: str,
    values: dict[str, np.ndarray],
    tokens: tuple[str, ...],
    place: int,
    part: str,
    limits: tuple[float, float],
) -> None:
    panels = [Panel(f, title, values.get(f), why) for f, title, _, why in view.titled()]
    figure = matrices(
        panels,
        tokens,
        tokens,
        limits=limits,
        per_line=view.per_line,
        colour_title="change of share" if which == "difference" else "share of the row",
        scale="diverging" if which == "difference" else "sequential",
        marked=place,
        width=view.width,
    )
    figure_block(
        f"changed_{which}",
        largest(values, tokens) if which == "difference" else heaviest(values, tokens, which),
        figure,
        SAYS[which],
        lambda: long_table(tokens, values, "share"),
        {f.replace("-", "_"): v for f, v in values.items()},
        WARNING,
        f"changed-{part}-{which}",
    )


def heaviest(values: dict[str, np.ndarray], tokens: tuple[str, ...], which: str) -> str:
    """The word with the largest mean share of all rows, in the network where it is largest."""
    family = max(values, key=lambda f: float(values[f].mean(axis=0).max()))
    column = values[family].mean(axis=0)
    at = int(column.argmax())
    return f"{which.capitalize()}: most goes to {quoted(tokens, at)} in {article(family)}, {column[at]:.2f} of a row"


def largest(values: dict[str, np.ndarray], tokens: tuple[str, ...]) -> str:
    """The cell that changed most, and in which network."""
    family = max(values, key=lambda f: float(np.abs(values[f]).max()))
    row, column = np.unravel_index(int(np.abs(values[family]).argmax()), values[family].shape)
    change = float(values[family][row, column])
    if abs(change) < MOVED:
        return "Difference: no share moves by 0.01"
    way = "gains" if change > 0 else "loses"
    return (
        f"Difference: the largest in {article(family)}, where {quoted(tokens, int(column))} {way} {abs(change):.2f} of "
        f"the row of {quoted(tokens, int(row))}"
    )
