"""The overview of all heads as a payload: one tile a head, one row of tiles a layer, from raw bytes."""

from collections.abc import Sequence

import numpy as np
from plotly.colors import sequential

from viz.payload import pack
from viz.theme import SEQUENTIAL

LARGEST, BUDGET = 64, 900_000  # cells along a tile's side; bytes of all tiles
SMALLEST = 8


def tile_size(layers: int, heads: int) -> int:
    """The largest tile side, at most 64 cells, that keeps all tiles within 0.9 MB."""
    if layers < 1 or heads < 1:
        raise ValueError(f"wanted at least one layer and one head; got {layers} and {heads}")
    return max(SMALLEST, min(LARGEST, int((BUDGET / (layers * heads)) ** 0.5)))


def payload(
    tiles: np.ndarray,
    labels: Sequence[str] | None = None,
    missing: Sequence[tuple[int, str]] = (),
    reach: np.ndarray | None = None,
) -> bytes:
    """Tiles uint8 [L, H, s, s] (255 is weight 1) for the component. Their hover texts travel apart: see `hovers`.

    `labels` names the rows (counted from 1 by default). `missing` says what stands between rows: (1, "layers 1-2:
    recurrent") is written before row 1, (L, ...) after the last. `reach` uint8 [L, s, s] is 0 where a row's tiles are
    hatched: no weight that the mask allows lies there.
    """
    if tiles.dtype != np.uint8 or tiles.ndim != 4 or tiles.shape[2] != tiles.shape[3] or not tiles.size:
        raise ValueError(f"wanted tiles uint8 [L, H, s, s]; got {tiles.dtype.name} {tiles.shape}")
    layers, heads, size, _ = tiles.shape
    names = [str(layer + 1) for layer in range(layers)] if labels is None else list(labels)
    if len(names) != layers:
        raise ValueError(f"wanted {layers} labels; got {len(names)}")
    for before, _ in missing:
        if not 0 <= before <= layers:
            raise ValueError(f"missing layers stand before a row from 0 to {layers}; got {before}")
    if reach is not None and (reach.dtype != np.uint8 or reach.shape != (layers, size, size)):
        raise ValueError(f"wanted reach uint8 {(layers, size, size)}; got {reach.dtype.name} {reach.shape}")
    meta = {
        "layers": layers,
        "heads": heads,
        "size": size,
        "labels": names,
        "missing": [list(each) for each in missing],
        "ramp": getattr(sequential, SEQUENTIAL),
    }
    return pack(meta, tiles) if reach is None else pack(meta, tiles, reach)


def hovers(hover: Sequence[Sequence[str]], layers: int, heads: int) -> list[list[str]]:
    """A text a tile [L][H]. They may change, when heads have been scored, without the tiles being sent again."""
    found = [len(row) for row in hover]
    if found != [heads] * layers:
        raise ValueError(f"wanted {layers} rows of {heads} hover texts; got rows of {found}")
    return [list(row) for row in hover]
