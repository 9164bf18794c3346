"""View "By depth": what could be seen, what is used and how far attention looks, layer by layer, in one plot."""

from dataclasses import replace

import numpy as np
import streamlit as st

from models.lens.receptive_field_measure import SHARES
from models.lens.receptive_field_network import Depth
from pages.reach import networks
from pages.reach.networks import LOOKS, TITLES, TRAINED
from pages.reach.room import room
from pages.shared import progress, shell
from pages.shared.figure import figure_block
from viz.curves import Line
from viz.field_maps import FieldPanel, Square, field_maps
from viz.lines import lines
from viz.theme import Look, look

SIDE = 28  # pixels of a picture
MEASURED = ("σ used", "attention")  # what the weights change
EVEN = SIDE / 12**0.5  # sigma of a field that is even over the whole picture
WARNING = (
    "Three measures in one unit: the side of what could be seen, the standard deviation of what is used, and the mean "
    "distance of attention. Compare their shapes over depth, not their heights. Small networks on ten test pictures, "
    "one unit in the middle; a field wider than the picture is cut at its edge, which the law does not know. The "
    "distance leaves out the class token, whose share counts as 0."
)
LAW = "Law: √(Σ S² d² (k² − 1) / 12), exact for linear layers with uniform or random weights. Thin: the same, "


def draw() -> None:
    """The plot, and the fields of the last layers as maps."""
    how = st.segmented_control("Weights", TRAINED, default=TRAINED[0], required=True, key="fdeep", bind="query-params")
    found = progress.result("depths", networks.measure, shell.chosen_device())
    if found is None:
        return
    how = how or TRAINED[0]
    _plot(found, how)
    _maps(found)


def _plot(found: dict[tuple[str, str], tuple[Depth, ...]], how: str) -> None:
    """The networks with the chosen weights; thin, what the other weights measure."""
    shown = {family: layers for (family, kind), layers in found.items() if kind == how}
    other = next(kind for kind in TRAINED if kind != how)
    series = [line for family, layers in shown.items() for line in _series(family, layers)]
    series += [
        replace(line, title=f"{line.title}, {other}", kind="thin")
        for (family, kind), layers in found.items()
        if kind == other
        for line in _series(family, layers, MEASURED)
    ]
    even = next((each.even for layers in shown.values() for each in layers if each.even is not None), None)
    baselines = [("even attention", even)] if even is not None else []
    baselines.append(("σ of an even field", EVEN))
    figure_block(
        "deep",
        finding(shown, how),
        lines(series, x_title="layer", y_title="pixels", y_range=(0.0, 32.0), baselines=baselines, height=460),
        f"{LAW}{other}.",
        lambda: table(found),
        lambda: {
            f"{family}_{kind}_{name}": values
            for (family, kind), layers in found.items()
            for name, values in arrays(layers).items()
        },
        WARNING,
        f"fields-by-depth-{how}",
        question="Do deeper layers see more?",
    )


def _series(family: str, layers: tuple[Depth, ...], wanted: tuple[str, ...] = ()) -> list[Line]:
    """Four curves of a network, or those `wanted`: dash tells the measure, colour the architecture."""
    base, found = look(LOOKS[family]), []
    depth = np.arange(1, len(layers) + 1, dtype=float)
    measures: dict[str, tuple[list[float | None], str]] = {
        "could see": ([each.could for each in layers], "dash"),
        "σ used": ([each.used.sigma for each in layers], "solid"),
        "law": ([each.law for each in layers], "dot"),
        "attention": (
            [None if each.distances is None else float(each.distances.mean()) for each in layers],
            "longdashdot",
        ),
    }
    for name, (values, dash) in measures.items():
        known = np.array([np.nan if value is None else value for value in values], dtype=float)
        kept = np.isfinite(known)
        if kept.any() and (not wanted or name in wanted):
            style = Look(base.title, base.colour, dash, base.symbol, base.outlined)
            found.append(Line(f"{family} {name}", f"{TITLES[family]}: {name}", depth[kept], known[kept], look=style))
    return found


