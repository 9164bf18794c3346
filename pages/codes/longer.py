"""View "Beyond": what each scheme does at twice to eight times the length that it was trained on."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from models.lens import positional
from models.lens.positional import nearness
from models.lens.positional.nearness import Settings
from models.lens.positional.sinusoid import whole
from pages.codes import controls, near
from pages.codes.schemes import ALIBI, LEARNED, NONE, ROPE, SINUSOIDAL, T5, Scheme
from pages.shared.figure import figure_block
from viz.lines import Line, lines
from viz.theme import Look

TIMES = (1, 2, 4, 8)
LONGEST = 2048
SCALED = Scheme(
    "rope",
    "RoPE, interpolated",
    "",
    "",
    "",
    "",
    Look("RoPE, interpolated", "#7A5CC9", "dash", "diamond-open"),
)
ROWS = (NONE, SINUSOIDAL, LEARNED, ROPE, SCALED, ALIBI, T5)
WARNING = (
    "Computed from the schemes alone, with equal contents at every place: no network was run here. Whether a trained "
    "network carries over is a matter of training; the view “Trained” measures it. The learned table, a larger "
    "one, is taken to end at the trained length. T5's biases are "
)


@dataclass(frozen=True)
class Row:
    """One scheme at one length: keys read, weight beyond the trained length (NaN: undefined), share of new angles."""

    scheme: Scheme
    length: int
    keys: float
    beyond: float
    angles: float


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
    return Settings(width, base, heads, head, learned=near.learned(), biases=near.biases(heads), draws=16), trained


def row(scheme: Scheme, trained: int, times: int, settings: Settings) -> Row:
    """One cell: `RoPE, interpolated` divides positions by the factor of the length, a table ends where training did."""
    length, own = trained * times, settings
    if scheme is SCALED:
        own = replace(settings, scale=float(times))
    if scheme is LEARNED and times > 1:
        own = replace(settings, learned=None)
    shares = nearness.weights(scheme.key, length, own)
    turns = scheme.key in ("rope", "sinusoidal")
    angles = nearness.new_angles(own.width, own.base, trained, length, own.scale) if turns else float("nan")
    if np.isnan(shares).any():
        return Row(scheme, length, float("nan"), float("nan"), angles)
    return Row(scheme, length, nearness.keys_read(shares), nearness.beyond(shares, trained), angles)


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
        "Keys read: e to the entropy of the last query's weights, all contents equal. “none” reads all evenly. "
        f"The learned table has no row from position {trained:,} on.",
        lambda: _table(found),
        lambda: {
            "length": lengths,
            **{s.look.title: np.array([e.keys for e in found if e.scheme is s]) for s in ROWS},
        },
        WARNING + near.t5_source() + ".",
        "positions-keys-read",
        question="How many keys does a query read?",
    )


def finding(found: list[Row]) -> str:
    """Growth of the number of keys read from the trained length to eight times it."""
    parts = []
    for scheme in (ALIBI, ROPE, T5, SINUSOIDAL):
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
    found = {scheme: near.relative(scheme, offsets, _own(scheme, settings)) for scheme in ROWS}
    found[LEARNED][:, offsets >= trained] = np.nan
    series = [
        Line(scheme.title, scheme.look.title, offsets, values[0], look=scheme.look)
        for scheme, values in found.items()
        if np.isfinite(values[0]).any()
    ]
    root = settings.width**0.5
    new = nearness.new_angles(settings.width, settings.base, trained, trained * TIMES[-1])
    figure_block(
        "longer_scores",
        f"{new:.0%} of RoPE's pairs meet angles that training had not; interpolated none",
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
        WARNING + near.t5_source() + ".",
        "positions-score-beyond",
        question="Scores beyond the trained length.",
    )


def _own(scheme: Scheme, settings: Settings) -> Settings:
    return replace(settings, scale=float(TIMES[-1])) if scheme is SCALED else settings


def saturation(length: int) -> str:
    """How many distances T5 cannot tell apart."""
    buckets = positional.t5_bucket(-np.arange(length), bidirectional=False)
    last = int((buckets == buckets.max()).argmax())
    if buckets.max() < 31:
        return f"T5 uses {buckets.max() + 1} of its 32 buckets at {length:,} positions."
    return f"T5 gives one bias to all {length - last:,} distances from {last} to {length - 1:,}."


def told(found: list[Row], settings: Settings, trained: int) -> dict[str, list[str]]:
    """A line a scheme: what happens at 2x and at 8x, measured."""
    table: dict[str, list[str]] = {"scheme": [scheme.title for scheme in ROWS]}
    for times in (2, 8):
        cells = [each for scheme in ROWS for each in found if each.scheme is scheme and each.length == trained * times]
        table[f"{times} × {trained} = {trained * times:,}"] = [_words(each, settings, trained) for each in cells]
    return table


def _words(each: Row, settings: Settings, trained: int) -> str:
    """One cell of the table."""
    if np.isnan(each.keys):
        return "undefined: the table has no such row"
    parts = [f"{each.beyond:.0%} of the weight beyond {trained}", f"{each.keys:.0f} keys read"]
    if each.scheme is SCALED:
        parts.append(f"neighbours {each.length // trained} times closer")
    elif np.isfinite(each.angles):
        parts.append(f"{each.angles:.0%} of pairs at new angles")
    if each.scheme is ALIBI:
        farthest = -positional.alibi_slopes(settings.heads)[settings.head] * (each.length - 1)
        parts.append(f"{farthest:.1f} on the farthest key".replace("-", "−"))
    if each.scheme is T5:
        parts.append(f"{len(set(positional.t5_bucket(-np.arange(each.length), False).tolist()))} of 32 buckets in use")
    return ", ".join(parts)
