"""One row of the chosen head over what it looks at: the patches of a picture, or the moments of a recording."""

import numpy as np
import streamlit as st

from models.trace import Axis
from pages.heads import heat
from pages.heads.choice import Choice, Shown, name
from pages.heads.subject import Subject, special
from pages.shared.figure import figure_block, selection
from viz.over import over_picture, over_sound

KEY = "over"
DRAWN = ("over the input", "matrix")
ASKS = "asks"  # the query, by its name, which is no text of the reader: it may stand in the address
PICTURE = (
    "A bright patch is read from by this head; what is taken from it, and whether the answer rests on it, is not "
    "shown. Deep patches hold much of their surroundings, and a background patch may serve as a store."
)
SOUND = (
    "A high weight says where this head reads, not that the word was spoken there. Each frame of an encoder already "
    "holds its surroundings."
)


def fits(subject: Subject, kind: str) -> bool:
    """Whether the keys of this kind are places of a picture or a recording."""
    keys = subject.trace.sides(kind)[1]
    return subject.seen is not None and (keys.grid is not None or keys.seconds is not None)


def draw(subject: Subject, choice: Choice, show: Shown, width: int) -> None:
    """The query's row over the picture or the spectrogram, or the whole matrix instead."""
    weights = subject.attention.map(choice.place, choice.head, choice.kind)
    queries, keys = subject.sides(choice.kind, (weights.shape[0], weights.shape[1]))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        drawn = st.segmented_control("Draw", DRAWN, default=DRAWN[0], required=True, key="drawn", bind="query-params")
        at = _query(queries, own=choice.kind != "cross") if drawn == DRAWN[0] else 0
    if drawn != DRAWN[0]:
        heat.draw(subject, choice, show, width)
    elif keys.grid is not None:
        _picture(subject, weights, at, keys, f"{name(subject, choice)}, {queries.tokens[at]}", width)
    else:
        _sound(subject, weights, at, queries, keys, name(subject, choice))


def _query(queries: Axis, own: bool) -> int:
    """The position that asks: a patch or a moment by its name, a word by its number and text."""
    names = queries.tokens
    if own:
        chosen = st.selectbox("Query", names, key=ASKS, bind="query-params", width=240)
        return names.index(chosen) if chosen in names else 0
    last = len(names) - 1
    at = st.selectbox(
        "Query",
        range(len(names)),
        index=last,
        format_func=lambda i: f"{i + 1}  {names[i]}",
        key="heads_word",
        width=240,
    )
    return min(int(at), last)


def _picture(subject: Subject, weights: np.ndarray, at: int, keys: Axis, label: str, width: int) -> None:
    """The query's row over the picture; marks of the model have no place in it."""
    assert subject.seen is not None and keys.grid is not None
    marks = int(special(keys).sum())
    row, held = weights[at, marks:], float(weights[at, :marks].sum())
    best, even = int(row.argmax()), 1 / len(keys.tokens)
    low, high = 0.0, round(max(2 * even, float(np.percentile(weights[:, marks:], 99.8))), 3)

    def asked() -> None:
        """A click on a patch makes it the query."""
        points = selection(KEY)["points"]
        if points:
            st.session_state[ASKS] = keys.tokens[marks + int(points[0]["point_index"])]

    figure_block(
        KEY,
        f"{_shares(row.sum())} of the row lies on the picture, most on {keys.tokens[marks + best]}: {row[best]:.3f}",
        over_picture(
            subject.seen, row, keys.grid, limits=(low, high), marked=at - marks if at >= marks else None, width=width
        ),
        f"An even head would give each patch {even:.3f}. {', '.join(keys.tokens[:marks])} hold{'s' * (marks == 1)} "
        f"{held:.2f} and {'has' if marks == 1 else 'have'} no place in the picture. Click a patch to let it ask.",
        lambda: {"patch": list(keys.tokens[marks:]), "weight": [float(value) for value in row]},
        {"weights": weights, "row": row.reshape(keys.grid), "picture": subject.seen},
        PICTURE,
        "attention-over-the-picture",
        question=f"{label[:1].upper()}{label[1:]}.",
        on_select=asked,
    )


def _sound(subject: Subject, weights: np.ndarray, at: int, queries: Axis, keys: Axis, label: str) -> None:
    """The query's row above the spectrogram, up to the end of the recording."""
    assert subject.seen is not None and keys.seconds is not None
    row = weights[at]
    heard = min(len(row), max(1, round(subject.seconds / keys.seconds)))
    inside, best = float(row[:heard].sum()), int(row[:heard].argmax())
    own = queries.seconds is not None
    figure_block(
        KEY,
        f"{_shares(inside)} of the row lies on the recording, most at {keys.tokens[best]}: {row[best]:.3f}",
        over_sound(
            subject.seen,
            row,
            keys.seconds,
            length=subject.seconds,
            even=1 / len(row),
            marked=at if own else None,
        ),
        f"Dotted: an even head, {1 / len(row):.4f} a frame of {keys.seconds * 1000:.0f} ms. The padding after "
        f"{subject.seconds:.1f} s holds {float(row[heard:].sum()):.2f} of the row.",
        lambda: {"time": list(keys.tokens), "weight": [float(value) for value in row]},
        {"weights": weights, "row": row, "spectrogram": subject.seen},
        SOUND,
        "attention-over-the-recording",
        question=f"{label[:1].upper()}{label[1:]}, “{queries.tokens[at]}”.",
    )


def _shares(share: float) -> str:
    return f"{share:.0%}"
