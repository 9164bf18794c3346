"""Drawings as SVG text, for the views that the browser draws on a canvas: the same arrays, a file that scales."""

import html
from collections.abc import Mapping, Sequence

from viz.labels import shorten, visible
from viz.theme import MONOSPACE

SANS = "system-ui, sans-serif"
INK, GROUND = "#1F2933", "#FFFFFF"
LETTER, GAP, LINE = 7.2, 16, 20  # pixels: a letter of a table at 12, the space between columns, a line
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>
body {{ font: 16px/1.45 system-ui, sans-serif; color: #0e1620; background: #fff; margin: 2rem auto; max-width: 1280px;
  padding: 0 1rem }}
h1 {{ font-size: 1.25rem; margin: 0 0 1rem }}
svg {{ height: auto; max-width: 100% }}
p.not {{ color: #4a5563; white-space: pre-line }}
</style></head><body>
<h1>{title}</h1>
{drawing}
<p>{sentence}</p>
<p class="not"><strong>What this does not show.</strong> {warning}</p>
</body></html>
"""


def document(width: float, height: float, parts: Sequence[str], label: str) -> str:
    """An SVG document of so many pixels on white; `label` is what a screen reader says of it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{html.escape(label)}">'
        f'<rect width="100%" height="100%" fill="{GROUND}"/>{"".join(parts)}</svg>'
    )


def words(x: float, y: float, text: str, anchor: str = "start", size: float = 12, extra: str = "") -> str:
    """A text centred on the height y; anchor start, middle or end."""
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}" dominant-baseline="central"'
    return f'<text {place} font-family="{SANS}" font-size="{size:g}" fill="{INK}"{extra}>{html.escape(text)}</text>'


def token(x: float, y: float, text: str, anchor: str, limit: int = 22, piece: str = "") -> str:
    """A token in a monospace face, shortened in its middle, whole in the tooltip, with its raw piece."""
    whole = visible(text)
    said = f"{whole} · piece {piece}" if piece else whole
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}" dominant-baseline="central"'
    face = f'font-family="{html.escape(MONOSPACE)}" font-size="12" fill="{INK}" xml:space="preserve"'
    return f"<text {place} {face}><title>{html.escape(said)}</title>{html.escape(shorten(whole, limit))}</text>"


def table(columns: Mapping[str, Sequence], label: str, digits: int = 3) -> str:
    """Columns by name as an SVG: numbers with so many digits at the right of their column, words at its left."""
    texts = {name: [_cell(value, digits) for value in values] for name, values in columns.items()}
    parts: list[str] = []
    x: float = GAP
    for name, cells in texts.items():
        wide = LETTER * max(len(text) for text in (name, *cells))
        right = not any(isinstance(value, str) for value in columns[name])
        at, anchor = (x + wide, "end") if right else (x, "start")
        parts.append(words(at, LINE, name, anchor, extra=' font-weight="600"'))
        parts += [words(at, LINE * (2 + place), text, anchor) for place, text in enumerate(cells) if text]
        x += wide + GAP
    return document(x, LINE * (2 + max(len(cells) for cells in texts.values())), parts, label)


def _cell(value: object, digits: int) -> str:
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    return "" if value is None else str(value)


def page(drawing: str, title: str, sentence: str, warning: str) -> bytes:
    """One page with a drawing, its sentence and its warning; it opens with no network."""
    texts = {"title": title, "sentence": sentence, "warning": warning}
    return PAGE.format(drawing=drawing, **{name: html.escape(text) for name, text in texts.items()}).encode("utf-8")
