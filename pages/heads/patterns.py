"""Heads by pattern: a sortable table with baselines, distance and entropy by layer, and attention rollout."""

import numpy as np
import streamlit as st

from models.lens.attention import PATTERNS
from pages.heads import choice as choices
from pages.heads import files, measures, rolled, room, tables
from pages.heads.choice import Choice
from pages.heads.measures import Measured
from pages.heads.subject import Subject
from pages.shared import errors, progress
from pages.shared.figure import figure_block
from viz.lines import Line, lines
from viz.theme import Look
from viz.vector import table

HEADS = Look("heads, mean and range", "#0072B2", "solid", "circle")
EVEN = Look("uniform", "#808080", "dot", "square")
SHUFFLED = Look("shuffled tokens", "#D55E00", "dash", "diamond")
SHARE = st.column_config.NumberColumn(format="percent")
WARNING = (
    "A score is the mass on named cells of one input: another text gives other scores, and a pattern is no function. "
    "Few rows give little evidence. The same-token and induction scores need repeated words."
)


def draw(subject: Subject, choice: Choice) -> None:
    """The table, three curves, rollout."""
    found = progress.result("patterns", measures.every, subject, choice.kind)
    if found is None:
        return
    numbers = choices.depths(subject.attention.of(choice.kind))
    mixed = None
    if st.toggle(
        "Beside both baselines: an even head, and the same tokens shuffled", key="shuffle", bind="query-params"
    ):
        with errors.guarded():
            mixed = progress.result("shuffled", measures.shuffled, subject, choice.kind)
    _table(subject, choice, found, mixed, numbers)
    name = st.selectbox("Pattern", list(PATTERNS), key="pattern", bind="query-params", width=220) or "previous"
    st.caption(f"{name}: {PATTERNS[name]}.")
    (left, _), (middle, _), (right, _) = room.columns((1, 1, 1))
    with left, errors.guarded():
        _curves("pattern", *by_layer(found, mixed, name), numbers, f"share on “{name}”", WARNING)
    with middle, errors.guarded():
        _curves("entropy", *entropies(found, mixed), numbers, "entropy of a row in bits", ENTROPY)
    with right, errors.guarded():
        if any(layer.distance is None for layer in found):
            raise ValueError("Queries and keys are different positions here, so they have no distance.")
        keys = subject.sides(choice.kind, measures.size(subject.attention.of(choice.kind)[0]))[1]
        _curves("distance", *distances(found, mixed), numbers, f"distance in {measures.unit(keys)[1]}", DISTANCE)
    with errors.guarded():
        rolled.draw(subject, choice)


ENTROPY = "A low entropy says that few keys are read, not that they matter. A long text has more room for entropy."
DISTANCE = (
    "A causal head that spreads evenly has a distance of a quarter of the text: compare with the uniform line, not "
    "with zero. Mass on a sink counts as distance 0."
)


def _table(
    subject: Subject,
    choice: Choice,
    found: tuple[Measured, ...],
    mixed: tuple[Measured, ...] | None,
    numbers: list[str],
) -> None:
    """All heads, one a row; click a column's head to sort. The files have both baselines of each score."""
    st.markdown(f"#### :gray[Heads by pattern.] {tables.summary(found)}")
    listed = tables.rows(subject, choice.kind, found, numbers, mixed, baselines=mixed is not None)
    columns = {name: SHARE for name in listed if name == tables.SINK or name.partition(", ")[0] in PATTERNS}
    st.dataframe(listed, hide_index=True, height=320, column_config=columns)
    base = {
        name: [tables.between([layer.patterns.baseline[at] for layer in found])] for at, name in enumerate(PATTERNS)
    }
    note = measures.sampled(subject.attention.of(choice.kind)[0])
    st.caption(f"{note} An even head under the same mask would score:".strip())
    st.dataframe({**base, "queries": [tables.counts(found)]}, hide_index=True)
    files.row(
        "by_pattern",
        f"Heads by pattern, {subject.about.title}",
        f"{tables.summary(found)}. Shares of each head's mass on the cells of a pattern.",
        WARNING,
        lambda: table(listed, "Heads by pattern"),
        lambda: tables.rows(subject, choice.kind, found, numbers, mixed, baselines=True),
        lambda: tables.arrays(found, mixed),
        "heads-by-pattern",
    )


Curves = tuple[list[np.ndarray], np.ndarray, list[np.ndarray] | None]


def by_layer(found: tuple[Measured, ...], mixed: tuple[Measured, ...] | None, name: str) -> Curves:
    """Scores of a pattern by layer, the uniform baseline, and the shuffled scores."""
    at = list(PATTERNS).index(name)
    own = [layer.patterns.scores[at] for layer in found]
    if not np.isfinite(np.concatenate(own)).any():
        raise ValueError(f"No cell of this input belongs to “{name}”.")
    even = np.array([layer.patterns.baseline[at] for layer in found])
    return own, even, [layer.patterns.scores[at] for layer in mixed] if mixed else None


def entropies(found: tuple[Measured, ...], mixed: tuple[Measured, ...] | None) -> Curves:
    even = np.array([layer.even_entropy for layer in found])
    return [layer.entropy for layer in found], even, [layer.entropy for layer in mixed] if mixed else None


def distances(found: tuple[Measured, ...], mixed: tuple[Measured, ...] | None) -> Curves:
    even = np.array([layer.even_distance for layer in found])
    return (
        [tables.distance(layer) for layer in found],
        even,
        [tables.distance(layer) for layer in mixed] if mixed else None,
    )


def _curves(
    key: str,
    own: list[np.ndarray],
    even: np.ndarray,
    mixed: list[np.ndarray] | None,
    numbers: list[str],
    what: str,
    warning: str,
) -> None:
    """Mean and range over heads by layer, with the uniform baseline drawn."""
    x = np.array([float(number) for number in numbers])
    mean, low, high = (np.array([pick(layer) for layer in own]) for pick in (np.mean, np.min, np.max))
    series = [Line("heads", "heads", x, mean, low, high, HEADS), Line("even", "uniform", x, even, look=EVEN)]
    if mixed is not None:
        series.append(Line("shuffled", "shuffled", x, np.array([layer.mean() for layer in mixed]), look=SHUFFLED))
    at = int(np.argmax(mean))
    figure_block(
        f"by_layer_{key}",
        f"{what[:1].upper()}{what[1:]}: {mean.min():.3g} to {mean.max():.3g}, most in layer {numbers[at]}",
        lines(series, x_title="layer", y_title=what, height=280).update_xaxes(tickvals=x[:: 1 + len(x) // 12].tolist()),
        "Line: mean over heads; band: from the lowest head to the highest.",
        lambda: curve_table(own, even, mixed, numbers, what),
        {"heads": tables.padded(own), "uniform": even, **({"shuffled": tables.padded(mixed)} if mixed else {})},
        warning,
        f"heads-{key}-by-layer",
    )


def curve_table(
    own: list[np.ndarray], even: np.ndarray, mixed: list[np.ndarray] | None, numbers: list[str], what: str
) -> dict[str, list]:
    """Every head's number beside the baselines."""
    cells = [(place, head) for place, layer in enumerate(own) for head in range(len(layer))]
    shuffled = {} if mixed is None else {"shuffled": [float(mixed[place][head]) for place, head in cells]}
    return {
        "layer": [int(numbers[place]) for place, _ in cells],
        "head": [head + 1 for _, head in cells],
        what: [float(own[place][head]) for place, head in cells],
        "uniform": [float(even[place]) for place, _ in cells],
        **shuffled,
    }
