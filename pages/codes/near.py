"""View "Nearness": what each scheme makes of distance, beside a convolution's reach and a recurrence's decay."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from models.lens.positional import nearness, tables
from models.lens.positional.nearness import Settings
from models.lens.positional.reading import Table
from models.lens.positional.sinusoid import whole
from pages.codes import controls, measured
from pages.codes.schemes import TEXT, Scheme
from pages.codes.scored import CONTENT, STATED
from pages.shared.figure import figure_block
from viz.lines import Line, lines

POINTS = 512  # offsets of one line that are drawn
FARTHEST = 8192  # offsets that are computed
LOW, HIGH = -1.6, 0.4  # the score axis in units of sqrt(d), which is q.k / sqrt(d) of a key that equals the query
BAND = (0.1, 0.9)  # quantiles over contents or positions
WARNING = (
    "One query and the same key at every offset: what a scheme does before anything is learned. Trained projections "
    "can sharpen, turn or cancel it. A sinusoid's own projections are left out, a table is scaled to the sinusoid's "
    "length. T5's biases are "
)


def draw() -> None:
    """Controls, scores by offset, and what they mean for weights beside the other architectures."""
    settings, length = ask()
    offsets = thinned(min(length, FARTHEST))
    found = {scheme.key: relative(scheme, offsets, settings) for scheme in TEXT}
    _scores(offsets, found, settings)
    measured.draw(settings)


def ask() -> tuple[Settings, int]:
    """Length, width, base, head, and whether the key's content equals the query's."""
    with controls.row():
        try:
            wave = controls.wave()
            head, heads = controls.head()
            alike = st.segmented_control(
                "Key and query",
                CONTENT,
                default="alike",
                required=True,
                key="pcontent",
                bind="query-params",
                help="RoPE turns contents, so its effect depends on them: a key with the query's own content, or an "
                "unrelated one, over which it adds nothing on average.",
            )
        finally:
            controls.exact_toggle()
    whole("length", wave.length)
    settings = Settings(wave.width, wave.base, heads, head, alike == "alike", learned=learned(), biases=biases(heads))
    return settings, wave.length


def biases(heads: int) -> np.ndarray | None:
    """Learned biases of a causal model at hand, its heads repeated or left out to be as many: [buckets, heads]."""
    table = causal()
    return None if table is None else table.values[:, np.arange(heads) * table.values.shape[1] // heads]


def causal() -> Table | None:
    """The first model at hand with learned biases for earlier keys."""
    return next((table for table in tables.biases() if not table.both), None)


def learned() -> np.ndarray | None:
    """The largest learned table at hand."""
    return next((table.values for table in tables.codes()), None)


def thinned(length: int) -> np.ndarray:
    """Offsets 0 .. length-1, or evenly spaced ones of them."""
    return np.unique(np.round(np.linspace(0, length - 1, min(length, POINTS))).astype(np.int64))


def relative(scheme: Scheme, offsets: np.ndarray, settings: Settings) -> np.ndarray:
    """Mean, low and high quantile of the change of the score against offset 0: [3, n]; NaN where undefined."""
    raw = nearness.changes(scheme.key, offsets, settings)
    raw = raw - nearness.changes(scheme.key, [0], settings)
    found = np.full((3, len(offsets)), np.nan)
    known = np.isfinite(raw).any(axis=0)
    found[0, known] = np.nanmean(raw[:, known], axis=0)
    found[1:, known] = quantiles(raw[:, known])
    return found


def quantiles(samples: np.ndarray) -> np.ndarray:
    """BAND of each column [2, n] by nearest rank, NaN left out; np.nanquantile takes seconds for a page of columns."""
    ordered, counts = np.sort(samples, axis=0), np.isfinite(samples).sum(axis=0)  # NaN comes last
    ranks = np.round(np.outer(BAND, counts - 1)).astype(np.int64)
    return np.take_along_axis(ordered, ranks, axis=0)


def series(offsets: np.ndarray, found: dict[str, np.ndarray]) -> list[Line]:
    """A line a scheme, with a band where contents or positions differ."""
    made = []
    for scheme in TEXT:
        mean, low, high = found[scheme.key]
        wide = bool(np.nanmax(high - low, initial=0) > 1e-9)
        made.append(
            Line(
                scheme.key,
                scheme.look.title,
                offsets,
                mean,
                low if wide else None,
                high if wide else None,
                scheme.look,
            )
        )
    return made


def _scores(offsets: np.ndarray, found: dict[str, np.ndarray], settings: Settings) -> None:
    defined = [line for line in series(offsets, found) if np.isfinite(line.y).any()]
    root = settings.width**0.5
    figure_block(
        "near_scores",
        finding(offsets, found),
        lines(
            defined,
            x_title="positions back" + (f", the first {FARTHEST:,}" if offsets[-1] == FARTHEST - 1 else ""),
            y_title="score against offset 0",
            y_range=(LOW * root, HIGH * root),
            height=400,
        ),
        said(offsets, found, settings),
        lambda: {
            "positions back": offsets.tolist(),
            **{scheme.look.title: found[scheme.key][0].tolist() for scheme in TEXT},
        },
        lambda: {"offsets": offsets, **found},
        WARNING + t5_source() + ".",
        "positions-score-by-offset",
        question="Same query, same key, further back:",
    )


def t5_source() -> str:
    """Where T5's biases come from."""
    table = causal()
    if table is None:
        return STATED
    limit = f"; trained on {table.trained} places, it never met farther buckets, which are left out"
    return f"those of {table.name}, first layer, its heads spread over the chosen number" + limit * bool(table.trained)


