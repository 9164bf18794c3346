"""Where panels stand: the same columns for every row of a page, in plotly figures and in the page's board.

Widths are fractions of what is left between two fixed margins, so that columns line up at any window width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from viz.labels import escape, shorten
from viz.theme import ARCHITECTURES, NEUTRAL, OUTLINE

if TYPE_CHECKING:
    from viz.sheet import Sheet

LEFT, RIGHT = 112, 8  # pixels: word labels on the left; the last tick's half width on the right
GAP = 0.014  # between columns, as a share of the width between the margins
HEAD = 24  # pixels above a panel: coloured bar and name
WIDE, NARROW = 1000, 620  # pixels assumed for a page when its width is not known


@dataclass(frozen=True)
class Grid:
    """`count` panels, `columns` a line, each `panel` pixels high with `foot` pixels below for its labels."""

    count: int
    columns: int
    width: int
    panel: int
    foot: int

    @property
    def lines(self) -> int:
        return math.ceil(self.count / self.columns)

    @property
    def height(self) -> int:
        return self.lines * (HEAD + self.panel + self.foot)

    def place(self, at: int) -> tuple[int, int]:
        """Line and column of panel `at`."""
        return divmod(at, self.columns)

    def x(self, at: int) -> list[float]:
        """Left and right edge as shares of the width between the margins."""
        share = (1 - GAP * (self.columns - 1)) / self.columns
        start = self.place(at)[1] * (share + GAP)
        return [start, start + share]

    def y(self, at: int) -> list[float]:
        """Bottom and top edge as shares of the figure's height."""
        top = self.place(at)[0] * (HEAD + self.panel + self.foot) + HEAD
        return [1 - (top + self.panel) / self.height, 1 - top / self.height]


def columns_for(count: int, per_line: int) -> int:
    """Columns of a line: never more than there are panels."""
    if count < 1 or per_line < 1:
        raise ValueError(f"wanted at least one panel and one panel a line; got {count} panels, {per_line} a line")
    return min(count, per_line)


def page_width(per_line: int, width: int | None) -> int:
    """The page's width in pixels, or what is assumed for it."""
    return width or (WIDE if per_line > 4 else NARROW)


def column_width(columns: int, width: int) -> float:
    """One column's width in pixels on a page of `width` pixels."""
    return (width - LEFT - RIGHT) * (1 - GAP * (columns - 1)) / columns


def heading(sheet: Sheet, grid: Grid, at: int, key: str, title: str, aside: str = "") -> None:
    """The coloured bar and the name above panel `at`; a short number `aside` follows the name and is never cut."""
    (x0, x1), (_, top) = grid.x(at), grid.y(at)
    colour = ARCHITECTURES[key].colour if key in ARCHITECTURES else OUTLINE
    sheet.shape(
        type="rect",
        xref="paper",
        yref="paper",
        x0=x0,
        x1=x1,
        ysizemode="pixel",
        yanchor=top,
        y0=2,
        y1=4.5,
        fillcolor=colour,
        line={"width": 0},
    )
    column = column_width(grid.columns, grid.width)
    size = 12 if column >= 105 else 11
    room = int(column / size / 0.5) - (len(aside) + 1 if aside else 0)
    sheet.text(
        text=escape(f"{shorten(title, max(3, room))} {aside}".rstrip()),
        hovertext=escape(f"{title} {aside}".rstrip()),
        x=x0,
        y=top,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        yshift=3,
        size=size,
    )


def absent(sheet: Sheet, grid: Grid, at: int, note: str) -> None:
    """A dashed frame with words in place of panel `at`: what a model does not have."""
    (x0, x1), (y0, y1) = grid.x(at), grid.y(at)
    frame = {"type": "rect", "xref": "paper", "yref": "paper", "x0": x0, "x1": x1, "y0": y0, "y1": y1}
    sheet.shape(**frame, line={"color": NEUTRAL, "width": 1, "dash": "dash"})
    sheet.text(
        text=wrap(note, column_width(grid.columns, grid.width) - 12),
        x=(x0 + x1) / 2,
        y=(y0 + y1) / 2,
        xref="paper",
        yref="paper",
        xanchor="center",
        yanchor="middle",
        size=11,
    )


def wrap(text: str, pixels: float) -> str:
    """Escaped text broken into lines of about `pixels` at 11 pixels a line."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) * 5.8 <= pixels or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return "<br>".join(escape(line) for line in lines)
