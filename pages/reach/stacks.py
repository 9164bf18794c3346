"""Networks as lists of layers: published ones, loaded ones, and lists of the reader's in a table or an address."""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import pandas as pd
import streamlit as st

from models.cards import cards
from models.lens.receptive_field_layer import Layer
from models.lens.receptive_field_nets import NETS, misaligned
from models.lens.receptive_field_region import MOST
from models.lens.receptive_field_theory import Graph, along, route
from models.photo_card import photo_card
from pages.reach import networks
from pages.seen.work import photographs
from pages.shared import loading
from viz.labels import shorten

Rows = tuple[tuple[str, Layer], ...]  # names and layers, lowest first

FIRST = "VGG-16"
NAME = "layer"
COLUMNS = ("kernel", "stride", "padding", "dilation", "after")
MISALIGNED = "Misaligned branches"
WHY = "A unit there has no field: its branches look at different places. Give them one stride and equal padding."
PACKAGED = "EfficientNet-Lite0, loaded"
LARGEST = 4096  # pixels of an input, and positions of a kernel, stride, padding or dilation
HELP = {
    "kernel": "Positions that one unit reads, along one axis.",
    "stride": "Positions from what one unit reads to what the next reads.",
    "padding": "Zeros put before the first position.",
    "dilation": "Positions from one tap of the kernel to the next.",
    "after": "Zeros put behind the last position; empty: as many as before.",
}


@cache
def graph(name: str) -> Graph:
    """A published network, or the convolutions of a loaded one, read from its modules."""
    if name == MISALIGNED:
        return misaligned()
    if name in NETS:
        return NETS[name]()
    from models.lens.receptive_field_read import graph_of

    model = photographs("cpu") if name == PACKAGED else loading.model(bundled()[name], "cpu")
    return graph_of(model.network)


def bundled() -> dict[str, str]:
    """Title -> card's name of the bundled picture networks that have convolutions."""
    found = {f"{networks.TITLES[family]}, bundled": name for family, name in networks.names().items()}
    digits = {card.family: card.name for card in cards("digits") if not card.training_set}
    return found | {f"{networks.TITLES[each]}, digits": digits[each] for each in networks.FAMILIES if each in digits}


def loaded() -> list[str]:
    """The networks that are read from their modules, EfficientNet where it is installed."""
    try:
        photo_card()
    except ValueError:
        return list(bundled())
    return [*bundled(), PACKAGED]


@lru_cache(maxsize=64)
def layers(name: str, size: int) -> Rows:
    """The widest path of a network on an input of `size`."""
    try:
        return tuple((node.replace("/unit", "."), layer) for node, layer in route(graph(name), 0, size).items())
    except ValueError as error:
        raise ValueError(f"{name}: {error}. {WHY if 'misaligned' in str(error) else ''}".strip()) from error


def encode(rows: Sequence[Layer]) -> str:
    """Layers as a piece of an address."""
    values = [(row.kernel, row.stride, row.padding, row.dilation, row.after) for row in rows]
    return "-".join(".".join(str(value) for value in line if value is not None) for line in values)


def decode(text: str) -> list[Layer]:
    """The layers of an address; ValueError names the row that cannot be one."""
    rows = text.split("-")
    if len(rows) > MOST:
        raise ValueError(f"A list of 1 to {MOST} layers can be drawn; this one has {len(rows)}.")
    return [_layer(at, row.split(".")) for at, row in enumerate(rows)]


def _layer(at: int, values: Sequence[Any]) -> Layer:
    """One row; empty cells have their usual values."""
    if not 4 <= len(values) <= 5:
        raise ValueError(f"Layer {at + 1} needs kernel, stride, padding and dilation; got {_said(values)}.")
    try:
        numbers = [None if pd.isna(value) else int(value) for value in (*values, None)[:5]]
    except ValueError as error:
        raise ValueError(f"Layer {at + 1} must have whole numbers; got {_said(values)}.") from error
    for column, number in zip(COLUMNS, numbers, strict=True):
        if number is not None and number > LARGEST:
            got = shorten(f"{number:,}", 24)
            raise ValueError(f"Layer {at + 1}: {column} must be at most {LARGEST:,}, got {got}.")
    kernel, stride, padding, dilation, after = numbers
    if kernel is None:
        raise ValueError(f"Layer {at + 1} has no kernel. Type its size, or delete the row.")
    try:
        return Layer(kernel, 1 if stride is None else stride, padding or 0, 1 if dilation is None else dilation, after)
    except ValueError as error:
        raise ValueError(f"Layer {at + 1}: {error}.") from error


def _said(values: Sequence[Any]) -> str:
    return shorten(".".join(map(str, values)), 40)


def frame(rows: Rows) -> pd.DataFrame:
    """The table that is edited: names, and whole numbers that may be missing."""
    lines = [(row.kernel, row.stride, row.padding, row.dilation, row.after) for _, row in rows]
    table = pd.DataFrame(lines, columns=list(COLUMNS)).astype("Int64")
    table.insert(0, NAME, [name for name, _ in rows])
    return table


def read(table: pd.DataFrame) -> Rows:
    """The layers of the edited table; a row without a name is called by its place."""
    lines = table.to_numpy(dtype=object, na_value=None).tolist()
    if len(lines) > MOST or not lines:
        raise ValueError(f"A list of 1 to {MOST} layers can be drawn; this one has {len(lines)}.")
    return tuple((line[0] or f"layer {at + 1}", _layer(at, line[1:])) for at, line in enumerate(lines))


def named(found: Sequence[Layer], path: Rows) -> Rows:
    """Layers of an address with the names of those that the network has at the same place."""
    kept = [name if at < len(found) and found[at] == layer else "" for at, (name, layer) in enumerate(path)]
    return tuple((kept[at] if at < len(kept) and kept[at] else f"layer {at + 1}", row) for at, row in enumerate(found))


def choose() -> tuple[str, int]:
    """Network and side of the input."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Network", [*NETS, *loaded(), MISALIGNED], key="fnet", bind="query-params", width=220)
        size = st.number_input("Pixels a side", 1, LARGEST, 224, key="fside", bind="query-params", width=130)
    return chosen or FIRST, int(size)


def about(name: str, size: int) -> str:
    """What the chosen network is, and whether its table is the whole of it."""
    net, path = graph(name), [layer for _, layer in layers(name, size)]
    joins = sum(len(node.inputs) > 1 for node in net.values())
    count = sum(node.layer is not None for node in net.values())
    branches = (
        f"{name} has {count} layers and {joins} joins; all its paths are aligned, and the table holds a widest one."
        if joins
        else f"{name} is a chain of {count} layers."
    )
    field = along(path, 0, size)
    above = " Attention above them sees the whole picture." if name in loaded() and "CNN" not in name else ""
    return f"{branches} Field: {field.size} pixels.{above}"
