"""What stands above the views: what was run, by which route, and the check against the model's own attention."""

from typing import Any

import streamlit as st

from pages.heads import restore, work
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
            st.markdown(plain(verdict(found)))
    if subject.trace.output:
        st.caption(plain(answered(subject)))
    for note in subject.trace.notes:
        st.caption(plain(note))


def facts(subject: Subject) -> str:
    """Title, size, route."""
    record = subject.attention
    layers = record.of()
    kinds = " and ".join(f"{len(record.of(kind))} {kind}" for kind in record.kinds)
    heads = sorted({layer.heads for layer in layers})
    route = "queries and keys recorded" if record.route == "recorded" else "the model's own eager maps"
    return (
        f"{subject.about.title} · {kinds} layer{'s' if len(layers) > 1 else ''} of "
        f"{' or '.join(str(count) for count in heads)} heads · {len(subject.trace.tokens):,} tokens · {route}"
    )


def answered(subject: Subject) -> str:
    """What the model says, the likeliest first; what rounds to nothing is only counted."""
    shares = sorted(subject.trace.output.items(), key=lambda pair: -pair[1])
    named = [f"“{label}” {share:.0%}" for label, share in shares if share >= FAINT]
    rest = len(shares) - len(named)
    return f"Answer: {', '.join(named)}" + (f"; {rest} more below {FAINT:.1%}" if rest else "")


def verdict(found: dict[str, Any]) -> str:
    """The largest difference to the model's own attention, in a sentence."""
    if found["reason"]:
        return f"Not confirmed: {found['reason']}. The model's own eager maps are shown."
    return (
        f"For this input, max |difference| to {found['against']}: {found['maps']:.1e} over {found['heads']} maps, "
        f"{found['hidden']:.1e} in {'hidden states' if 'eager' in found['against'] else 'what the layers hand on'}."
    )
