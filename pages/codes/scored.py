"""Schemes that act on scores: RoPE's angles, ALiBi's slopes, T5's buckets."""

import numpy as np
import streamlit as st

from models.lens import positional
from models.lens.positional import nearness
from models.lens.positional.reading import Table
from models.lens.positional.rotary import LAYOUTS, pairs
from models.lens.positional.sinusoid import whole
from pages.codes import controls, learnt
from pages.codes.schemes import ALIBI, ROPE, T5
from pages.codes.shown import Shown, symmetric, window, windowed

CONTENT = ("alike", "unrelated")
DIRECTIONS = ("both directions", "backwards only")
EXAMPLE = "example, not learned"
STATED = "an example, not learned: b = −(h/H) ln(1 + s), s the smallest distance of the bucket"


def rope(words: tuple[str, ...]) -> Shown:
    """Wave, layout, part that turns, interpolation; drawn is the cosine of each feature's angle."""
    asked = controls.wave()
    cursor = controls.cursor(whole("length", asked.length))
    layout, rotated, scale = rotation(asked.width)
    places = window(asked.length, cursor)
    waves = np.full(asked.width, np.nan)
    values = np.ones((len(places), asked.width))
    angle = positional.angles(places, rotated, asked.base, scale)
    for feature in pairs(rotated, layout):
        values[:, feature] = np.cos(angle)
        waves[feature] = positional.wavelengths(rotated, asked.base) * scale
    seen = int((waves[pairs(rotated, layout)[0]] <= asked.length).sum())
    query, key = nearness.content(nearness.Settings(asked.width, draws=1, alike=False))

    def turned(vector: np.ndarray) -> np.ndarray:
        return positional.rope(
            np.repeat(vector, len(places), axis=0), places, asked.base, layout, rotated=rotated, scale=scale
        )

    def scores(measure: str) -> np.ndarray:
        """Scores of one query and one unrelated key at all pairs of positions, really rotated."""
        size = np.linalg.norm(query) * np.linalg.norm(key) if measure == "cosine" else asked.width**0.5
        return turned(query) @ turned(key).T / size

    still = asked.width - rotated
    return Shown(
        ROPE,
        values,
        places,
        controls.names(words, places),
        [str(at) for at in range(asked.width)],
        f"{seen} of {rotated // 2} pairs turn once within {asked.length:,} positions"
        + (f"; {still} features stand still" if still else ""),
        "cosine of the angle",
        (-1.0, 1.0),
        note=windowed(asked.length, places),
        waves=waves,
        length=asked.length,
        cursor=cursor,
        pairwise=scores,
    )


def rotation(width: int) -> tuple[str, int, float]:
    """Layout, number of features that turn, position interpolation."""
    layout = st.segmented_control(
        "Pairs are",
        LAYOUTS,
        default="interleaved",
        required=True,
        key="playout",
        bind="query-params",
        help="Interleaved: features 2i and 2i+1 (the paper). Half: i and i + d/2 (Llama's code). The same weights "
        "give other scores under the other layout.",
    )
    part = st.segmented_control(
        "Share that turns",
        ("25%", "50%", "100%"),
        default="100%",
        required=True,
        key="ppart",
        bind="query-params",
        help="Partial rotation: the other features carry no position (GPT-NeoX turns 25 %, GPT-J 64 features).",
    )
    scale = st.segmented_control(
        "Interpolation",
        ("1", "2", "4", "8"),
        default="1",
        required=True,
        key="pscale",
        bind="query-params",
        help="Position interpolation (Chen et al. 2023): positions are divided by this number, so that a longer text "
        "meets no angle that training had not.",
    )
    share = int((part or "100%").rstrip("%"))
    return layout or "interleaved", max(2, width * share // 200 * 2) if share < 100 else width, float(scale or 1)


def alibi(words: tuple[str, ...]) -> Shown:
    """Length, heads, head; drawn is the bias of each query and key."""
    length = controls.positions()
    head, heads = controls.head()
    cursor = controls.cursor(whole("length", length))
    places = window(length, cursor)
    relative = places[None] - places[:, None]
    slope = float(positional.alibi_slopes(heads)[head])
    values = np.where(relative <= 0, slope * relative, np.nan)
    return Shown(
        ALIBI,
        values,
        places,
        controls.names(words, places),
        controls.names(words, places),
        f"Head {head + 1} of {heads} takes {slope:.3g} off the score for each position back",
        "bias",
        (min(-1e-9, -slope * (len(places) - 1)), 0.0),
        axes=("query", "key"),
        scale="sequential",
        note=f"{windowed(length, places)} Hatched: later keys, which the causal mask hides.".strip(),
        length=length,
        cursor=cursor,
        pairwise=lambda measure: values,
    )


def t5(words: tuple[str, ...]) -> Shown:
    """Length, source of the biases and their direction, head; drawn is the bias of each query and key."""
    length = controls.positions()
    table = learnt.table("biases", "Biases", "pbias", (EXAMPLE,))
    both = direction() if table is None else table.both
    head, heads = controls.head() if table is None else controls.head_of(table)
    biases = positional.t5_example(heads, both) if table is None else table.values
    cursor = controls.cursor(whole("length", length))
    places = window(length, cursor)
    relative = places[None] - places[:, None]
    values = positional.t5(biases, relative, both)[head]
    if not both:
        values = np.where(relative <= 0, values, np.nan)
    single, last = widths(both)
    known = values[np.isfinite(values)]
    limits = (float(known.min()), 0.0) if known.min() < 0 and known.max() <= 0 else symmetric(values)
    sides = "" if both else " Hatched: later keys, which the causal mask hides."
    source = f"Biases: {STATED}." if table is None else f"Biases: {table.name}, first layer.{unmet(table)}"
    return Shown(
        T5,
        values,
        places,
        controls.names(words, places),
        controls.names(words, places),
        f"Distances to {single} have a bias each; from {last} on all share one",
        "bias",
        limits,
        axes=("query", "key"),
        scale="sequential" if limits[1] == 0 else "diverging",
        note=f"{source} {windowed(length, places)}{sides}".strip(),
        length=length,
        cursor=cursor,
        pairwise=lambda measure: values,
    )


def unmet(table: Table) -> str:
    """How many buckets training never met, where that is known; they are undefined."""
    count = int(np.isnan(table.values).all(axis=1).sum())
    return (
        f" Hatched too: {count} of {len(table.values)} buckets, which rows of at most {table.trained} places never met."
        " Unlike T5 itself, each layer has biases of its own, and scores are divided by √d."
        if count
        else ""
    )


def direction() -> bool:
    """Whether keys on both sides are read."""
    chosen = st.segmented_control(
        "Keys", DIRECTIONS, default=DIRECTIONS[0], required=True, key="pdir", bind="query-params"
    )
    return chosen != DIRECTIONS[1]


def widths(both: bool) -> tuple[int, int]:
    """The farthest distance with a bucket of its own, and the first of the last bucket."""
    buckets = positional.t5_bucket(-np.arange(130), both)
    return int((np.diff(buckets) == 0).argmax()) - 1, int((buckets == buckets.max()).argmax())
