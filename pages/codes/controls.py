"""The controls that the views share, with the same keys everywhere: scheme, sentence, length, width, base, head."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from models.lens.positional import tables
from models.tokenizer import pieces
from pages.codes.schemes import SCHEMES, SINUSOIDAL, Scheme
from pages.shared.errors import plain
from pages.shared.text import check, share

EXACT = "pexact"
SENTENCE = (
    "The keys to the old cabinet that the guard near the front door of the tall house by the river had lost "
    "are on the table."
)
FILM = "The plot is thin, but the acting is good and I did not get bored."
KEYS = "the keys to the old cabinet near the door"
DOG = "The dog bites the man because the man bites the dog."
EXAMPLES = (SENTENCE, FILM, KEYS, DOG)
TEXT = "psentence"
BASES = (10, 100, 1000, 10_000, 100_000, 500_000, 1_000_000)
SLIDER, CHOICE, FORMULA = 132, 380, 560  # pixels; the last two stand beside each other where there is room
WIDEST = 1024  # features that the page draws


@dataclass(frozen=True)
class Wave:
    """Length in positions, width in features, base of the wavelengths."""

    length: int
    width: int
    base: float


def scheme() -> tuple[Scheme, tuple[str, ...]]:
    """The scheme and the words of the reader's sentence, with formula, entry and paper beside them."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        with st.container(width=CHOICE, gap="xsmall"):
            title = st.selectbox(
                "Scheme", list(SCHEMES), key="pscheme", bind="query-params", label_visibility="collapsed"
            )
            chosen = SCHEMES.get(title or "", SINUSOIDAL)
            words = () if chosen.grid else sentence()
        with st.container(width=FORMULA, gap="xsmall"):
            formula(chosen)
    return chosen, words


def formula(chosen: Scheme) -> None:
    """The paper's formula, what it means for the network, and the paper."""
    st.latex(chosen.formula)
    papers = ((chosen.paper, chosen.link), *chosen.more)
    st.caption(" ".join([plain(chosen.entry), *(f"[{plain(name)}]({link})" for name, link in papers)]))


def sentence(example: str = SENTENCE, label: str = "") -> tuple[str, ...]:
    """The words of the reader's sentence, which name the first positions."""
    return tuple(pieces(text(example, label)))


def text(example: str = SENTENCE, label: str = "") -> str:
    """The reader's sentence, one for all views, which begin with an example each; a named box shows its label."""
    held = st.session_state.get(TEXT)
    if held is None:
        st.session_state[TEXT] = st.query_params.get("text", example)
    elif held in EXAMPLES and "text" not in st.query_params:
        st.session_state[TEXT] = example
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        typed = st.text_input(
            label or "Your sentence, which names the first positions",
            key=TEXT,
            persist_state="session",
            label_visibility="visible" if label else "collapsed",
        )
        share(typed)
    return check(typed)


def wave() -> Wave:
    """Length in positions, width in features, base of the wavelengths: sliders, or boxes that take any number."""
    length = positions()
    width = number("Width", "pwidth", 2, 512, 64, 2)
    base = powers("Base", "pbase", 10_000.0)
    check_width(width)
    return Wave(length, width, base)


def row() -> Any:
    """A line of controls, broken where the page is narrow."""
    return st.container(horizontal=True, vertical_alignment="bottom", gap="small")


def positions(longest: int = 512) -> int:
    """How many positions."""
    return number("Length", "plen", 1, longest, 64)


def check_width(width: int) -> None:
    """ValueError where a code is too wide to be drawn."""
    if width > WIDEST:
        raise ValueError(f"This page draws codes of at most {WIDEST:,} features; got {width:,}.")


def cursor(length: int) -> int:
    """The position to look at, from 0; a single position needs no slider."""
    if length < 2:
        return 0
    return int(st.slider("Position", 0, length - 1, min(12, length - 1), key="pat", bind="query-params", width=SLIDER))


def exact_toggle() -> None:
    """Sliders or number boxes."""
    st.toggle("Exact", key=EXACT, bind="query-params", help="Type any number instead of moving sliders.")


def exact() -> bool:
    """Whether numbers are typed; read before its toggle is drawn."""
    return bool(st.session_state.get(EXACT, st.query_params.get(EXACT, "").lower() == "true"))


def number(label: str, key: str, low: int, high: int, value: int, step: int = 1, *, open_ended: bool = True) -> int:
    """A slider, or a box for any whole number where numbers are typed."""
    if open_ended and exact():
        typed = st.number_input(label, value=value, step=step, key=f"{key}_n", bind="query-params", width=SLIDER)
        return int(typed)
    return int(st.slider(label, low, high, value, step, key=key, bind="query-params", width=SLIDER))


def powers(label: str, key: str, value: float) -> float:
    """The base: a slider over powers of ten, or any number."""
    if exact():
        return float(st.number_input(label, value=value, key=f"{key}_n", bind="query-params", width=SLIDER))
    return float(st.select_slider(label, BASES, int(value), key=key, bind="query-params", width=SLIDER))


def head(value: int = 4) -> tuple[int, int]:
    """Head (from 0) and number of heads."""
    heads = number("Heads", "pheads", 2, 16, 8)
    if not 1 <= heads <= 256:
        raise ValueError(f"This page draws 1 to 256 heads; got {heads:,}.")
    return _head(heads, value), heads


def head_of(biases: tables.Table) -> tuple[int, int]:
    """Head (from 0) of a learned table of biases, and how many it has."""
    heads = biases.values.shape[1]
    return _head(heads, 1), heads


def _head(heads: int, value: int) -> int:
    """The chosen head, from 0; one head needs no slider."""
    if heads == 1:
        return 0
    return number("Head", "phead", 1, heads, min(value, heads), open_ended=False) - 1


def names(words: tuple[str, ...], places: Any) -> list[str]:
    """A position's number (from 0), with the word that stands there."""
    return [f"{place} {words[place]}" if 0 <= place < len(words) else str(place) for place in places]
