"""Influence against distance, all models in one plot, with the distance over which each halves."""

import numpy as np
import streamlit as st

from models.lens.distance import FITS, Decay, decay
from models.reading import MATRIX_LIMIT
from pages.rows.sees import KINDS, falls, farthest, matrix
from pages.rows.view import View
from pages.shared.figure import figure_block
from viz.curves import Line
from viz.lines import lines
from viz.theme import look

RANGE = (1e-8, 1.0)
TOO_FEW = {"unfitted": "too short"}


def draw(view: View) -> None:
    """One plot a kind of influence, on one fixed logarithmic axis."""
    if not 2 < len(view.tokens) <= MATRIX_LIMIT:
        st.info(f"Influence by distance is drawn for 3 to {MATRIX_LIMIT} tokens; this text has {len(view.tokens)}.")
        return
    for kind in KINDS:
        raw = {f: matrix(r, kind) for f, r in view.readings.items() if r.gradient is not None}
        _block(view, kind, raw)


def _block(view: View, kind: str, raw: dict[str, np.ndarray]) -> None:
    found = {family: decay(values) for family, values in raw.items()}
    series = [Line(f, f"{look(f).title} {half(raw[f])}", d.distance, d.influence) for f, d in found.items()]
    figure = lines(
        series,
        x_title="words back",
        y_title="mean influence, share of the total",
        log_y=True,
        y_range=RANGE,
        height=420,
    )
    figure_block(
        f"distance_{kind}",
        falls(raw),
        figure,
        f"By {kind}. ½: half-life in words, fitted beyond distance 0. Flat: it does not fall. Uneven: no exponential "
        f"fits (r² below {FITS:g}).",
        lambda: _table(found),
        {family.replace("-", "_"): d.influence for family, d in found.items()},
        "One text, one mean for each distance: long distances rest on few pairs. A half-life describes an exponential; "
        "where r² is below one half, none is named. Influence on a state is not memory of a fact: an accuracy that "
        "stays flat with distance can go with an influence that falls.",
        f"influence-by-distance-{kind}",
        question=f"How does influence fall with distance? ({kind})",
    )


def half(values: np.ndarray) -> str:
    """What the line's end says: where it stops, its half-life, or why there is none."""
    if (last := farthest(values)) < len(values) - 1:
        return f"stops: {last}"
    found = decay(values)
    return f"½: {found.half_life:.1f}" if found.course == "falls" else TOO_FEW.get(found.course, found.course)


def _table(found: dict[str, Decay]) -> dict[str, list]:
    rows = [
        (f, int(d.distance[i]), float(d.influence[i]), d.half_life, d.r2) for f, d in found.items() for i in d.distance
    ]
    columns = ("model", "words back", "mean influence", "half-life", "r2")
    return {name: [row[i] for row in rows] for i, name in enumerate(columns)}
