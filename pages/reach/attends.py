"""View "Attention": how far heads look, where one patch looks, and what moves when the picture changes."""

import numpy as np
import streamlit as st

from models.lens.receptive_field_network import Depth
from pages.reach import looking, networks
from pages.reach.looking import Looks
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
BESIDE_LINE = 0.06  # layers by which untrained heads are drawn beside trained ones
WARNING = (
    "Attention says where values are taken from, not what they do to the answer. Even attention has the distance of "
    "the dotted line: a head on it looks everywhere, not far. What the class token takes counts as distance 0."
)
MOVES = (
    "Nine pairs of test pictures of different classes. Attention's weights and a gradient are different measures: the "
    "figure says that both depend on the picture, not which depends on it more in what the network answers. Averages "
    "over layers, heads and patches hide those that differ. The CNN's possible support is the same for every picture."
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
        shown = st.selectbox("Picture", named, key="fpic", bind="query-params", width=140)
        other = st.selectbox("Beside", named, 3, key="fpic2", bind="query-params", width=140)
        row = st.number_input("Patch row", 1, PATCHES, 4, key="frow", bind="query-params", width=100)
        column = st.number_input("column", 1, PATCHES, 4, key="fcol", bind="query-params", width=100)
        layer = st.number_input("Layer", 1, 4, 1, key="flay", bind="query-params", width=100)
    chosen = next(each for each in offered if TITLES[each] == family)
    pair = (named.index(shown or named[0]), named.index(other or named[3]))
    patch, device = (int(row) - 1, int(column) - 1), shell.chosen_device()
    found = progress.result("looks", looking.look_at, networks.names()[chosen], how or TRAINED[0], pair, patch, device)
    if found is not None:
        with errors.guarded():
            _region(chosen, found, pair, patch, int(layer) - 1)
    left, right = st.columns(2, gap="medium") if room() >= BESIDE else (st.container(), st.container())
    with left, errors.guarded():
        layers = progress.result("depths", networks.measure, device)
        if layers is not None:
            _distances(chosen, layers)
    with right, errors.guarded():
        pairs = progress.result("moved", networks.compare, device)
        if pairs is not None:
            _moves(pairs)


def _region(family: str, found: Looks, pair: tuple[int, int], patch: tuple[int, int], layer: int) -> None:
    """A line a picture: the picture, where each head of the layer looks from the patch, and the CNN's field there."""
    if layer >= len(found.moved):
        raise ValueError(
            f"The {TITLES[family]} has {len(found.moved)} layers of attention; layer {layer + 1} was asked for."
        )
    rows, untrained = found.attention[:, layer], effective_places(found.untrained[layer])
    places = effective_places(rows)
    heads = range(1, rows.shape[1] + 1)
    moved = f"With the other picture, layer {layer + 1} moves by {found.moved[layer].mean():.0%} from this patch"
    figure_block(
        "attended",
        moved + (f", the CNN's influence by {found.cnn.moved:.0%}" if found.cnn else ""),
        field_maps(_panels(family, found, pair, patch, layer), per_line=6 if room() >= BESIDE else 3, width=room()),
        f"Framed: patch, and all the CNN could see. Maps divided by their peaks. Heads spread over "
        f"{places.min():.0f}–{places.max():.0f} of 50 places, untrained {untrained.min():.0f}–{untrained.max():.0f}, "
        f"even 50.",
        lambda: {
            "picture": [number for number in (1, 2) for _ in heads],
            "head": [*heads, *heads],
            "effective places": places.ravel().tolist(),
            "untrained, picture 1": [*untrained.tolist(), *[float("nan")] * len(heads)],
            "class token": rows[:, :, 0].ravel().tolist(),
            "peak": rows[:, :, 1:].max(axis=2).ravel().tolist(),
            "moved between the pictures": [*found.moved[layer].tolist()] * 2,
        },
        lambda: {
            "weights": rows,
            "untrained": found.untrained[layer],
            "pictures": np.stack([networks.picture(at) for at in pair]),
            "moved": found.moved[layer],
            **({"cnn_influence": found.cnn.fields, "cnn_moved": np.array(found.cnn.moved)} if found.cnn else {}),
        },
        WARNING,
        "attended-region",
        question="Where does it look?",
    )


def _panels(family: str, found: Looks, pair: tuple[int, int], patch: tuple[int, int], layer: int) -> list[FieldPanel]:
    """Picture, heads and the CNN, for one picture and then for the other."""
    square = Square("", (PATCH * patch[0] + (PATCH - 1) / 2, PATCH * patch[1] + (PATCH - 1) / 2), PATCH / 2, True)
    panels = []
    for which, (at, rows) in enumerate(zip(pair, found.attention[:, layer], strict=True)):
        shown = networks.picture(at)
        panels.append(FieldPanel("", f"{networks.labels()[at // 3]} {at % 3 + 1}", shown / shown.max(), [square]))
        for head, weights in enumerate(rows, 1):
            shares = weights[1:].reshape(PATCHES, PATCHES)
            large = np.kron(shares / shares.max(), np.ones((PATCH, PATCH), dtype=np.float32))
            panels.append(FieldPanel(LOOKS[family], f"head {head}, peak {shares.max():.2f}", large, [square]))
        if found.cnn:
            field = found.cnn.fields[which]
            support = Square("", found.cnn.centre, found.cnn.side / 2, True)
            panels.append(FieldPanel("cnn", "CNN's influence", field / field.max(), [support]))
    return panels


def effective_places(weights: np.ndarray) -> np.ndarray:
    """2 to the entropy in bits of each row [..., T]: T for even weights, 1 for a single place."""
    bits = -(weights * np.log2(np.maximum(weights, 1e-12))).sum(axis=-1)
    return np.asarray(np.exp2(bits))


def _distances(family: str, found: dict[tuple[str, str], tuple[Depth, ...]]) -> None:
    """Every head of every layer and their means, trained and untrained, with the even baseline."""
    series, heads = [], {}
    base = look(LOOKS[family])
    for how, style in ((TRAINED[0], base), (TRAINED[1], Look("untrained", "#6B7280", "dash", "square"))):
        heads[how] = np.stack([each.distances for each in found[family, how] if each.distances is not None])
        x = np.arange(1, len(heads[how]) + 1, dtype=float)
        marks = Look(style.title, style.colour, symbol=f"{style.symbol}-open")
        series.append(Line(how, f"{how}, mean", x, heads[how].mean(axis=1), look=style))
        series += [
            Line(how, f"{how}, head {head}", x + BESIDE_LINE * (how == TRAINED[1]), values, look=marks, kind="marks")
            for head, values in enumerate(heads[how].T, 1)
        ]
    even = next(each.even for each in found[family, TRAINED[0]] if each.even is not None)
    now = heads[TRAINED[0]].mean(axis=1)
    rows = [(how, *place) for how in TRAINED for place in np.ndindex(heads[how].shape)]
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
        "Open marks: one head each, mean over ten test pictures. Line: mean over the heads.",
        lambda: {
            "weights": [how for how, _, _ in rows],
            "layer": [layer + 1 for _, layer, _ in rows],
            "head": [head + 1 for _, _, head in rows],
            "distance": [float(heads[how][layer, head]) for how, layer, head in rows],
        },
        lambda: {how: heads[how] for how in TRAINED} | {"even": np.array(even)},
        WARNING,
        f"attention-distance-{family}",
        question="How far do heads look?",
    )


