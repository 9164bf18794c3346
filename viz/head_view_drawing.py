"""The head view as an SVG file: every query's strongest lines, a colour a head, as the canvas draws them."""

from collections.abc import Mapping, Sequence

import numpy as np

from viz import vector
from viz.head_view import NO_PIECES, Links, raw_pieces, strongest

ROW, TOP, FOOT, ACROSS, SIDE = 16, 40, 14, 420, 190  # pixels
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#882255", "#CC79A7", "#56B4E9")  # as on screen, in light
FINEST = 1e-4  # weights below are not drawn


def drawing(
    queries: Sequence[str],
    keys: Sequence[str],
    maps: Mapping[str, np.ndarray],
    top: int = 8,
    names: tuple[str, str] = ("query", "key"),
    pieces: tuple[Sequence[str], Sequence[str]] = NO_PIECES,
) -> str:
    """The `top` greatest weights of each query of `maps` {label: [Tq, Tk]}; beside a query the mass left out.

    A token's tooltip says its raw piece too.
    """
    if not maps or len(maps) > len(COLOURS):
        raise ValueError(f"wanted 1 to {len(COLOURS)} heads; got {len(maps)}")
    links = {name: strongest(weights, top) for name, weights in maps.items()}
    left, right = SIDE, SIDE + ACROSS
    parts = _heading(list(maps), names, left, right)
    for colour, each in zip(COLOURS, links.values(), strict=False):
        parts.append(f'<g fill="none" stroke="{colour}">{"".join(_lines(each, left, right))}</g>')
    hidden = np.mean([each.hidden for each in links.values()], axis=0)
    raw = [raw_pieces(*side) for side in zip((queries, keys), pieces, strict=True)]
    for at, text in enumerate(queries):
        parts.append(vector.token(left - 6, _y(at), text, "end", piece=raw[0][at]))
        parts.append(vector.words(30, _y(at), f"{hidden[at]:.2f}".lstrip("0"), "end", 11))
    parts += [vector.token(right + 6, _y(at), text, "start", piece=raw[1][at]) for at, text in enumerate(keys)]
    height = _y(max(len(queries), len(keys)) - 1) + ROW / 2 + FOOT
    return vector.document(right + SIDE, height, parts, f"The {top} strongest lines of each query")


def _y(at: int) -> float:
    return TOP + (at + 0.5) * ROW


def _heading(heads: list[str], names: tuple[str, str], left: float, right: float) -> list[str]:
    bold = ' font-weight="600"'
    columns = [("rest", 30, "end"), (names[0], left - 6, "end"), (names[1], right + 6, "start")]
    parts = [vector.words(x, TOP - 8, text, anchor, 12, bold) for text, x, anchor in columns]
    for at, (name, colour) in enumerate(zip(heads, COLOURS, strict=False)):
        x = left + at * 84
        parts.append(f'<path d="M{x:g} 12h16" stroke="{colour}" stroke-width="3"/>')
        parts.append(vector.words(x + 22, 12, name))
    return parts


def _lines(links: Links, left: float, right: float) -> list[str]:
    """Width and opacity grow with the root of the weight."""
    found = []
    for query, key in zip(*np.nonzero(links.weights > FINEST), strict=True):
        size = float(np.sqrt(min(1.0, links.weights[query, key])))
        ends = f"M{left:g} {_y(int(query)):g}L{right:g} {_y(int(links.keys[query, key])):g}"
        found.append(f'<path d="{ends}" stroke-width="{0.6 + 2.6 * size:.2f}" opacity="{0.08 + 0.82 * size:.2f}"/>')
    return found
