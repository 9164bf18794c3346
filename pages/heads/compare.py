"""Two texts through one model, or one input through two models: the same head, one colour scale, the difference."""

from dataclasses import replace

import numpy as np
import streamlit as st

from models import cards
from models.pretrained import MINILM
from pages.heads import given, heat, room, source, work
from pages.heads.choice import Choice, Shown, beside, name
from pages.heads.subject import Request, Subject
from pages.shared import errors, fetching, progress
from pages.shared.figure import figure_block
from pages.shared.text import check
from viz.heatmap import heatmap
from viz.pooled import pooling

AGAINST = ("another text", "another model")
WARNING = (
    "Layers and heads of two models have nothing to do with each other, even where their numbers are equal. Between "
    "two texts, cells stand for places: where a word moved, the difference compares different words."
)


def draw(subject: Subject, choice: Choice) -> None:
    """The second input, both maps, their difference where they have one shape."""
    ways = AGAINST if subject.about.takes == "text" else AGAINST[1:]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        against = st.segmented_control(
            "Compare with", ways, default=ways[0], required=True, key="against", bind="query-params"
        )
        request = _other_text(subject) if against == AGAINST[0] else _other_model(subject)
    if request is None:
        st.caption(source.WANTED)
        return
    agreed = fetching.agreed(request.model)
    other: Subject | None = progress.result("compare", work.traced, request) if agreed else None
    if other is None:
        return
    matching(subject, other)
    first, second = heat.drawn(subject, choice), heat.drawn(other, fitting(other, choice))
    top = round(min(1.0, max(0.1, *(float(np.percentile(show.weights, 99.5)) for show in (first, second)))), 2)
    titles = titled(subject, other, against or AGAINST[0])
    placed = room.columns((0.5, 0.5))
    for (column, width), at, show in zip(placed, (0, 1), (first, second), strict=True):
        with column, errors.guarded():
            _one(f"compare_{at}", titles[at], name(subject, choice), show, top, width)
    with placed[0][0], errors.guarded():  # below the first map, as wide as it
        _difference(first, second, placed[0][1])


def _other_text(subject: Subject) -> Request:
    own = subject.request.given
    if not isinstance(own, str) and not (isinstance(own, tuple) and subject.about.paired):
        raise ValueError("Two texts are compared where the first is one text. Empty the second box, or choose a model.")
    task = subject.about.task
    key = f"heads_other_{task or 'any'}"
    start = given.kept(key, given.second_example(subject.about))
    typed = check(st.text_input("Second text", start, key=key, persist_state="session"))
    return replace(subject.request, given=typed if isinstance(own, str) else (typed, own[1]))


def _other_model(subject: Subject) -> Request | None:
    """Another model for the same input; None while a folder or an id is not typed yet."""
    offered = offers(subject)
    if not offered:
        raise ValueError("No other model that reads this input is at hand here.")
    chosen = st.selectbox("Second model", offered, key="other", bind="query-params", width=260) or offered[0]
    if chosen in (source.FOLDER, source.HUB):
        chosen = source.typed(chosen, "other_folder", "other_id")
    return replace(subject.request, model=chosen) if chosen else None


def offers(subject: Subject) -> list[str]:
    """Models that read this input, and those of which that is known only once they are loaded: folders, hub ids."""
    two = isinstance(subject.request.given, tuple)
    bundled = {card.name for card in cards()}
    return [
        name
        for name in source.names()
        if name != subject.about.name
        and reads(name) in (subject.about.takes, "")
        and not (two and name in bundled)  # they read one text
    ]


def reads(name: str) -> str:
    """What a model takes, as its card says; "" where that is known only once it is loaded."""
    if name == MINILM:
        return "text"
    bundled = source.about(name) if name in {card.name for card in cards()} else None
    return bundled.takes if bundled else ""


def matching(subject: Subject, other: Subject) -> None:
    """ValueError where two texts are a source and its target for one model, and a pair for the other."""
    if isinstance(subject.request.given, tuple) and subject.about.paired != other.about.paired:
        pair, two = (subject, other) if subject.about.paired else (other, subject)
        raise ValueError(
            f"{pair.about.title} reads a source and its target, {two.about.title} two texts: empty the second box."
        )


def fitting(other: Subject, choice: Choice) -> Choice:
    """The same kind, layer and head in the other run; ValueError where it has none."""
    record = other.attention
    kind = choice.kind if choice.kind in record.kinds else record.kinds[0]
    layers = record.of(kind)
    if choice.place >= len(layers) or choice.head >= layers[choice.place].heads:
        raise ValueError(
            f"{other.about.title} has {len(layers)} layers of {layers[0].heads} heads: choose a lower layer or head."
        )
    return replace(choice, kind=kind)


def titled(subject: Subject, other: Subject, against: str) -> tuple[str, str]:
    """What tells the two maps apart."""
    return ("First text", "Second text") if against == AGAINST[0] else (subject.about.title, other.about.title)


def _one(key: str, title: str, label: str, show: Shown, top: float, width: int) -> None:
    """One map under the limits that both share."""
    notes = (heat.strongest(show.weights, show.rows, show.columns), show.note, heat.hatched(show), pooled(show))
    figure_block(
        key,
        title,
        heat.figure(show, "linear", width, (0.0, top)),
        " ".join(note for note in notes if note),
        lambda: heat.table(show),
        {"weights": show.weights},
        WARNING,
        f"attention-{key.replace('_', '-')}",
        question=f"{label[:1].upper()}{label[1:]}.",
    )


def pooled(show: Shown, what: str = "the greatest") -> str:
    """What a cell stands for; no window is opened here."""
    return pooling(*show.tokens, what, opens=False)


def _difference(first: Shown, second: Shown, width: int) -> None:
    """Second less first, cell by cell."""
    if first.tokens != second.tokens:
        shapes = (" x ".join(map(str, show.tokens)) for show in (first, second))
        raise ValueError(f"No difference map: the maps have {' and '.join(shapes)} tokens. Give both as many.")
    first, second = beside(first, second), beside(second, first)
    change = changed(first, second)
    moved = np.nansum(np.abs(change), axis=1) / 2
    row = int(moved.argmax())
    hatched = "Hatched: neither may look there." if np.isnan(change).any() else ""
    most = max(0.1, round(float(np.nanpercentile(np.abs(change), 99.5)), 2))
    rows, columns = (_joined(a, b) for a, b in ((first.rows, second.rows), (first.columns, second.columns)))
    figure_block(
        "difference",
        f"{moved.mean():.0%} of the weight moves; most in the row of “{rows[row]}” ({moved[row]:.0%})",
        heatmap(
            change,
            heat.brief(rows),
            heat.brief(columns),
            limits=(-most, most),
            log=False,
            signed=True,
            apart=first.apart,
            width=width,
            axes=first.names,
        ),
        f"Second less first. A row's moved share is half the sum of its absolute differences. {hatched} "
        f"{pooled(first, 'the largest change')}".strip(),
        lambda: heat.table(replace(first, weights=change, rows=rows, columns=columns)),
        {"difference": change},
        WARNING,
        "attention-difference",
    )


def changed(first: Shown, second: Shown) -> np.ndarray:
    """Second less first [Tq, Tk]; NaN where neither mask lets a query look."""
    return np.where(first.allowed | second.allowed, second.weights - first.weights, np.float32(np.nan))


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """One word where both agree, both where they do not."""
    return tuple(a if a == b else f"{a} → {b}" for a, b in zip(first, second, strict=True))
