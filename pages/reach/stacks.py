"""The layer list that the reader edits: a published network's, changed in a table or in the address."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import pandas as pd
import streamlit as st

from models.lens.receptive_field_layer import Layer
from models.lens.receptive_field_nets import NETS, chain, misaligned
from models.lens.receptive_field_region import MOST
from models.lens.receptive_field_theory import Graph, along, widest
from pages.reach import networks
from pages.shared import loading

FIRST = "VGG-16"
COLUMNS = ("kernel", "stride", "padding", "dilation", "after")
MISALIGNED = "Misaligned branches"
WHY = "A unit there has no field: its branches look at different places. Give them one stride and equal padding."
KEY = "flist"  # in the address: the edited list, "3.1.1.1-2.2.0.1": kernel, stride, padding, dilation (padding after)
LARGEST = 4096  # pixels of an input
WIDTHS = dict(zip(COLUMNS, (68, 66, 80, 80, 66), strict=True))  # pixels
HELP = {
    "kernel": "Positions that one unit reads, along one axis.",
    "stride": "Positions from what one unit reads to what the next reads.",
    "padding": "Zeros put before the first position.",
    "dilation": "Positions from one tap of the kernel to the next.",
    "after": "Zeros put behind the last position; empty: as many as before.",
}


@cache
def graph(name: str) -> Graph:
    """A published network, or the convolutions of a bundled one, read from the loaded model."""
    if name == MISALIGNED:
        return misaligned()
    if name in NETS:
        return NETS[name]()
    from models.lens.receptive_field_network import layers_of

    model = loading.model(networks.names()[bundled()[name]], "cpu")
    return chain(**layers_of(model.network))


def bundled() -> dict[str, str]:
    """Title -> architecture of the bundled picture networks that have convolutions."""
    return {f"{networks.TITLES[family]}, bundled": family for family in networks.names()}


@cache
def layers(name: str, size: int) -> tuple[tuple[str, ...], tuple[Layer, ...]]:
    """Names and layers of the widest path of a network on an input of `size`."""
    try:
        path = tuple(widest(graph(name), 0, size))
    except ValueError as error:
        raise ValueError(f"{name}: {error}. {WHY if 'misaligned' in str(error) else ''}".strip()) from error
    return tuple(names(graph(name), len(path))), path


def names(net: Graph, count: int) -> list[str]:
    """Node names where the network is a chain, else numbers: a path through branches has no names of its own."""
    chained = [name for name, node in net.items() if node.layer is not None]
    return chained if len(chained) == count == len(net) else [f"layer {at + 1}" for at in range(count)]


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
        raise ValueError(
            f"Layer {at + 1} needs kernel, stride, padding and dilation; got {'.'.join(map(str, values))}."
        )
    try:
        kernel, stride, padding, dilation, after = [
            None if pd.isna(value) else int(value) for value in (*values, None)[:5]
        ]
    except ValueError as error:
        raise ValueError(f"Layer {at + 1} must have whole numbers; got {'.'.join(map(str, values))}.") from error
    if kernel is None:
        raise ValueError(f"Layer {at + 1} has no kernel. Type its size, or delete the row.")
    try:
        return Layer(kernel, 1 if stride is None else stride, padding or 0, 1 if dilation is None else dilation, after)
    except ValueError as error:
        raise ValueError(f"Layer {at + 1}: {error}.") from error


def frame(rows: Sequence[Layer]) -> pd.DataFrame:
    """Layers as the table that is edited; whole numbers that may be missing."""
    lines = [(row.kernel, row.stride, row.padding, row.dilation, row.after) for row in rows]
    return pd.DataFrame(lines, columns=list(COLUMNS)).astype("Int64")


def choose() -> tuple[str, int]:
    """Network and side of the input."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Network", [*NETS, *bundled(), MISALIGNED], key="fnet", bind="query-params", width=220)
        size = st.number_input("Pixels a side", 1, LARGEST, 224, key="fside", bind="query-params", width=130)
    return chosen or FIRST, int(size)


def edit(name: str, size: int) -> tuple[tuple[str, ...], list[Layer]]:
    """The table, and the layers that it says; the edited list is kept in the address."""
    titles, path = layers(name, size)
    start = _start(name, path)
    table = st.data_editor(
        frame(start),
        key=f"flayers-{name}-{size}",
        num_rows="dynamic",
        hide_index=True,
        height=300,
        column_config={
            column: st.column_config.NumberColumn(help=HELP[column], step=1, width=WIDTHS[column]) for column in COLUMNS
        },
    )
    lines = table.to_numpy(dtype=object, na_value=None).tolist()
    if len(lines) > MOST or not lines:
        raise ValueError(f"A list of 1 to {MOST} layers can be drawn; this one has {len(lines)}.")
    found = [_layer(at, line) for at, line in enumerate(lines)]
    changed = tuple(found) != path
    if changed:
        st.query_params[KEY] = encode(found)
    elif KEY in st.query_params:
        del st.query_params[KEY]
    return (tuple(f"layer {at + 1}" for at in range(len(found))) if changed else titles), found


def _start(name: str, path: tuple[Layer, ...]) -> Sequence[Layer]:
    """What the table opens with: the list of the address that opened the page, for the network it names."""
    first = st.session_state.setdefault("_flist", (name, st.query_params.get(KEY)))
    if first[0] != name or not first[1]:
        return path
    return decode(first[1])


def about(name: str, size: int) -> str:
    """What the chosen network is, and whether its table is the whole of it."""
    net, path = graph(name), layers(name, size)[1]
    joins = sum(len(node.inputs) > 1 for node in net.values())
    count = sum(node.layer is not None for node in net.values())
    branches = (
        f"{name} has {count} layers and {joins} joins; all its paths are aligned, and the table holds a widest one."
        if joins
        else f"{name} is a chain of {count} layers."
    )
    field = along(path, 0, size)
    above = "" if bundled().get(name, "cnn") == "cnn" else " Attention above them sees the whole picture."
    return f"{branches} Field: {field.size} pixels.{above}"
