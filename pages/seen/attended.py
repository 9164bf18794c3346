"""Attention of the class token or of any patch, layer by layer, and rollout through all layers."""

from typing import Any

import numpy as np
import streamlit as st

from models.trace import Trace
from pages.seen import work
from pages.seen.asked import Asked, title
from pages.shared import progress
from pages.shared.figure import figure_block
from viz.pictures import Strip, Tile, gallery

NONE = "Attention maps need attention: choose the Vision Transformer or the hybrid."
MEAN, HEADS = "mean", ("1", "2", "3", "4")


def draw(asked: Asked, width: int) -> None:
    """One row a network, one column a layer, rollout last."""
    if not asked.names(work.ATTENDING):
        raise ValueError(NONE)
    found = progress.result("pictures_attention", work.attention, asked)
    if found is None:
        return
    position, head = _controls(next(iter(found.values()))[0])
    from models.lens.picture_attention import effective_patches, looks

    seen = {name: (looks(now, position), looks(before, position)) for name, (now, before) in found.items()}
    maps = {name: _head(each[0].maps, head) for name, each in seen.items()}
    spread = {
        name: (effective_patches(_head(now.maps, head)[-1]), effective_patches(_head(before.maps, head)[-1]))
        for name, (now, before) in seen.items()
    }
    most = max(float(values.max()) for values in maps.values())
    rolls = max(float(now.rolled.max()) for now, _ in seen.values())
    depth = max(len(values) for values in maps.values())
    rows = [_row(asked, name, maps[name], depth, most) for name in maps]
    figure_block(
        "pictures_attention",
        finding(spread),
        gallery([("", f"layer {layer + 1}") for layer in range(depth)], rows, width=width, most=150),
        sentence(seen, head),
        lambda: table(seen, maps, effective_patches),
        {f"attention_{name}": now.maps for name, (now, _) in seen.items()},
        "Attention weights say where values were taken from, not what they did to the answer. The uniform share is one "
        "fiftieth a position; the class token keeps part of the weight for itself, and nothing is renormalised.",
        "picture-attention",
        question="Where does it look?",
    )
    figure_block(
        "pictures_rollout",
        _rollout_finding(seen),
        gallery(
            asked.columns(work.ATTENDING),
            [
                Strip(
                    "Rollout through all layers",
                    [Tile(now.rolled) for now, _ in seen.values()],
                    (0.0, rolls),
                    unit="share",
                    edges=asked.edges(len(seen)),
                )
            ],
            width=width,
            most=170,
        ),
        "Product of (I + A) / 2 over the layers, A averaged over heads (Abnar and Zuidema 2020).",
        lambda: {
            "network": [title(name) for name in seen],
            "left on the class token": [now.rolled_own for now, _ in seen.values()],
        },
        {f"rollout_{name}": now.rolled for name, (now, _) in seen.items()},
        "Rollout says where attention weights go. It follows weights, not values, and need not agree with what changes "
        "the output. In the hybrid it starts above the convolutions, each of whose places has already seen 11 pixels "
        "each way.",
        "picture-rollout",
        question="And through all layers?",
    )


def _controls(trace: Trace) -> tuple[int, str]:
    """The position that looks, and the head."""
    names = trace.axes["encoder"].tokens
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Looking", names, key="looking", bind="query-params", width=200)
        head = st.segmented_control(
            "Head", (MEAN, *HEADS), default=MEAN, required=True, key="look_head", bind="query-params"
        )
    return names.index(chosen or names[0]), head or MEAN


def _head(maps: np.ndarray, head: str) -> np.ndarray:
    """[L, h, w] of one head, or the mean over heads."""
    return np.asarray(maps.mean(axis=1) if head == MEAN else maps[:, int(head) - 1])


def _row(asked: Asked, name: str, maps: np.ndarray, depth: int, most: float) -> Strip:
    bare = [Tile(None, "This network has no attention here.") for _ in range(depth - len(maps))]
    tiles = [Tile(values, caption=f"{values.sum():.0%} on patches") for values in maps]
    return Strip(title(name), [*tiles, *bare], (0.0, most), unit="weight", edges=asked.edges(depth))


def finding(spread: dict[str, tuple[float, float]]) -> str:
    """How selective training made the last layer."""
    parts = [f"{title(name)} {now:.0f} (untrained {before:.0f})" for name, (now, before) in spread.items()]
    return f"Effective patches of 49 in the last layer: {', '.join(parts)}"


def sentence(seen: dict[str, Any], head: str) -> str:
    """What stays on the class token, layer by layer."""
    parts = []
    for name, (now, _) in seen.items():
        own = now.own.mean(axis=1) if head == MEAN else now.own[:, int(head) - 1]
        parts.append(f"{title(name)} {', '.join(f'{value:.0%}' for value in own)}")
    return f"Weight left on the class token, layer by layer: {'; '.join(parts)}. Uniform would be 2 % a position."


def _rollout_finding(seen: dict[str, Any]) -> str:
    parts = [f"{title(name)} takes {now.rolled.sum():.0%}" for name, (now, _) in seen.items()]
    return f"{', '.join(parts)} from the patches, the rest from itself"


def table(seen: dict[str, Any], maps: dict[str, np.ndarray], effective: Any) -> dict[str, list]:
    """One row a network and layer."""
    found: dict[str, list] = {"network": [], "layer": [], "effective patches": [], "on the class token": []}
    for name, values in maps.items():
        for layer, value in enumerate(values):
            own = float(seen[name][0].own[layer].mean())
            row = (title(name), layer + 1, effective(value), own)
            for column, cell in zip(found, row, strict=True):
                found[column].append(cell)
    return found
