"""The head view: each query's strongest lines to its keys, for the chosen head and others of its layer."""

from dataclasses import replace

import numpy as np
import streamlit as st

from pages.heads import files, heat
from pages.heads.choice import Choice, Shown, beside, name
from pages.heads.subject import Subject
from pages.shared.head_view import head_view
from viz.head_view import strongest
from viz.head_view_drawing import drawing
from viz.table import Table

TOPS = ("1", "2", "4", "8", "16")
MOST = 4  # heads beside the chosen one


def draw(subject: Subject, choice: Choice, show: Shown) -> None:
    """Controls and lines."""
    st.markdown("#### :gray[Lines.] Each query to the keys that it reads most")
    layer = subject.attention.of(choice.kind)[choice.place]
    others = [str(head + 1) for head in range(layer.heads) if head != choice.head]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        top = st.segmented_control("Lines a query", TOPS, default="4", required=True, key="top", bind="query-params")
        more = st.multiselect(
            "Heads beside it", others, key="beside", bind="query-params", max_selections=MOST, width=320
        )
    shows = {f"head {choice.head + 1}": show}
    for other in more:
        shows[f"head {other}"] = heat.drawn(subject, replace(choice, head=int(other) - 1))
    columns, maps = aligned(shows)
    lines = int(top or "4")
    head_view(show.rows, columns, maps, "lines", top=lines, names=show.names, pieces=show.pieces)
    files.row(
        "lines_files",
        f"{', '.join(maps)} of {name(subject, choice).partition(', ')[0]}, {subject.about.title}",
        f"Each query's {lines} strongest lines; “rest” is the mass of its row that they leave out. {show.note}".strip(),
        heat.WARNING,
        lambda: drawing(show.rows, columns, maps, lines, show.names, show.pieces),
        lambda: listed(replace(show, columns=columns), maps, lines),
        lambda: {label.replace(" ", "_"): weights for label, weights in maps.items()},
        "attention-lines",
    )


def aligned(shows: dict[str, Shown]) -> tuple[tuple[str, ...], dict[str, np.ndarray]]:
    """Columns, and each head's map on them: the keys, then what any of the heads has beside them, 0 where it has none.

    A learned sink may take next to nothing in one head of a layer and much in another.
    """
    first, *others = shows.values()
    for other in others:
        first = beside(first, other)
    return first.columns, {label: beside(show, first).weights for label, show in shows.items()}


def listed(show: Shown, maps: dict[str, np.ndarray], top: int) -> Table:
    """Every line that is drawn, head by head, query by query."""
    found: dict[str, list] = {title: [] for title in ("head", "query", "query place", "key", "key place", "weight")}
    for label, weights in maps.items():
        links = strongest(weights, top)
        for query, place in zip(*np.nonzero(links.weights), strict=True):
            key = int(links.keys[query, place])
            line = (
                label,
                show.rows[query],
                int(query) + 1,
                show.columns[key],
                key + 1,
                float(links.weights[query, place]),
            )
            for title, value in zip(found, line, strict=True):
                found[title].append(value)
    return found
