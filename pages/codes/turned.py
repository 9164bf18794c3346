"""View "Rotation": RoPE's pairs as turning vectors; shift both positions and the product stays."""

import math

import numpy as np
import streamlit as st

from models.lens import positional
from models.lens.positional import nearness
from models.lens.positional.rotary import pairs
from pages.codes import controls
from pages.codes.schemes import ROPE, SINUSOIDAL
from pages.codes.scored import rotation
from pages.shared.figure import figure_block
from viz.lines import Line, lines
from viz.turning import Plane, turning

PLANES = 8  # pairs that are drawn
SHIFTS = np.arange(0, 1001, 4)
WARNING = (
    "One seeded query and key, drawn at random. That the product depends on the offset alone is exact for any query "
    "and key; how it changes with the offset is not: it falls with distance on average, not for each pair of vectors."
)


def draw() -> None:
    """Controls, the planes, and the product over a thousand shifts."""
    controls.formula(ROPE)
    with controls.row():
        try:
            width = controls.number("Width", "pturn", 2, 128, 16, 2)
            base = controls.powers("Base", "pbase", 10_000.0)
            query_at = place("Query at", "pquery", 5)
            key_at = place("Key at", "pkey", 12)
            shift = place("Shift both by", "pshift", 40, 1000)
            layout, rotated, scale = rotation(width)
        finally:
            controls.exact_toggle()
    controls.check_width(width)
    query, key = nearness.content(nearness.Settings(width, draws=1, alike=False))

    def turned(x: np.ndarray, at: float, pairing: str = layout) -> np.ndarray:
        return positional.rope(x, [at], base, pairing, rotated=rotated, scale=scale)[0]

    before = turned(query, query_at), turned(key, key_at)
    after = turned(query, query_at + shift), turned(key, key_at + shift)
    products = [float(ends[0] @ ends[1]) / math.sqrt(width) for ends in (before, after)]
    other = "half" if layout == "interleaved" else "interleaved"
    swapped = float(turned(query, query_at, other) @ turned(key, key_at, other)) / math.sqrt(width)
    angle = positional.angles([query_at, key_at], rotated, base, scale)
    drawn = np.unique(np.round(np.linspace(0, rotated // 2 - 1, min(PLANES, rotated // 2))).astype(int))
    first, second = pairs(rotated, layout)
    planes = [
        Plane(
            f"pair {at + 1}",
            f"{math.degrees(angle[1, at] - angle[0, at]):+,.1f}°".replace("-", "−"),
            (before[0][[first[at], second[at]]], after[0][[first[at], second[at]]]),
            (before[1][[first[at], second[at]]], after[1][[first[at], second[at]]]),
        )
        for at in drawn
    ]
    figure_block(
        "turned",
        f"{products[0]:.6f} before, {products[1]:.6f} after: they differ by {tiny(products[1] - products[0])}",
        turning(planes),
        sentence(rotated, len(drawn), key_at - query_at, other, swapped),
        lambda: _table(query[0], key[0], before, after),
        lambda: {"query": query[0], "key": key[0], "before": np.array(before), "after": np.array(after)},
        WARNING,
        "positions-rotation",
        question=f"Both shifted by {shift:g}, the score q·k/√d is",
    )
    _shifts(query, key, (query_at, key_at), base, layout, rotated, scale)


def tiny(value: float) -> str:
    """A rounding error as a power of ten, or nothing at all."""
    return f"{abs(value):.0e}" if value else "nothing"


def place(label: str, key: str, value: int, highest: int = 64) -> float:
    """A position: a slider, or a box for any number, negative and fractional ones included."""
    if controls.exact():
        return float(
            st.number_input(label, value=float(value), key=f"{key}_n", bind="query-params", width=controls.SLIDER)
        )
    return float(controls.number(label, key, 0, highest, value, open_ended=False))


def sentence(rotated: int, drawn: int, offset: float, other: str, swapped: float) -> str:
    """What is drawn, and what the other layout would give."""
    count = rotated // 2
    shown = f"{drawn} of {count} pairs. " if drawn < count else ""
    return (
        f"{shown}Dotted: before. Below: the angle from the offset {offset:g}. "
        f"Under the layout “{other}” the same q and k score {swapped:.3f}."
    )


def _table(query: np.ndarray, key: np.ndarray, before: tuple, after: tuple) -> dict[str, list]:
    names = ("query", "key", "query before", "key before", "query after", "key after")
    values = (query, key, *before, *after)
    return {"feature": list(range(len(query))), **{n: v.tolist() for n, v in zip(names, values, strict=True)}}


def _shifts(
    query: np.ndarray,
    key: np.ndarray,
    places: tuple[float, float],
    base: float,
    layout: str,
    rotated: int,
    scale: float,
) -> None:
    """The score over a thousand shifts: RoPE, and the same vectors with sinusoids added."""
    width = query.shape[1]
    turned = [
        positional.rope(np.repeat(x, len(SHIFTS), axis=0), at + SHIFTS, base, layout, rotated=rotated, scale=scale)
        for x, at in zip((query, key), places, strict=True)
    ]
    coded = [x + positional.sinusoidal_at(at + SHIFTS, width, base) for x, at in zip((query, key), places, strict=True)]
    scores = {
        ROPE: (turned[0] * turned[1]).sum(axis=1) / math.sqrt(width),
        SINUSOIDAL: (coded[0] * coded[1]).sum(axis=1) / math.sqrt(width),
    }
    spans = {scheme: float(np.ptp(values)) for scheme, values in scores.items()}
    figure_block(
        "turned_shifts",
        f"RoPE's score moves by {spans[ROPE]:.0e}, that of added sinusoids by {spans[SINUSOIDAL]:.1f}",
        lines(
            [Line(s.key, s.look.title, SHIFTS, values, look=s.look) for s, values in scores.items()],
            x_title="shift of both positions",
            y_title="score q·k/√d",
            height=260,
        ),
        "Added codes mix with the contents, so the score depends on where the two stand, not only on how far apart.",
        lambda: {"shift": SHIFTS.tolist(), **{s.look.title: values.tolist() for s, values in scores.items()}},
        lambda: {"shift": SHIFTS, **{s.key: values for s, values in scores.items()}},
        WARNING,
        "positions-shifts",
        question="Over 1,000 shifts",
    )
