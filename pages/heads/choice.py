"""Which head, of which kind, and what becomes of special tokens: kept in the address."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from models.trace import AttentionLayer, AttentionRecord, Axis
from pages.heads.subject import Subject, special

SPECIAL = ("on", "off", "off, mass stated")
KIND, HEAD, ALL = "kind", "head", "all"
REMOVED, SINK = "[removed]", "[sink]"
TRAITS = (
    "Window of w: a query sees at most w keys, its own included. Chunks of w: it sees its own chunk. "
    "Key group: the heads of one group read the same keys."
)
NEGLIGIBLE = 1e-4  # of missing mass: a row of float32 weights


@dataclass(frozen=True)
class Choice:
    """kind of attention, place of the layer in the record, head (both from 0), and what becomes of special tokens."""

    kind: str
    place: int
    head: int
    special: str = "on"


@dataclass(frozen=True)
class Shown:
    """A map as it is drawn: weights [Tq, Tk] with the words of both sides, a sentence on what is left out, and what
    the mask allows [Tq, Tk]; what rows and columns are called.

    The last `apart` columns are no keys: what a sink takes, and removed mass. `pieces` are the raw pieces of rows and
    of keys, empty where the model has none.
    """

    weights: np.ndarray
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    note: str
    allowed: np.ndarray
    names: tuple[str, str] = ("query", "key")
    apart: int = 0
    pieces: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @property
    def tokens(self) -> tuple[int, int]:
        """How many queries and keys there are; columns that are no keys do not count."""
        return len(self.rows), len(self.columns) - self.apart


def depths(layers: tuple[AttentionLayer, ...]) -> list[str]:
    """The layers' numbers in the model, from 1; layers that share a depth are numbered in order instead."""
    named = [str(layer.index + 1) for layer in layers]
    return named if len(set(named)) == len(named) else [str(place + 1) for place in range(len(named))]


def kind_of(record: AttentionRecord) -> str:
    """The kind control, where there is more than one kind."""
    if len(record.kinds) == 1:
        return record.kinds[0]
    chosen = st.segmented_control(
        "Attention", record.kinds, default=record.kinds[0], required=True, key="kind", bind="query-params"
    )
    return chosen or record.kinds[0]


def ask(subject: Subject, controls: str = ALL) -> Choice:
    """Draw the controls that a view needs and return what they say; without them the first head, all tokens."""
    record = subject.attention
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = kind_of(record)
        if controls == KIND:
            return Choice(kind, 0, 0)
        layers = record.of(kind)
        numbers = depths(layers)
        layer = st.selectbox("Layer", numbers, key="layer", bind="query-params", width=90) or numbers[0]
        place = numbers.index(layer)
        heads = [str(head + 1) for head in range(layers[place].heads)]
        head = st.selectbox("Head", heads, key="head", bind="query-params", width=90) or heads[0]
        marked = any(special(axis).any() for axis in subject.trace.sides(kind))
        if told := traits(layers, place, int(head) - 1):
            st.caption(told, help=TRAITS)
        treatment = _treatment() if controls == ALL and marked else "on"
    return Choice(kind, place, int(head) - 1, treatment)


def _treatment() -> str:
    chosen = st.segmented_control(
        "Special tokens", SPECIAL, default="on", required=True, key="special", bind="query-params"
    )
    return chosen or "on"


def traits(layers: tuple[AttentionLayer, ...], place: int, head: int) -> str:
    """How far a layer sees, where that is bounded or differs among layers, and the key group that a head shares."""
    layer = layers[place]
    told = [] if {one.span for one in layers} <= {"full"} or layer.kind == "cross" else [layer.span]
    if layer.key is not None and len(layer.key) != layer.heads:
        told.append(f"key group {layer.group(head) + 1} of {len(layer.key)}")
    return ", ".join(told)


def select(layers: tuple[AttentionLayer, ...], place: int, head: int) -> None:
    """Set both selectors from a click; call it before they are drawn, in a callback."""
    st.session_state["layer"], st.session_state["head"] = depths(layers)[place], str(head + 1)


def name(subject: Subject, choice: Choice) -> str:
    """The head as it is named everywhere: "layer 3, head 5"."""
    number = depths(subject.attention.of(choice.kind))[choice.place]
    return f"layer {number}, head {choice.head + 1}"


def shown(weights: np.ndarray, queries: Axis, keys: Axis, treatment: str, allowed: np.ndarray | None = None) -> Shown:
    """The map with special tokens kept, dropped, or dropped with their mass as a column; nothing is renormalised.

    Mass that is missing from the rows themselves (a learned sink) always gets a column of its own.
    """
    missing = np.clip(1 - weights.sum(axis=1, dtype=np.float64), 0, 1).astype(np.float32)
    reach = np.ones(weights.shape, dtype=bool) if allowed is None else allowed
    rows, columns = np.array(queries.tokens, dtype=object), np.array(keys.tokens, dtype=object)
    pieces = (_pieces(queries), _pieces(keys))
    extra: dict[str, np.ndarray] = {SINK: missing} if (missing > NEGLIGIBLE).any() else {}
    notes = [f"A learned sink takes {missing.mean():.0%} of a row on average."] if extra else []
    if treatment != "on":
        kept_rows, kept = ~special(queries), ~special(keys)
        if not kept_rows.any() or not kept.any():
            raise ValueError("Only special tokens stand on one side of this map: switch them on.")
        removed = weights[:, ~kept].sum(axis=1)[kept_rows]
        weights, reach = (part[np.ix_(kept_rows, kept)] for part in (weights, reach))
        rows, columns = rows[kept_rows], columns[kept]
        pieces = (_kept(pieces[0], kept_rows), _kept(pieces[1], kept))
        extra = {label: mass[kept_rows] for label, mass in extra.items()}
        notes.append(f"Special tokens are left out; they held {removed.mean():.0%} of a row on average.")
        if treatment == SPECIAL[2]:
            extra[REMOVED] = removed
    drawn = np.column_stack([weights, *extra.values()]) if extra else weights
    open_to = np.pad(reach, ((0, 0), (0, len(extra))), constant_values=True)
    return Shown(
        np.ascontiguousarray(drawn),
        tuple(rows),
        (*columns, *extra),
        " ".join(notes),
        open_to,
        apart=len(extra),
        pieces=pieces,
    )


def beside(show: Shown, other: Shown) -> Shown:
    """The map with the columns beside the keys (a sink, removed mass) of both maps; 0 where it has no such mass."""
    keys = show.tokens[1]
    own = dict(zip(show.columns[keys:], show.weights[:, keys:].T, strict=True))
    names = tuple(sorted({*own, *other.columns[keys:]}, reverse=True))
    extra = [own.get(name, np.zeros(len(show.rows), show.weights.dtype)) for name in names]
    return replace(
        show,
        weights=np.column_stack([show.weights[:, :keys], *extra]),
        columns=(*show.columns[:keys], *names),
        allowed=np.pad(show.allowed[:, :keys], ((0, 0), (0, len(names))), constant_values=True),
        apart=len(names),
    )


def _pieces(axis: Axis) -> tuple[str, ...]:
    """The raw piece of each token; patches, frames and whole words have none."""
    worded = axis.grid is None and axis.seconds is None and len(axis.pieces) == len(axis.tokens)
    return axis.pieces if worded else ()


def _kept(pieces: tuple[str, ...], flags: np.ndarray) -> tuple[str, ...]:
    return tuple(piece for piece, stays in zip(pieces, flags, strict=True) if stays) if pieces else ()
