"""View "Attention's field": how far heads look, where one patch looks, and what moves when the picture changes."""

import numpy as np
import streamlit as st

from models.lens.receptive_field_network import Depth
from pages.reach import networks
from pages.reach.networks import LOOKS, TITLES, TRAINED, Moved
from pages.reach.room import BESIDE, room
from pages.shared import errors, progress, shell
from pages.shared.figure import figure_block
from viz.curves import Line
from viz.dots import Dots, dots
from viz.field_maps import FieldPanel, Square, field_maps
from viz.lines import lines
from viz.theme import Look, look

SIDE, PATCHES = 28, 7
PATCH = SIDE // PATCHES
WARNING = (
    "Attention says where values are taken from, not what they do to the answer. Even attention has the distance of "
    "the dotted line: a head on it looks everywhere, not far. What the class token takes counts as distance 0."
)
MOVES = (
    "Nine pairs of test pictures of different classes. Attention's weights and a gradient are different measures: the "
    "figure says that both depend on the picture, not which depends on it more in what the network answers. The CNN's "
    "possible support is the same for every picture; its influence inside is not."
)


def draw() -> None:
    """Network, picture, patch and layer; three figures."""
    offered = [family for family in networks.names() if family != "cnn"]
    if not offered:
        raise ValueError("No picture network with attention is bundled here.")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        family = st.segmented_control(
            "Network", [TITLES[each] for each in offered], default=TITLES[offered[0]], required=True,
            key="fattn", bind="query-params",
        )  # fmt: skip
        how = st.segmented_control(
            "Weights", TRAINED, default=TRAINED[0], required=True, key="fhow", bind="query-params"
        )
        named = [f"{label} {number}" for label in networks.labels() for number in (1, 2, 3)]
        shown = st.selectbox("Picture", named, key="fpic", bind="query-params", width=150)
        row = st.number_input("Patch row", 1, PATCHES, 4, key="frow", bind="query-params", width=110)
        column = st.number_input("column", 1, PATCHES, 4, key="fcol", bind="query-params", width=110)
        layer = st.number_input("Layer", 1, 4, 1, key="flay", bind="query-params", width=110)
    chosen = next(each for each in offered if TITLES[each] == family)
    at, device = named.index(shown or named[0]), shell.chosen_device()
    maps = progress.result("looks", networks.look_at, networks.names()[chosen], how or TRAINED[0], at, device)
    if maps is not None:
        with errors.guarded():
            _region(chosen, maps, at, (int(row) - 1, int(column) - 1), int(layer) - 1)
    left, right = st.columns(2, gap="medium") if room() >= BESIDE else (st.container(), st.container())
    with left, errors.guarded():
        found = progress.result("depths", networks.measure, device)
        if found is not None:
            _distances(chosen, found)
    with right, errors.guarded():
        pairs = progress.result("moved", networks.compare, device)
        if pairs is not None:
            _moves(pairs)


def _region(family: str, maps: np.ndarray, at: int, patch: tuple[int, int], layer: int) -> None:
    """The picture, and where each head of the layer looks from the patch."""
    if layer >= len(maps):
        raise ValueError(f"The {TITLES[family]} has {len(maps)} layers of attention; layer {layer + 1} was asked for.")
    query = 1 + patch[0] * PATCHES + patch[1]
    rows = maps[layer, :, query]
    middle = (PATCH * patch[0] + (PATCH - 1) / 2, PATCH * patch[1] + (PATCH - 1) / 2)
    square = Square("", middle, PATCH / 2, True)
    picture = networks.picture(at)
    panels = [FieldPanel("", "picture", picture / picture.max(), [square])]
    for head, weights in enumerate(rows):
        shares = weights[1:].reshape(PATCHES, PATCHES)
        large = np.kron(shares / shares.max(), np.ones((PATCH, PATCH), dtype=np.float32))
        panels.append(FieldPanel(LOOKS[family], f"head {head + 1}, peak {shares.max():.2f}", large, [square]))
    spread = np.exp2(-(rows * np.log2(np.maximum(rows, 1e-12))).sum(axis=1))
    figure_block(
        "attended",
        f"From this patch, layer {layer + 1} spreads over {spread.min():.0f} to {spread.max():.0f} of 50 places",
        field_maps(panels, per_line=5 if room() >= BESIDE else 3, width=room()),
        f"Framed: the patch. Each head divided by its own peak; even attention would give every place {1 / 50:.2f}. "
        f"The class token takes {rows[:, 0].min():.2f} to {rows[:, 0].max():.2f}.",
        lambda: {
            "head": [head + 1 for head in range(len(rows))],
            "effective places": spread.tolist(),
            "class token": rows[:, 0].tolist(),
            "peak": rows[:, 1:].max(axis=1).tolist(),
        },
        lambda: {"weights": rows, "picture": picture},
        WARNING,
        "attended-region",
        question="Where does it look?",
    )


def _distances(family: str, found: dict[tuple[str, str], tuple[Depth, ...]]) -> None:
    """Mean and range over heads by layer, trained and untrained, with the even baseline."""
    series, means = [], {}
    base = look(LOOKS[family])
    for how, style in ((TRAINED[0], base), (TRAINED[1], Look("untrained", "#6B7280", "dash", "square"))):
        heads = np.stack([each.distances for each in found[family, how] if each.distances is not None])
        means[how] = heads.mean(axis=1)
        x = np.arange(1, len(heads) + 1, dtype=float)
        series.append(Line(how, how, x, means[how], heads.min(axis=1), heads.max(axis=1), style))
    even = next(each.even for each in found[family, TRAINED[0]] if each.even is not None)
    now = means[TRAINED[0]]
    figure_block(
        "attention_distance",
        f"Mean distance {now[0]:.1f} pixels in the first layer, {now[-1]:.1f} in the last; even attention {even:.1f}",
        lines(
            series,
            x_title="layer of attention",
            y_title="distance, pixels",
            y_range=(0.0, 20.0),
            baselines=[("even attention", even)],
            height=340,
        ),
        "Line: mean over heads, ten test pictures; band: from the nearest head to the farthest.",
        lambda: {
            "weights": [how for how in TRAINED for _ in means[how]],
            "layer": [at + 1 for how in TRAINED for at in range(len(means[how]))],
            "mean distance": [float(value) for how in TRAINED for value in means[how]],
        },
        lambda: {how: means[how] for how in TRAINED} | {"even": np.array(even)},
        WARNING,
        f"attention-distance-{family}",
        question="How far do heads look?",
    )


def _moves(pairs: dict[str, Moved]) -> None:
    """Total variation between pictures: attention's weights and every network's measured field."""
    rows = []
    for family, each in pairs.items():
        if each.attention is not None:
            marks = each.attention.mean(axis=0)
            rows.append(Dots(LOOKS[family], f"{TITLES[family]}: attention", float(marks.mean()), marks))
        marks = each.field
        rows.append(Dots(LOOKS[family], f"{TITLES[family]}: influence", float(marks.mean()), marks))
    most = max(rows, key=lambda row: row.centre)
    figure_block(
        "moves",
        f"With another picture the {most.title.replace(': ', '’s ')} moves most: {most.centre:.0%}",
        dots(rows, x_title="total variation between two pictures", x_range=(0.0, 1.0)),
        "0: the same map for both pictures, 1: nothing in common. Dots: pairs; diamond: their mean.",
        lambda: {"what": [row.title for row in rows], "total variation": [row.centre for row in rows]},
        lambda: {row.title.replace(": ", "_"): np.asarray(row.marks) for row in rows if row.marks is not None},
        MOVES,
        "what-moves",
        question="What depends on the picture?",
    )
