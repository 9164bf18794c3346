"""Who sees whom? The two influence matrices, one above the other, for every model on one colour scale."""

import numpy as np
import streamlit as st

from models.lens.distance import decay
from models.lens.influence import rank_correlation
from models.reading import MATRIX_LIMIT, Reading
from pages.rows.view import View, article, counted, long_table, names, number, sentence, shares
from pages.shared import nearby
from pages.shared.figure import figure_block
from viz.matrices import Panel, matrices

KINDS = ("gradient", "substitution")
SCALES = ("linear", "log")
SHORT = 5
NAMED = 4  # more networks than this are counted in a title, not named
HEIGHT = 420  # pixels that the second matrix needs on most screens
ASKS = {
    "gradient": "Who sees whom? Row: a word's last state. Column: the word that is nudged. Shares of each row.",
    "substitution": "The same, by a real change: the column's word is replaced by eight others. Shares of each row.",
}
WARNINGS = {
    "gradient": "The gradient tells of an infinitesimal nudge. A saturated unit has no gradient and may still depend "
    "on the word: compare the row below. Rows are divided by their sums, so heights do not compare between models. "
    "Influence on a state is not importance for the answer.",
    "substitution": "The change depends on which words are put in: eight, drawn evenly from the vocabulary with a "
    "fixed seed, most of them odd in this place. ρ is Spearman's, over all pairs of words where either kind is not "
    "zero. Rows are divided by their sums. Influence on a state is not importance for the answer.",
}


@st.fragment
def draw(view: View) -> None:
    """Both kinds, one below the other, with the control of their colours above; the second as the reader comes near."""
    if len(view.tokens) > MATRIX_LIMIT:
        st.info(f"Influence matrices are drawn to {MATRIX_LIMIT} tokens; this text has {len(view.tokens)}.")
        return
    scale = st.segmented_control("Colours", SCALES, default="linear", required=True, key="colours", bind="query-params")
    _block(view, "gradient", "log" if scale == "log" else "sequential")
    if nearby.near("substitution", HEIGHT):
        _block(view, "substitution", "log" if scale == "log" else "sequential")


def matrix(reading: Reading, kind: str) -> np.ndarray:
    """Raw values [T, T] of one kind."""
    found = reading.gradient if kind == "gradient" else reading.substitution
    assert found is not None
    return found.values


def _block(view: View, kind: str, scale: str) -> None:
    raw = {family: matrix(reading, kind) for family, reading in view.readings.items()}
    drawn = {family: shares(values) for family, values in raw.items()}
    top = max(0.2, float(max(np.percentile(values, 99) for values in drawn.values())))
    limits = (1e-4, 1.0) if scale == "log" else (0.0, round(min(1.0, top), 2))
    rho = correlations(view) if kind == "substitution" else {}
    asides = {family: f"ρ {value:.2f}".replace("0.", ".") for family, value in rho.items() if np.isfinite(value)}
    panels = [
        Panel(family, title, drawn.get(family), why, asides.get(family, "")) for family, title, _, why in view.titled()
    ]
    figure = matrices(
        panels,
        view.tokens,
        view.tokens,
        limits=limits,
        per_line=view.per_line,
        colour_title="share of the row",
        scale=scale,
        width=view.width,
        axes=("state of", "word"),
    )
    title = falls(raw) if kind == "gradient" else agreement(view)
    figure_block(
        f"sees_{kind}",
        title,
        figure,
        exactness(view, kind),
        lambda: table(view.first.trace.tokens, raw, rho),
        {family.replace("-", "_"): values for family, values in raw.items()},
        WARNINGS[kind],
        f"influence-{kind}",
        question=ASKS[kind],
        width=view.width if kind == "gradient" else None,
    )


def falls(raw: dict[str, np.ndarray]) -> str:
    """Whose influence stops, falls fastest, slowest, or not at all: the finding."""
    length = len(next(iter(raw.values())))
    if length < SHORT:
        return "Influence of each word on each state"
    stops = {family: last for family, values in raw.items() if (last := farthest(values)) < length - 1}
    found = {family: decay(values) for family, values in raw.items() if family not in stops}
    falling = {f: d.half_life for f, d in found.items() if d.course == "falls" and d.half_life is not None}
    parts = []
    if stops:
        parts.append(", ".join(f"{article(family)} stops at {counted(last)}" for family, last in stops.items()))
    if falling:
        fast, slow = min(falling, key=lambda f: falling[f]), max(falling, key=lambda f: falling[f])
        parts.append(f"the influence in {article(fast)} halves every {falling[fast]:.1f} words")
        if slow != fast:
            parts.append(f"in {article(slow)} every {falling[slow]:.1f}")
    for course, says in (("uneven", "no exponential fits"), ("flat", "it does not fall")):
        if those := [family for family, d in found.items() if d.course == course]:
            what = says if parts or course == "uneven" else "the influence does not fall"
            parts.append(f"in {names(those) if len(those) <= NAMED else f'{number(len(those))} networks'} {what}")
    return sentence("; ".join(parts))


def farthest(values: np.ndarray) -> int:
    """The longest distance back over which anything arrives."""
    return max((d for d in range(len(values)) if np.diagonal(values, -d).any()), default=0)


def correlations(view: View) -> dict[str, float]:
    """Spearman's rank correlation of the two kinds over all pairs of words, model by model; NaN where undefined."""
    return {f: rank_correlation(matrix(r, "gradient"), matrix(r, "substitution")) for f, r in view.readings.items()}


def table(tokens: tuple[str, ...], raw: dict[str, np.ndarray], rho: dict[str, float]) -> dict[str, list]:
    """Every cell of every model; beside a substitution, its model's rank correlation with the gradient."""
    found = long_table(tokens, raw, "influence")
    return {**found, "rank correlation": [rho[family] for family in found["model"]]} if rho else found


def agreement(view: View) -> str:
    """How alike the two kinds rank the pairs of words, model by model: the extremes."""
    known = {family: rho for family, rho in correlations(view).items() if np.isfinite(rho)}
    if not known:
        return "The text is too short to compare the two measures"
    low, high = min(known, key=lambda f: known[f]), max(known, key=lambda f: known[f])
    if known[low] >= 0.7:
        return sentence(
            f"a nudge and a real change agree: rank correlation at least {known[low]:.2f}, in {article(low)}"
        )
    if len(known) == 1:
        return sentence(f"a nudge and a real change part in {article(low)}: rank correlation {known[low]:.2f}")
    return sentence(
        f"a nudge and a real change part most in {article(low)} (rank correlation {known[low]:.2f}), "
        f"least in {article(high)} ({known[high]:.2f})"
    )


def exactness(view: View, kind: str) -> str:
    """Whether the numbers are exact, and how good an estimate is."""
    found = [r.gradient if kind == "gradient" else r.substitution for r in view.readings.values()]
    known = [influence for influence in found if influence is not None]
    if all(influence.exact for influence in known):
        return "Frobenius norm of the Jacobian, exact."
    worst = max(influence.error for influence in known)
    if kind == "gradient":
        probes = known[0].probes
        return (
            f"Norm of the Jacobian, estimated with {probes} seeded probes; standard error of the whole matrix at most "
            f"{100 * worst:.0f} %."
        )
    return (
        f"Mean over {known[0].probes} seeded words; standard error of the whole matrix at most {100 * worst:.0f} %. "
        "ρ: rank correlation with the gradient."
    )