def finding(offsets: np.ndarray, found: dict[str, np.ndarray]) -> str:
    """Which schemes lower the score of the farthest key, and by how much."""
    ends = {scheme.look.title: found[scheme.key][0, -1] for scheme in TEXT if np.isfinite(found[scheme.key][0, -1])}
    ranked = sorted(ends.items(), key=lambda item: item[1])
    told = ", ".join(f"{title} {value:+.1f}".replace("-", "−") for title, value in ranked if abs(value) >= 0.05)
    return f"a key {offsets[-1]:,} back gets {told}" if told else f"a key {offsets[-1]:,} back gets the same score"


def said(offsets: np.ndarray, found: dict[str, np.ndarray], settings: Settings) -> str:
    """What the bands are, what is undefined, what leaves the plot; exact offsets, also where drawn ones are thinned."""
    floor = LOW * settings.width**0.5
    gone, below = [], []
    for scheme in TEXT:
        title = scheme.look.title
        if np.isnan(found[scheme.key][0]).all():
            gone.append(f"{title} (none at hand)")
        elif (at := first(scheme, offsets, found, settings, np.isnan)) is not None:
            gone.append(f"{title} from {at:,} back")
        if (at := first(scheme, offsets, found, settings, lambda values: values < floor)) is not None:
            below.append(f"{title} from {at:,} back")
    parts = ["Bands: middle 80% over contents (RoPE) or positions (learned)."]
    parts += [f"Undefined: {', '.join(gone)}."] if gone else []
    parts += [f"Off the plot: {', '.join(below)}."] if below else []
    return " ".join(parts)


def first(
    scheme: Scheme,
    offsets: np.ndarray,
    found: dict[str, np.ndarray],
    settings: Settings,
    holds: Callable[[np.ndarray], np.ndarray],
) -> int | None:
    """The first offset at which `holds` is true: the first drawn one, looked up exactly between it and the one before.

    None where it holds at no drawn offset.
    """
    hits = np.flatnonzero(holds(found[scheme.key][0]))
    if not len(hits):
        return None
    at = int(hits[0])
    between = np.arange(offsets[at - 1] + 1 if at else 0, offsets[at] + 1)
    return int(between[np.flatnonzero(holds(relative(scheme, between, settings)[0]))[0]])
