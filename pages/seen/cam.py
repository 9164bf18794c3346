"""Grad-CAM of the networks with convolutions, beside occlusion and two baselines that know no network."""

import numpy as np
import streamlit as st

from models.pictures_ranks import centre, ink, partial
from pages.seen import work
from pages.seen.asked import Asked, file_name, title
from pages.seen.compare import covering, signed
from pages.shared import progress
from pages.shared.figure import figure_block
from viz.pictures import Strip, Tile, gallery

NONE = "Grad-CAM needs a convolution: choose the convolution or the hybrid."
LAST = "last"


def draw(asked: Asked, width: int) -> None:
    """The maps at one layer; a network without that layer shows its last convolution."""
    if not asked.names(work.CONVOLVING):
        raise ValueError(NONE)
    found = progress.result("pictures_cam", work.cams, asked)
    if found is None:
        return
    maps, cams = found
    layer = _layer(cams)
    chosen = {name: cams[name].get(layer) or list(cams[name].values())[-1] for name in cams}
    scores = {name: agreement(asked, chosen[name].fine, maps.drop[name]) for name in chosen}
    figure_block(
        "pictures_cam",
        finding(scores),
        gallery(columns(asked), strips(asked, maps, chosen), width=width),
        sentence(chosen),
        lambda: table(scores),
        {f"gradcam_{file_name(name)}": each.coarse for name, each in chosen.items()},
        "Grad-CAM shows where active channels lie that raise the class, no finer than the layer's grid. On clothes and "
        "digits it follows the ink and the middle of the picture, which a map that knows no network does as well: what "
        "is left after taking both out is its evidence, and it is weak. It says nothing of networks without "
        "convolutions.",
        "grad-cam",
        question="Where do the convolutions speak for the class?",
    )


def _layer(cams: dict[str, dict]) -> str:
    names = list(dict.fromkeys(layer for each in cams.values() for layer in each))
    chosen = st.segmented_control("Layer", [*names, LAST], default=LAST, required=True, key="cam", bind="query-params")
    return chosen or LAST


def agreement(asked: Asked, cam: np.ndarray, drop: np.ndarray) -> dict[str, float]:
    """Rank correlation of Grad-CAM with occlusion, alone and beyond ink and centre; of the baselines with occlusion."""
    bright, middle = ink(asked.pixels), centre(asked.pixels.shape[-1])
    return {
        "Grad-CAM": partial(cam, drop),
        "Grad-CAM beyond ink and centre": partial(cam, drop, bright, middle),
        "ink": partial(bright, drop),
        "centre": partial(middle, drop),
    }


def columns(asked: Asked) -> list[tuple[str, str]]:
    """The networks with convolutions, and the baselines."""
    return [*asked.columns(work.CONVOLVING), ("", "Baseline: ink"), ("", "Baseline: centre")]


def strips(asked: Asked, maps: work.Maps, chosen: dict) -> list[Strip]:
    """Each map as a share of its own greatest value, because their units differ; occlusion in probability."""
    edges = asked.edges(len(chosen) + 2)
    near = centre(asked.pixels.shape[-1])
    bases = [Tile(ink(asked.pixels)), Tile((near - near.min()) / (near.max() - near.min()))]
    drop = max(float(np.abs(maps.drop[name]).max()) for name in chosen) or 1.0
    cams = [
        Tile(
            each.fine / (float(each.fine.max()) or 1.0),
            caption=f"{each.layer}, {'×'.join(map(str, each.coarse.shape))}",
        )
        for each in chosen.values()
    ]
    covered = [Tile(maps.drop[name], caption=f"for {asked.label(name, maps.target[name])}") for name in chosen]
    note = Tile(None, "A baseline has no answer to lose.")
    return [
        Strip("Grad-CAM, share of its greatest", [*cams, *bases], (0.0, 1.0), unit="share", edges=edges),
        Strip(
            covering(maps),
            [*covered, note, note],
            (-drop, drop),
            "diverging",
            "probability lost",
            edges,
        ),
    ]


def finding(scores: dict[str, dict[str, float]]) -> str:
    """What remains of the agreement with occlusion."""
    name = max(scores, key=lambda one: np.nan_to_num(scores[one]["Grad-CAM"], nan=-2))
    whole, beyond = scores[name]["Grad-CAM"], scores[name]["Grad-CAM beyond ink and centre"]
    if not np.isfinite(whole):
        return "Grad-CAM or occlusion is the same everywhere here, so there is nothing to compare"
    return (
        f"{title(name)}: Grad-CAM follows occlusion at {signed(whole)}, and at {signed(beyond)} beyond ink and centre"
    )


def sentence(chosen: dict) -> str:
    """What the grid allows."""
    grids = [f"{title(name)} {each.coarse.shape[0]} × {each.coarse.shape[1]}" for name, each in chosen.items()]
    return (
        f"Maps are enlarged from the layer's own grid ({', '.join(grids)}). Numbers are Spearman's rank correlations "
        "over the pixels of this picture."
    )


def table(scores: dict[str, dict[str, float]]) -> dict[str, list]:
    """One row a network: correlations with occlusion."""
    kinds = list(next(iter(scores.values())))
    return {
        "network": [title(name) for name in scores],
        **{f"{kind} against occlusion": [scores[name][kind] for name in scores] for kind in kinds},
    }
