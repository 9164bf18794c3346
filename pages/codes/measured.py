"""Nearness beyond attention: the weights that follow from each scheme, beside measured influence of other networks."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from models.lens.distance import decay
from models.lens.positional import nearness
from models.lens.positional.nearness import Settings
from pages.codes import controls
from pages.codes.schemes import TEXT
from pages.shared import loading, progress, shell
from pages.shared.figure import figure_block
from viz.lines import Line, lines
from viz.theme import look

NETWORKS = ("cnn", "rnn", "lstm")
TASK = "agreement"  # trained on it, all three read from left to right
KINDS = ("substitution", "gradient")
WEIGHTS = ("untrained", "trained")  # as built, and as training leaves it
RANGE = (1e-6, 1.0)
MOST = 128  # words
WARNING = (
    "A weight of attention and an influence on a state are different quantities; both are shares of a total, and say "
    "what a place counts for by its distance. Attention's lines assume equal contents, the networks' are measured "
    "on this sentence. A trained recurrence may keep a fact that its gradient no longer shows: compare both kinds."
)


def draw(settings: Settings) -> None:
    """The sentence, the kind of influence, and one figure."""
    with controls.row():
        kind = st.segmented_control(
            "Influence by", KINDS, default=KINDS[0], required=True, key="pkind", bind="query-params"
        )
        weights = st.segmented_control(
            "Networks", WEIGHTS, default=WEIGHTS[0], required=True, key="pweights", bind="query-params"
        )
    words = controls.sentence()
    if not 3 <= len(words) <= MOST:
        raise ValueError(f"Nearness is measured on 3 to {MOST} words; this sentence has {len(words)}.")
    text = str(st.session_state[controls.TEXT])
    found = progress.result("nearness", influence, text, kind or KINDS[0], weights == "trained", shell.chosen_device())
    if found is not None:
        _figure(settings, found, str(kind), str(weights))


def influence(
    report: Callable[[float, str], None], text: str, kind: str, trained: bool, device: str
) -> dict[str, dict[str, Any]]:
    """By network: its influence matrix [T, T], how many words it does not know, and its reach back (None: all)."""
    from models.lens import influence as lens
    from models.lens.receptive_field import reach_by_depth
    from models.sources import untrained

    found: dict[str, dict[str, Any]] = {}
    for at, network in enumerate(NETWORKS):
        report(at / len(NETWORKS), f"Measuring the {look(network).title}.")
        name = f"{TASK}-{network}"
        model = loading.model(name, device) if trained else untrained(name, device)
        known = model.encode(text).known
        found[network] = {
            "matrix": lens.matrix(model, text, kind).values,
            "unknown": sum(not each for each in known),
            "reach": reach_by_depth(model.network)[-1][0],
        }
    return found


def _figure(settings: Settings, found: dict[str, dict[str, Any]], kind: str, weights: str) -> None:
    """All lines on one logarithmic axis."""
    length = len(next(iter(found.values()))["matrix"])
    shares = {scheme.key: nearness.weights(scheme.key, length, settings).mean(axis=0) for scheme in TEXT}
    fallen = {network: decay(facts["matrix"]) for network, facts in found.items()}
    back = np.arange(length)
    series = [
        Line(
            scheme.key, f"{scheme.look.title} ½: {half(shares[scheme.key])}", back, shares[scheme.key], look=scheme.look
        )
        for scheme in TEXT
        if np.isfinite(shares[scheme.key]).all()
    ]
    for network, measured in fallen.items():
        title = f"{look(network).title} ½: {half(measured.influence)}"
        series.append(Line(network, title, back, measured.influence))
    columns = {**shares, **{network: one.influence for network, one in fallen.items()}}
    unknown = next(iter(found.values()))["unknown"]
    left_out = [scheme.look.title for scheme in TEXT if not np.isfinite(shares[scheme.key]).all()]
    figure_block(
        "near_share",
        finding(found, fallen, weights),
        lines(
            series,
            x_title="words back",
            y_title="share of the weight or influence",
            log_y=True,
            y_range=RANGE,
            height=420,
        ),
        f"½: the distance within which half lies. Influence by {kind}, {weights} networks, {length} tokens"
        + (f", {unknown} of them unknown to the networks." if unknown else ".")
        + (f" Undefined at this length: {', '.join(left_out)}." if left_out else ""),
        lambda: {"words back": back.tolist(), **{name: values.tolist() for name, values in columns.items()}},
        lambda: columns,
        WARNING,
        f"positions-nearness-{kind}-{weights}",
        question="Each architecture's idea of nearness.",
    )


def half(shares: np.ndarray) -> int:
    """The smallest distance within which half of the total lies."""
    total = np.cumsum(shares)
    return int(np.searchsorted(total, total[-1] / 2))


def finding(found: dict[str, dict[str, Any]], fallen: dict[str, Any], weights: str) -> str:
    """Where the convolution ends, and how the recurrences fall."""
    reach = found["cnn"]["reach"]
    parts = [f"The convolution sees {reach} words back and no further"]
    for network in NETWORKS[1:]:
        life = fallen[network].half_life
        falls = "does not fall with distance" if life is None else f"halves every {life:.1f} words"
        parts.append(f"the {weights} {look(network).title} {falls}")
    return "; ".join(parts)
