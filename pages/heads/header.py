"""What stands above the views: what was run, by which route, and the check against the model's own attention."""

from typing import Any

import streamlit as st

from models.trace import AttentionRecord
from pages.heads import measures, restore, work
from pages.heads.subject import Subject
from pages.shared import progress
from pages.shared.errors import plain

FAINT = 0.005  # a probability that would be written as 0 %
ASKED = "_verify"  # the request whose maps the reader wants verified


def draw(subject: Subject) -> None:
    """Facts in one line, a button that verifies this very input, notes of the run."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(facts(subject)))
        st.button(
            "Verify",
            key="verify",
            type="tertiary",
            help="Compare these maps with the model's own attention, now.",
            on_click=st.session_state.__setitem__,
            args=(ASKED, subject.request),
        )
        restore.save(subject)
    restore.compared(subject)
    if st.session_state.get(ASKED) == subject.request:
        found = progress.result("verify", work.verified, subject.request)
        if found is not None:
            st.markdown(plain(verdict(found, subject.attention.route)))
    if subject.trace.output:
        st.caption(plain(answered(subject)))
    for note in subject.trace.notes:
        st.caption(plain(note))


def facts(subject: Subject) -> str:
    """Title, size, route."""
    record = subject.attention
    route = "queries and keys recorded" if record.route == "recorded" else "the model's own eager maps"
    return f"{subject.about.title} · {layers(record)} · {length(subject)} · {route}"


def layers(record: AttentionRecord) -> str:
    """Layers by kind with their heads, which may differ from kind to kind and from layer to layer."""
    heads = {kind: sorted({layer.heads for layer in record.of(kind)}) for kind in record.kinds}
    counts = {kind: f"{len(record.of(kind))} {kind}" for kind in record.kinds}
    many = "s" if sum(len(record.of(kind)) for kind in heads) > 1 else ""
    if len(set(map(tuple, heads.values()))) == 1:
        return f"{' and '.join(counts.values())} layer{many} of {_either(next(iter(heads.values())))} heads"
    return ", ".join(
        f"{counts[kind]} layer{'s' if len(record.of(kind)) > 1 else ''} of {_either(heads[kind])} heads"
        for kind in heads
    )


def _either(counts: list[int]) -> str:
    return " or ".join(map(str, counts))


def length(subject: Subject) -> str:
    """How many tokens were read; of a source with its target both."""
    axes = subject.trace.axes
    if not {"encoder", "decoder"} <= set(axes):
        return f"{len(subject.trace.tokens):,} tokens"
    read = f"{len(axes['encoder'].tokens):,} source {measures.unit(axes['encoder'])[1]}"
    return f"{read} and {len(axes['decoder'].tokens):,} target tokens"


def answered(subject: Subject) -> str:
    """What the model says, the likeliest first; what rounds to nothing is only counted."""
    shares = sorted(subject.trace.output.items(), key=lambda pair: -pair[1])
    named = [f"“{label}” {share:.0%}" for label, share in shares if share >= FAINT]
    rest = len(shares) - len(named)
    if not named:
        return f"Answer: each of the {rest} likeliest is below {FAINT:.1%}"
    return f"Answer: {', '.join(named)}" + (f"; {rest} more below {FAINT:.1%}" if rest else "")


def verdict(found: dict[str, Any], route: str) -> str:
    """The largest difference to the model's own attention, in a sentence; `route` is what the page draws."""
    if found["reason"]:
        own = "What is drawn are the model's own eager maps."
        other = "What is drawn was rebuilt from queries and keys: for this input, do not rely on it."
        return f"Not confirmed: {found['reason']}. {other if route == 'recorded' else own}"
    return (
        f"For this input, max |difference| to {found['against']}: {found['maps']:.1e} over {found['heads']} maps, "
        f"{found['hidden']:.1e} in {'hidden states' if 'eager' in found['against'] else 'what the layers hand on'}."
    )
