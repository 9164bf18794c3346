"""What the page's board shows: a header a model and rows of short answers, in the columns of the figures."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from viz.grid import GAP, LEFT, RIGHT, columns_for

FOLDER = Path(__file__).parent / "component"


@dataclass(frozen=True)
class Column:
    """One model's header: its colour, its name and lines of facts ("0.47 M parameters", "76 ± 3 % test")."""

    key: str
    title: str
    colour: str
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Cell:
    """One answer: a text; with `bar` a bar of length `value` (0 to 1) above it; or (name, number) pairs below it."""

    text: str = ""
    value: float | None = None
    bar: bool = False
    pairs: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Row:
    """One question with one answer a model, and the sentence computed from them."""

    question: str
    cells: Sequence[Cell]
    hint: str = ""
    reading: str = ""


def payload(
    columns: Sequence[Column],
    rows: Sequence[Row],
    per_line: int,
    width: int,
    header: bool = True,
    label: str = "Models",
) -> dict:
    """What the component draws, as plain values; `width` is the page width that it reported last."""
    for row in rows:
        if len(row.cells) != len(columns):
            raise ValueError(f"{row.question}: wanted {len(columns)} cells; got {len(row.cells)}")
        for cell in row.cells:
            if cell.bar and cell.value is not None and not 0 <= cell.value <= 1:
                raise ValueError(f"{row.question}: wanted a bar from 0 to 1; got {cell.value:g}")
    return {
        "columns": [asdict(column) for column in columns],
        "rows": [asdict(row) for row in rows],
        "perLine": columns_for(len(columns), per_line),
        "layout": {"left": LEFT, "right": RIGHT, "gap": GAP},
        "width": width,
        "header": header,
        "label": label,
    }


def asset(kind: str, *names: str) -> str:
    """The styles ("css") or scripts ("js") of the components `names`, one after the other, from their local files."""
    return "".join((FOLDER / name / f"{name}.{kind}").read_text(encoding="utf-8") for name in names)