def finding(found: dict[str, tuple[Depth, ...]], how: str) -> str:
    """What grows and what does not."""
    parts = []
    if "cnn" in found:
        first, last = (found["cnn"][at].used.sigma for at in (0, -1))
        parts.append(f"the CNN's σ goes from {first:.1f} to {last:.1f} pixels, {_against(found['cnn'])}")
    if "vit" in found:
        means = [float(each.distances.mean()) for each in found["vit"] if each.distances is not None]
        parts.append(f"the ViT looks {means[0]:.1f} pixels far in its first layer, {means[-1]:.1f} in its last")
    text = "; ".join(parts) or "No picture network is bundled"
    return f"{how.capitalize()}: {text}"


def _against(layers: tuple[Depth, ...]) -> str:
    """Measured sigmas beside the law's, where they differ most."""
    shares = [each.used.sigma / each.law - 1 for each in layers if each.law is not None]
    at, most = max(enumerate(shares), key=lambda item: abs(item[1]))
    return f"up to {abs(most):.0%} {'over' if most > 0 else 'under'} the law (layer {at + 1})"


def table(found: dict[tuple[str, str], tuple[Depth, ...]]) -> dict[str, list]:
    """A row a network, weights and layer."""
    rows = [(key, at, each) for key, layers in found.items() for at, each in enumerate(layers, 1)]
    return {
        "network": [TITLES[family] for (family, _), _, _ in rows],
        "weights": [how for (_, how), _, _ in rows],
        "layer": [at for _, at, _ in rows],
        "name": [each.name for _, _, each in rows],
        "could see": [each.could for _, _, each in rows],
        "sigma": [each.used.sigma for _, _, each in rows],
        "law": [_or_nan(each.law) for _, _, each in rows],
        **{
            f"half side with {share:.0%}": [each.used.widths[place] for _, _, each in rows]
            for place, share in enumerate(SHARES)
        },
        "attention distance": [
            _or_nan(None if each.distances is None else float(each.distances.mean())) for _, _, each in rows
        ],
    }


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def arrays(layers: tuple[Depth, ...]) -> dict[str, np.ndarray]:
    """Numbers of one network, a value a layer; distances [layers of attention, heads]."""
    found = {
        "could": np.array([each.could for each in layers]),
        "sigma": np.array([each.used.sigma for each in layers]),
        "law": np.array([_or_nan(each.law) for each in layers]),
        "widths": np.array([each.used.widths for each in layers]),
        "fields": np.stack([each.used.map for each in layers]),
    }
    looks = [each.distances for each in layers if each.distances is not None]
    return found | ({"distances": np.stack(looks)} if looks else {})


def _maps(found: dict[tuple[str, str], tuple[Depth, ...]]) -> None:
    """The field of each last layer, untrained beside trained."""
    panels = []
    for (family, how), layers in sorted(found.items(), key=lambda item: (item[0][1] == TRAINED[0], 0)):
        last = layers[-1]
        middle = (SIDE - 1) / 2
        squares = [Square("could see", (middle, middle), last.could / 2, True)] if last.could < SIDE else []
        root = np.sqrt(last.used.map)
        panels.append(FieldPanel(LOOKS[family], f"{TITLES[family]}, {how}", root / root.max(), squares))
    figure_block(
        "deep_maps",
        changed(found),
        field_maps(panels, per_line=max(1, len(panels) // 2), width=min(900, room()), colour_title="share of the peak"),
        "The root of the mean squared gradient of the last layer's middle unit, over ten test pictures.",
        lambda: {
            "network": [TITLES[family] for family, _ in found],
            "weights": [how for _, how in found],
            "layer": [layers[-1].name for layers in found.values()],
            "sigma": [layers[-1].used.sigma for layers in found.values()],
        },
        lambda: {f"{family}_{how}": layers[-1].used.map for (family, how), layers in found.items()},
        WARNING,
        "fields-untrained-trained",
        question="What does training change?",
    )


def changed(found: dict[tuple[str, str], tuple[Depth, ...]]) -> str:
    """Sigma of the last layers, before and after training."""
    parts = [
        f"{TITLES[family]} {found[family, TRAINED[1]][-1].used.sigma:.1f} → {layers[-1].used.sigma:.1f}"
        for (family, how), layers in found.items()
        if how == TRAINED[0]
    ]
    return f"σ in pixels, untrained → trained: {', '.join(parts)}"
