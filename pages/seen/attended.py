"""Attention of the class token or of any patch, layer by layer, and rollout through all layers."""

from typing import Any

import numpy as np
import streamlit as st

from models.trace import Axis, Trace
from pages.seen import rolled, work
from pages.seen.asked import Asked, file_name, title
from pages.seen.rolled import MARKS, Pair, mark_count
from pages.shared import progress
from pages.shared.figure import figure_block
from viz.pictures import Strip, Tile, gallery

NONE = "Attention maps need attention: choose a Vision Transformer or a hybrid."
MEAN = "mean"
SHOWN = 6  # layers beside each other


def draw(asked: Asked, width: int) -> None:
    """One row a network, one column a layer, rollout last."""
    if not asked.names(work.ATTENDING):
        raise ValueError(NONE)
    found = progress.result("pictures_attention", work.attention, asked)
    if found is None:
        return
    first = next(iter(found.values()))[0]
    position, head = _controls(first)
    from models.lens.picture_attention import looks

    seen: dict[str, Pair] = {}
    who: dict[str, str] = {}
    for name, (now, before) in found.items():
        axis = now.axes["encoder"]
        place = alike(first.axes["encoder"], position, axis)
        seen[name] = (looks(now, place), None if before is None else looks(before, place))
        who[name] = looker(axis, place)
    _layers(asked, seen, who, head, width)
    rolled.draw(asked, seen, who, width)


def looker(axis: Axis, position: int) -> str:
    """The position that looks, in words: "the class token" or "row 3, column 4"."""
    return MARKS.get(axis.tokens[position], axis.tokens[position])


def _layers(asked: Asked, seen: dict[str, Pair], who: dict[str, str], head: str, width: int) -> None:
    """The maps of some layers."""
    from models.lens.picture_attention import effective_patches

    maps = {name: of_head(now.maps, head) for name, (now, _) in seen.items()}
    spread = {
        name: tuple(None if one is None else effective_patches(of_head(one.maps, head)[-1]) for one in pair)
        for name, pair in seen.items()
    }
    most = max(float(values.max()) for values in maps.values())
    depth = min(SHOWN, max(len(values) for values in maps.values()))
    figure_block(
        "pictures_attention",
        finding(next(iter(who.values())), spread, {name: values[0].size for name, values in maps.items()}),
        gallery(
            _heads_of_columns(maps, depth),
            [_row(asked, name, maps[name], depth, most) for name in maps],
            width=width,
            most=150,
        ),
        sentence(seen, head),
        lambda: table(seen, who, maps, effective_patches),
        {f"attention_{file_name(name)}": now.maps for name, (now, _) in seen.items()},
        "Attention weights say where values were taken from, not what they did to the answer. Marks such as the class "
        "token keep part of the weight for themselves, and nothing is renormalised.",
        "picture-attention",
        question="Where does it look?",
    )


def alike(axis: Axis, position: int, other: Axis) -> int:
    """The same place on another network's axis: a mark gives the class token, a patch the patch over its middle."""
    marks, more = sum(axis.special), sum(other.special)
    if axis.grid is None or other.grid is None or position < marks:
        return 0
    row, column = divmod(position - marks, axis.grid[1])
    down = int((row + 0.5) * other.grid[0] / axis.grid[0])
    across = int((column + 0.5) * other.grid[1] / axis.grid[1])
    return more + down * other.grid[1] + across


def _controls(trace: Trace) -> tuple[int, str]:
    """The position that looks, and the head."""
    names = trace.axes["encoder"].tokens
    heads = [str(head + 1) for head in range(trace.attention.of()[0].heads)] if trace.attention else []
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Looking", names, key="looking", bind="query-params", width=200)
        head = st.selectbox("Head", [MEAN, *heads], key="look_head", bind="query-params", width=110)
    return names.index(chosen or names[0]), head or MEAN


def of_head(maps: np.ndarray, head: str) -> np.ndarray:
    """[L, h, w] of one head, or the mean over heads; the last head where there are fewer."""
    return np.asarray(maps.mean(axis=1) if head == MEAN else maps[:, min(int(head), maps.shape[1]) - 1])


def picked(count: int, shown: int) -> list[int]:
    """Layers that are drawn, from 0: all, or some at even steps with the first and the last."""
    return [int(at) for at in np.unique(np.rint(np.linspace(0, count - 1, min(count, shown))).astype(int))]


def _heads_of_columns(maps: dict[str, np.ndarray], depth: int) -> list[tuple[str, str]]:
    """The layers' numbers where all networks show the same, else the order alone."""
    shown = {tuple(picked(len(values), depth)) for values in maps.values() if len(values) >= depth}
    numbers = next(iter(shown)) if len(shown) == 1 else tuple(range(depth))
    return [("", f"layer {at + 1}" if len(shown) == 1 else f"{at + 1} of {depth} shown") for at in numbers]


def _row(asked: Asked, name: str, maps: np.ndarray, depth: int, most: float) -> Strip:
    numbers = picked(len(maps), depth)
    bare = [Tile(None, "This network has no attention here.") for _ in range(depth - len(numbers))]
    tiles = [Tile(maps[at], caption=f"{at + 1}: {maps[at].sum():.0%}") for at in numbers]
    return Strip(title(name), [*tiles, *bare], (0.0, most), unit="weight", edges=asked.edges(depth))


def finding(who: str, spread: dict[str, tuple[float | None, ...]], patches: dict[str, int]) -> str:
    """How selective training made the last layer, for the position that looks."""
    parts = [
        f"{title(name)} {now:.0f} of {patches[name]} ({'not known' if before is None else f'{before:.0f}'} untrained)"
        for name, (now, before) in spread.items()
    ]
    return f"From {who}, effective patches in the last layer: {', '.join(parts)}"


def sentence(seen: dict[str, Pair], head: str) -> str:
    """What stays on the marks, layer by layer, and what an even spread would leave there."""
    parts = []
    for name, (now, _) in seen.items():
        own = now.own.mean(axis=1) if head == MEAN else now.own[:, min(int(head), now.own.shape[1]) - 1]
        shares = ", ".join(f"{value:.0%}" for value in own)
        parts.append(f"{title(name)} {shares} (spread evenly {mark_count(now) * now.uniform:.1%})")
    tail = "".join(
        f" No room in memory for {title(name)} untrained." for name, (_, before) in seen.items() if before is None
    )
    return (
        "Below each map: its layer and the share of the weight that lies on patches. On the class token and other "
        f"marks stay, layer by layer: {'; '.join(parts)}.{tail}"
    )


def table(seen: dict[str, Pair], who: dict[str, str], maps: dict[str, np.ndarray], effective: Any) -> dict[str, list]:
    """One row a network and layer."""
    found: dict[str, list] = {"network": [], "looking": [], "layer": [], "effective patches": [], "on marks": []}
    for name, values in maps.items():
        for layer, value in enumerate(values):
            own = float(seen[name][0].own[layer].mean())
            row = (title(name), who[name], layer + 1, effective(value), own)
            for column, cell in zip(found, row, strict=True):
                found[column].append(cell)
    return found