def _moves(pairs: dict[tuple[str, str], Moved]) -> None:
    """Total variation between pictures: attention's weights and every network's measured field."""
    rows, arrays = [], {}
    for (family, how), each in pairs.items():
        title = TITLES[family] if how == TRAINED[0] else f"{TITLES[family]}, untrained"
        if each.attention is not None:
            arrays[f"{family}_{how}_attention"] = each.attention
            marks = each.attention.mean(axis=0)
            rows.append(Dots(LOOKS[family], f"{title}: attention", float(marks.mean()), marks))
        arrays[f"{family}_{how}_influence"] = each.field
        rows.append(Dots(LOOKS[family], f"{title}: influence", float(each.field.mean()), each.field))
    rows.append(Dots("", "an even map", 0.0))
    most = max((row for row in rows if "untrained" not in row.title), key=lambda row: row.centre)
    figure_block(
        "moves",
        f"With another picture the {most.title.replace(': ', '’s ')} moves most: {most.centre:.0%}",
        dots(rows, x_title="total variation between two pictures", x_range=(0.0, 1.0)),
        "Attention: mean over layers, heads, patches; influence: the last layer's middle unit. 0: equal maps, 1: "
        "nothing in common. Dots: pairs; diamond: mean.",
        lambda: {"what": [row.title for row in rows], "total variation": [row.centre for row in rows]},
        lambda: arrays,
        MOVES,
        "what-moves",
        question="What depends on the picture?",
    )
