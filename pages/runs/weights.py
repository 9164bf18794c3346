"""Where do the weights go? Their histogram over the steps."""

import numpy as np
import streamlit as st

from models.live.record import BINS, REACH, Recording, Track
from pages.runs import words
from pages.shared.figure import figure_block
from viz.over_steps import Strip, over_steps
from viz.table import Table

ALL = "all layers"
LIMITS = (1e-3, 0.3)
SHOWN = 50  # bins on screen; neighbours of the recorded ones are joined
CENTRES = (np.arange(BINS) + 0.5) / BINS * 2 * REACH - REACH
WARNING = (
    "Weights of different layers and networks play different parts, so that a wider histogram is not a better or worse "
    "network. Layers with many weights outweigh the others in the view of all layers."
)


def draw(recording: Recording) -> None:
    """The figure block of the weights of the chosen layer."""
    common = [group for group in recording.tracks[0].groups if all(group in t.groups for t in recording.tracks)]
    layer = st.selectbox("Weights of", [ALL, *common], key="tlayer", bind="query-params", width=200)
    counts = [_counts(track, str(layer)) for track in recording.tracks]
    span = _span(counts)
    strips = [_strip(track, found, span) for track, found in zip(recording.tracks, counts, strict=True)]
    figure = over_steps(
        strips,
        limits=LIMITS,
        scale="log",
        colour_title="share of weights",
        y_title="weight",
        last=recording.setup.steps,
        upright=True,
    )
    figure_block(
        "weights",
        f"Spread of the weights ({layer}), first and last: {_spreads(recording, counts)}",
        figure,
        _beyond(recording, counts),
        lambda: table(strips),
        lambda: {f"{t.name}_histogram": found for t, found in zip(recording.tracks, counts, strict=True)},
        WARNING,
        f"training-weights-{recording.setup.data}",
        question="Where do the weights go?",
    )


def _counts(track: Track, layer: str) -> np.ndarray:
    """How many weights lie in each bin, [n, BINS]."""
    if layer == ALL or layer not in track.groups:
        return track.histogram.sum(axis=1)
    return track.histogram[:, track.groups.index(layer)]


def _span(counts: list[np.ndarray]) -> int:
    """Bins on either side of zero that hold every weight but one in a thousand, at any moment of any network."""
    half = BINS // 2
    for reach in range(4, half):
        inside = [found[:, half - reach : half + reach].sum(axis=1) >= 0.999 * found.sum(axis=1) for found in counts]
        if all(part.all() for part in inside):
            return reach
    return half


def _strip(track: Track, counts: np.ndarray, reach: int) -> Strip:
    """Shares of the weights, bins joined to about `SHOWN`."""
    join, half = max(1, 2 * reach // SHOWN), BINS // 2
    reach -= reach % join
    kept = counts[:, half - reach : half + reach].reshape(len(counts), -1, join).sum(axis=2)
    centres = CENTRES[half - reach : half + reach].reshape(-1, join).mean(axis=1)
    return Strip(track.name, track.steps, kept / np.maximum(1, counts.sum(axis=1, keepdims=True)), centres, track.ended)


def _spreads(recording: Recording, counts: list[np.ndarray]) -> str:
    """Root mean square of the weights, from the bins' centres."""
    said = []
    for track, found in zip(recording.tracks, counts, strict=True):
        size = np.sqrt((found * CENTRES**2).sum(axis=1) / np.maximum(1, found.sum(axis=1)))
        said.append(f"{words.name(track)} {size[0]:.2f}, {size[-1]:.2f}")
    return "; ".join(said)


def _beyond(recording: Recording, counts: list[np.ndarray]) -> str:
    """What the outermost bins hold, and weights that are no numbers."""
    last = [found[-1] for found in counts]
    outside = max((row[0] + row[-1]) / max(1, row.sum()) for row in last)
    pairs = zip(recording.tracks, counts, strict=True)
    lost = [words.name(track) for track, found in pairs if found[-1].sum() < found[0].sum()]
    said = (
        f"Recorded in bins of {2 * REACH / BINS:g}; weights beyond ±{REACH:g} are counted in the outermost: "
        f"{outside:.1%} at most, at the end."
    )
    return said + (f" {words.listed(lost)}: some weights are not numbers, in no bin." if lost else "")


def table(strips: list[Strip]) -> Table:
    """One row a network, moment and bin."""
    columns: dict[str, list] = {"network": [], "step": [], "weight": [], "share": []}
    for strip in strips:
        for at, step in enumerate(strip.steps):
            for row, value in zip(strip.rows, strip.values[at], strict=True):
                for column, item in zip(
                    columns.values(), (strip.key, int(step), float(row), float(value)), strict=True
                ):
                    column.append(item)
    return columns
