"""The overview of all heads as an SVG file: the mosaic's tiles, colours and labels."""

import html
from collections.abc import Sequence

import numpy as np
from plotly.colors import sequential

from viz import vector
from viz.png import data_uri, png
from viz.theme import SEQUENTIAL

HIGH, WIDE = 720, 960  # pixels that all tiles may take
LEAST, MOST, GAP = 16, 96, 2  # of a tile and between two
TOP, BAND, FOOT = 44, 18, 46
HATCH = (128, 4)  # grey of the diagonals, and how many cells they are apart


def palette() -> np.ndarray:
    """uint8 [256, 3]: the colour of weight byte / 255. The scale runs with the root of the weight, as on screen."""
    stops = np.array([[int(stop[at : at + 2], 16) for at in (1, 3, 5)] for stop in getattr(sequential, SEQUENTIAL)])
    place = np.sqrt(np.arange(256) / 255) * (len(stops) - 1)
    mixed = [np.interp(place, np.arange(len(stops)), stops[:, channel]) for channel in range(3)]
    return np.rint(np.stack(mixed, axis=1)).astype(np.uint8)


def drawing(
    tiles: np.ndarray,
    hover: Sequence[Sequence[str]],
    labels: Sequence[str],
    missing: Sequence[tuple[int, str]] = (),
    reach: np.ndarray | None = None,
) -> str:
    """Tiles uint8 [L, H, s, s] and reach as `viz.mosaic.payload` takes them; a tile's tooltip is its hover text."""
    layers, heads = tiles.shape[:2]
    side = max(LEAST, min(MOST, WIDE // heads - GAP, HIGH // layers - GAP))
    left = 20 + 7 * max(5, *(len(label) for label in labels))
    parts, y = _heading(heads, left, side), float(TOP)
    colours = palette()
    for layer in range(layers + 1):
        for text in (text for before, text in missing if before == layer):
            parts.append(vector.words(left, y + BAND / 2, text, extra=' font-style="italic"'))
            y += BAND
        if layer == layers:
            break
        parts.append(vector.words(left - 8, y + side / 2, labels[layer], "end"))
        closed = None if reach is None else reach[layer] == 0
        for head in range(heads):
            x, pixels = left + head * (side + GAP), hatched(colours[tiles[layer, head]], closed)
            parts.append(_tile(pixels, x, y, side, hover[layer][head]))
        y += side + GAP
    parts += _key(left, y + 12, colours)
    width = left + max(heads * (side + GAP), 320) + 12
    return vector.document(width, y + FOOT, parts, f"Attention of {layers} layers of {heads} heads")


def _heading(heads: int, left: float, side: float) -> list[str]:
    step = 1 + int(22 // (side + GAP))
    numbers = [
        vector.words(left + head * (side + GAP) + side / 2, 34, str(head + 1), "middle")
        for head in range(0, heads, step)
    ]
    return [vector.words(left, 14, "head →"), vector.words(left - 8, 34, "layer", "end"), *numbers]


def hatched(pixels: np.ndarray, closed: np.ndarray | None) -> np.ndarray:
    """Pixels uint8 [s, s, 3] with thin grey diagonals on white where `closed` [s, s] is true."""
    if closed is None:
        return pixels
    lines = np.indices(closed.shape).sum(axis=0) % HATCH[1] == 0
    return np.where(closed[..., None], np.where(lines[..., None], HATCH[0], 255), pixels).astype(np.uint8)


def _tile(pixels: np.ndarray, x: float, y: float, side: float, text: str) -> str:
    name = html.escape(text)
    place = f'x="{x:g}" y="{y:g}" width="{side:g}" height="{side:g}" preserveAspectRatio="none"'
    uri = data_uri(png(np.ascontiguousarray(pixels)))
    return f'<image {place} style="image-rendering:pixelated" href="{uri}"><title>{name}</title></image>'


def _key(left: float, y: float, colours: np.ndarray) -> list[str]:
    """What 0, a quarter and 1 look like; the bar runs with the root of the weight."""
    ramp = np.rint(255 * np.linspace(0, 1, 112) ** 2).astype(np.uint8)[None]
    bar = _tile(colours[ramp], left, y, 1, "").replace('width="1" height="1"', 'width="112" height="8"')
    marks = [
        vector.words(left + share * 112, y + 18, text, "middle", 11)
        for share, text in ((0.0, "0"), (0.5, ".25"), (1.0, "1"))
    ]
    return [vector.words(left - 8, y + 4, "weight", "end", 11), bar, *marks]
