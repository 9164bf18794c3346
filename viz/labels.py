"""Tokens as text on a figure: nothing vanishes, nothing is taken for markup, equal words keep their own place.

Plotly reads `<s>`, `<b>` and `&amp;` as markup, and merges positions that carry equal names. So positions are always
indices here, and words are tick texts that went through `escape`.
"""

import math
import unicodedata
from collections.abc import Sequence

ELLIPSIS = "…"
JOINER, SPACE_MARK, EMPTY = "\u200d", "␣", "(empty)"
NAMED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}  # controls, formats, surrogates, private, spaces


def escape(text: str) -> str:
    """Text that plotly draws exactly as it is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shorten(text: str, limit: int = 14) -> str:
    """At most `limit` characters, with an ellipsis in the middle: beginnings and endings tell words apart."""
    if limit < 3:
        raise ValueError(f"limit must be at least 3; got {limit}")
    if len(text) <= limit:
        return text
    tail = (limit - 1) // 2
    return text[: limit - 1 - tail] + ELLIPSIS + text[len(text) - tail :]


def visible(text: str) -> str:
    """Text with every invisible character named, such as "U+200B"; spaces at either end become "␣".

    A plain space between words and the joiner inside an emoji stay as they are.
    """
    if not text:
        return EMPTY
    core = text.strip(" ")
    lead = len(text) - len(text.lstrip(" "))
    trail = len(text) - lead - len(core)
    return SPACE_MARK * lead + "".join(_named(core, at) for at in range(len(core))) + SPACE_MARK * trail


def label(token: str, limit: int = 14) -> str:
    """A token as a short tick text."""
    return escape(shorten(visible(token), limit))


def ticks(tokens: Sequence[str], most: int | None = None, limit: int = 14) -> tuple[list[float], list[str]]:
    """Tick positions (token indices) and texts, thinned evenly to at most `most`.

    A shortened word's tick lies 1/50 of a cell beside its index: plotly's hover then looks the whole word up in
    `aliases` and not in the tick's text.
    """
    step = thinning(len(tokens), most)
    kept = range(0, len(tokens), step)
    texts = [label(tokens[at], limit) for at in kept]
    positions = [at if text == escape(visible(tokens[at])) else at + 0.02 for at, text in zip(kept, texts, strict=True)]
    return positions, texts


def aliases(tokens: Sequence[str]) -> dict[str, str]:
    """Index to whole word, for plotly's `labelalias`: what the hover shows on an axis of indices."""
    return {str(at): escape(visible(token)) for at, token in enumerate(tokens)}


def raw_piece(token: str, pieces: Sequence[str], at: int) -> str:
    """The vocabulary's piece behind the token at `at`; "" where none is known or it is the token's own text."""
    return visible(pieces[at]) if pieces and pieces[at] != token else ""


def thinning(count: int, most: int | None) -> int:
    """Show every n-th of `count` labels so that at most `most` are drawn."""
    if most is not None and most < 1:
        raise ValueError(f"most must be at least 1; got {most}")
    return 1 if most is None or count <= most else math.ceil(count / most)


def _named(text: str, at: int) -> str:
    """One character of `text`, or its name where it would not be seen."""
    character = text[at]
    if character == " " or unicodedata.category(character) not in NAMED or _joins_emoji(text, at):
        return character
    return f"U+{ord(character):04X}"


def _joins_emoji(text: str, at: int) -> bool:
    """True for a zero-width joiner between two pictures."""
    sides = text[at - 1 : at], text[at + 1 : at + 2]
    return text[at] == JOINER and all(side and ord(side) > 0x2000 for side in sides)
