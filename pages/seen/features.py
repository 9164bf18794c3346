"""Feature maps layer by layer: the most active channels, drawn at their true size beside the picture."""

from itertools import pairwise

import numpy as np
import streamlit as st

from pages.seen import work
from pages.seen.asked import SIDE, Asked, file_name, title
from pages.shared import progress
from pages.shared.figure import figure_block
from viz.pictures import Strip, Tile, gallery

NONE = "Feature maps need convolutions: choose the convolution or the hybrid."
SHOWN, MOST = 6, 8  # channels of a layer, layers
RANKS = ("1st", "2nd", "3rd", "4th", "5th", "6th")


def draw(asked: Asked, width: int) -> None:
    """One row a layer; a layer's grid is as large as its share of the picture."""
    names = asked.names(work.CONVOLVING)
    if not names:
        raise ValueError(NONE)
    titles = {title(name): name for name in names}
    chosen = st.segmented_control(
        "Network", titles, default=next(iter(titles)), required=True, key="of", bind="query-params"
    )
    name = titles.get(chosen or "", names[0])
    layers = progress.result("pictures_features", work.features, asked, name)
    if layers is None:
        return
    layers = steps(layers) if len(layers) > MOST else layers
    side = max(SIDE, *(values.shape[1] for values in layers.values()))
    figure_block(
        "pictures_features",
        finding(layers),
        gallery(
            [("", rank) for rank in RANKS],
            [_row(layer, values, side) for layer, values in layers.items()],
            width=width,
            most=104,
        ),
        sentence(layers),
        lambda: table(layers),
        {layer.replace(" ", "_"): values for layer, values in layers.items()},
        "The six channels with the greatest mean are shown, the greatest first, of up to a hundred and more; a bright "
        "channel is active, not important. What a channel stands for is not written anywhere; a name that a reader "
        "gives it is a guess.",
        f"feature-maps-{file_name(name)}",
        question="What do the layers make of it?",
    )


def _row(layer: str, values: np.ndarray, side: int) -> Strip:
    """The most active channels in a frame of the picture's width, so that pooling is seen to shrink them."""
    order = most_active(values)
    top = float(values[order].max()) or 1.0
    tiles = [Tile(framed(values[channel], side), caption=f"no. {channel + 1}") for channel in order]
    shape = "×".join(map(str, values.shape))
    return Strip(f"{layer}, {shape}", tiles, (0.0, top), unit="activation")


def most_active(values: np.ndarray) -> list[int]:
    """The channels with the greatest mean, greatest first."""
    return [int(channel) for channel in np.argsort(-values.mean(axis=(1, 2)), kind="stable")[:SHOWN]]


def steps(layers: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The layers of a deep network at which the grid shrinks, and the last."""
    found = dict([next(iter(layers.items()))])
    for before, (name, values) in pairwise(layers.items()):
        if values.shape[1] < before[1].shape[1]:
            found[name] = values
    last = list(layers)[-1]
    return {**found, last: layers[last]}


def framed(grid: np.ndarray, side: int = SIDE) -> np.ndarray:
    """The grid at the left of a frame as wide as the picture, one cell a place; the rest is undefined."""
    frame = np.full((grid.shape[0], side), np.nan, np.float32)
    frame[: grid.shape[0], : grid.shape[1]] = grid
    return frame


def finding(layers: dict[str, np.ndarray]) -> str:
    """How places shrink and channels grow."""
    first, last = next(iter(layers.values())), list(layers.values())[-1]
    return (
        f"From {first.shape[1]} × {first.shape[2]} places to {last.shape[1]} × {last.shape[2]}, "
        f"from {first.shape[0]} channels to {last.shape[0]}"
    )


def sentence(layers: dict[str, np.ndarray]) -> str:
    """Where the grid halves, and how sparse the last layer is."""
    sizes = [(layer, values.shape[1]) for layer, values in layers.items()]
    halved = [layer for (_, before), (layer, now) in pairwise(sizes) if now < before]
    last_name, last = list(layers.items())[-1]
    where = f"The grid halves at {' and at '.join(halved)}. " if halved else ""
    return (
        f"{where}All maps are drawn at one scale: one cell, one place. In {last_name}, "
        f"{(last.max(axis=(1, 2)) <= 0).mean():.0%} of the channels are silent on this picture."
    )


def table(layers: dict[str, np.ndarray]) -> dict[str, list]:
    """One row a layer."""
    return {
        "layer": list(layers),
        "channels": [values.shape[0] for values in layers.values()],
        "side": [values.shape[1] for values in layers.values()],
        "numbers": [values.size for values in layers.values()],
        "share above zero": [float((values > 0).mean()) for values in layers.values()],
        "mean": [float(values.mean()) for values in layers.values()],
    }
