"""View "Beyond": what each scheme does at twice to eight times the length that it was trained on."""

import numpy as np
import streamlit as st

from models.lens.positional.nearness import Settings
from models.lens.positional.sinusoid import whole
from pages.codes import controls, near
from pages.codes.longer_rows import (
    RAISED,
    ROWS,
    SCALED,
    STATED_T5,
    TIMES,
    Row,
    new_angles,
    of_length,
    row,
    saturation,
    told,
)
from pages.codes.schemes import ALIBI, LEARNED, ROPE, SINUSOIDAL
from pages.codes.scored import STATED
from pages.shared.figure import figure_block
from viz.lines import Line, lines

LONGEST = 2048
WARNING = (
    "Computed from the schemes alone, with equal contents at every place: no network was run here. Whether a trained "
    "network carries over is a matter of training; the view “Trained” measures it. The learned table, a larger "
    "one, is taken to end at the trained length. Interpolation divides positions by the factor f of the length; the "
    "raised base is base·f^(d/(d−2)) (Peng et al. 2023, NTK-aware). Both act on a model that was trained without "
    f"them. T5's biases are {STATED}."
)


def draw() -> None:
    """Controls, keys read by length, scores by offset, and a table in words."""
    settings, trained = ask()
    found = [row(scheme, trained, times, settings) for scheme in ROWS for times in TIMES]
    _keys(found, trained)
    _scores(settings, trained)
    st.markdown("#### At twice and at eight times the length")
    st.table(told(found, settings, trained), hide_index=True)


def ask() -> tuple[Settings, int]:
    """The trained length, width, base, head."""
    with controls.row():
        try:
            trained = whole("trained length", controls.number("Trained length", "ptrain", 4, 512, 32, 4))
            width = controls.number("Width", "pwidth", 2, 512, 64, 2)
            base = controls.powers("Base", "pbase", 10_000.0)
            head, heads = controls.head()
        finally:
            controls.exact_toggle()
    controls.check_width(width)
    if trained > LONGEST:
        raise ValueError(f"This view computes trained lengths up to {LONGEST:,}; got {trained:,}.")
    return Settings(width, base, heads, head, learned=near.learned(), draws=16), trained


def _keys(found: list[Row], trained: int) -> None:
    """How many keys the last query reads, by length."""
    lengths = np.array([trained * times for times in TIMES])
    series = []
    for scheme in ROWS:
        values = np.array([each.keys for each in found if each.scheme is scheme])
        if np.isfinite(values).any():
            series.append(Line(scheme.title, scheme.look.title, lengths, values, look=scheme.look))
    figure_block(
        "longer_keys",
        finding(found),
        lines(
            series,
            x_title="length of the text, positions",
            y_title="keys read",
            log_y=True,
            y_range=(1.0, 2.0 * lengths[-1]),
            height=360,
        ),
        "Keys read: e to the entropy of the last query's weights, contents equal. "
        f"The learned table has no row from position {trained:,} on.",
        lambda: _table(found),
        lambda: {
            "length": lengths,
            **{s.look.title: np.array([e.keys for e in found if e.scheme is s]) for s in ROWS},
        },
        WARNING,
        "positions-keys-read",
        question="How many keys does a query read?",
    )


def finding(found: list[Row]) -> str:
    """Growth of the number of keys read from the trained length to eight times it."""
    parts = []
    for scheme in (ALIBI, ROPE, STATED_T5, SINUSOIDAL):
        keys = [each.keys for each in found if each.scheme is scheme]
        parts.append(f"{scheme.look.title} {keys[0]:.0f} → {keys[-1]:.0f}")
    return "; ".join(parts)


def _table(found: list[Row]) -> dict[str, list]:
    return {
        "scheme": [each.scheme.title for each in found],
        "length": [each.length for each in found],
        "keys read": [each.keys for each in found],
        "weight beyond the trained length": [each.beyond for each in found],
        "pairs at new angles": [each.angles for each in found],
    }


def _scores(settings: Settings, trained: int) -> None:
    """The score by offset to eight times the length; the trained stretch is shaded."""
    offsets = near.thinned(trained * TIMES[-1])
    found = {scheme: near.relative(scheme, offsets, of_length(scheme, settings, TIMES[-1])) for scheme in ROWS}
    found[LEARNED][:, offsets >= trained] = np.nan
    series = [
        Line(scheme.title, scheme.look.title, offsets, values[0], look=scheme.look)
        for scheme, values in found.items()
        if np.isfinite(values[0]).any()
    ]
    root = settings.width**0.5
    new = {scheme: new_angles(scheme, trained, TIMES[-1], settings) for scheme in (ROPE, SCALED, RAISED)}
    figure_block(
        "longer_scores",
        f"{new[ROPE]:.0%} of RoPE's pairs meet angles that training had not; interpolated {new[SCALED]:.0%}, "
        f"with a raised base {new[RAISED]:.0%}",
        lines(
            series,
            x_title="positions back",
            y_title="score against offset 0",
            y_range=(near.LOW * root, near.HIGH * root),
            band=(0, trained, f"trained: {trained}"),
            height=380,
        ),
        saturation(trained * TIMES[-1]),
        lambda: {
            "positions back": offsets.tolist(),
            **{scheme.look.title: values[0].tolist() for scheme, values in found.items()},
        },
        lambda: {"offsets": offsets, **{scheme.look.title: values[0] for scheme, values in found.items()}},
        WARNING,
        "positions-score-beyond",
        question="Scores beyond the trained length.",
    )
