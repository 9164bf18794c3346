"""View "Time": what reaches one word of the reader's sentence, how far it comes from, and in how many steps."""

import numpy as np
import streamlit as st

from models.presets import SETS, models_of, presets
from models.tokenizer import pieces
from pages.reach.room import room
from pages.reach.timing import Answer, Request, Seen, compute
from pages.shared import errors, progress, shell
from pages.shared.figure import figure_block
from pages.shared.text import check
from viz.hops import HopPanel, hops
from viz.matrices import Panel
from viz.strips import strips
from viz.theme import look

GROUPS = {"Sentiment": "sentiment", "Agreement": "agreement"}
LAST = "_last_times"
LONGEST = 128
WARNING = (
    "Reach and steps are what the wiring allows; the measured width is a gradient on this one text. A saturated unit "
    "has no gradient and may still depend on the word: see substitution on the page Side by side. Fewer steps do not "
    "mean that a path is used."
)


def draw() -> None:
    """The sentence and two words; influence on the second, and the path from the first."""
    with errors.guarded():
        request = ask()
        found = progress.result("times", compute, request)
        if found is not None:
            st.session_state[LAST] = found
    answer: Answer | None = st.session_state.get(LAST)
    if answer is not None:
        _influence(answer)
        _paths(answer)


def ask() -> Request:
    """Task, sentence, and the two words by position."""
    line = st.container(horizontal=True, vertical_alignment="bottom")
    with line:
        name = st.segmented_control(
            "Trained for", GROUPS, default="Sentiment", required=True, key="ftask", bind="query-params"
        )
    group = GROUPS[name or "Sentiment"]
    first = next(iter(presets(SETS[group][0]).values()))
    with line:
        text = st.text_input("Your sentence", first, key=f"ftext_{group}", persist_state="session", width=460)
    words = pieces(check(text))
    if len(words) > LONGEST:
        raise ValueError(f"This view reads at most {LONGEST} words; the text has {len(words)}.")
    with line:
        start = _word("From", "ffrom", words, 0)
        end = _word("To", "fto", words, len(words) - 1)
    models = tuple((family, card.name) for family, card in models_of(group).items())
    return Request(models, check(text), start, end, shell.chosen_device())


def _word(label: str, key: str, words: list[str], usual: int) -> int:
    """A word by its position, from 1."""
    at = st.number_input(label, 1, len(words), usual + 1, key=f"{key}{len(words)}", bind="query-params", width=120)
    return int(at) - 1


def _influence(answer: Answer) -> None:
    """A row of words a model, coloured by their share of the influence on the chosen word."""
    known = {family: seen for family, seen in answer.seen.items() if isinstance(seen, Seen)}
    if not known:
        raise ValueError(str(next(iter(answer.seen.values()))))
    rows = [
        Panel(
            family,
            look(family).title,
            seen.share if isinstance(seen, Seen) else None,
            "" if isinstance(seen, Seen) else seen,
        )
        for family, seen in answer.seen.items()
    ]
    top = max(float(seen.share.max()) for seen in known.values())
    figure_block(
        "time_influence",
        widest_of(answer, known),
        strips(
            rows,
            answer.tokens,
            limits=(0.0, round(max(0.1, top), 2)),
            colour_title="share",
            width=room(),
        ),
        f"Each word's share of the gradient influence on “{answer.tokens[answer.request.end]}”, word "
        f"{answer.request.end + 1}. The table has reach, σ, widths and steps.",
        lambda: table(answer),
        lambda: {family.replace("-", "_"): seen.share for family, seen in known.items()},
        WARNING,
        "receptive-field-in-time",
        question="From how far away?",
    )


def widest_of(answer: Answer, known: dict[str, Seen]) -> str:
    """The narrowest and the widest 90 % width."""
    narrow = min(known, key=lambda family: known[family].widths[1])
    wide = max(known, key=lambda family: known[family].widths[1])
    return (
        f"90% of the influence: within {known[narrow].widths[1]} words in {named(narrow)}, "
        f"within {known[wide].widths[1]} in {named(wide)}"
    )


def named(family: str) -> str:
    """An architecture inside a sentence; what follows a comma in its name is put in brackets, for lists."""
    first, _, rest = look(family).title.partition(", ")
    title = f"{first} ({rest})" if rest else first
    return title if title.isupper() or title.startswith(("LSTM", "RNN", "GRU")) else title[:1].lower() + title[1:]


def _paths(answer: Answer) -> None:
    """The shortest path from the first word to the second, a panel a model."""
    panels = []
    for family, seen in answer.seen.items():
        path = seen.path if isinstance(seen, Seen) else None
        note = seen if isinstance(seen, str) else none_why(seen, answer.request)
        panels.append(HopPanel(family, look(family).title, seen.layers if isinstance(seen, Seen) else 1, path, note))
    width = room()
    request = answer.request
    figure_block(
        "time_paths",
        steps_of(answer),
        hops(panels, answer.tokens, request.start, request.end, per_line=4 if width >= 900 else 2, width=width),
        f"From “{answer.tokens[request.start]}” (word {request.start + 1}, below) to “{answer.tokens[request.end]}” "
        f"(word {request.end + 1}, above). Solid: a step; dotted: staying in place, which costs none.",
        lambda: table(answer),
        lambda: {
            family.replace("-", "_"): np.array(seen.path)
            for family, seen in answer.seen.items()
            if isinstance(seen, Seen) and seen.path
        },
        WARNING,
        "path-between-words",
        question="How many steps?",
    )


def none_why(seen: Seen, request: Request) -> str:
    """Why there is no path."""
    if seen.needed is None:
        return "No path: it reads from left to right only."
    ahead = request.start > request.end
    side = "ahead" if ahead else "back"
    return f"No path: it sees {seen.reach[ahead]} words {side}; {seen.needed} layers would join them."


def steps_of(answer: Answer) -> str:
    """Steps by architecture, grouped by their number."""
    counts: dict[int, list[str]] = {}
    apart = []
    for family, seen in answer.seen.items():
        if isinstance(seen, Seen) and seen.path is not None:
            counts.setdefault(len(seen.path), []).append(named(family))
        elif isinstance(seen, Seen):
            apart.append(named(family))
    parts = [f"{count} step{'s' if count != 1 else ''}: {', '.join(names)}" for count, names in sorted(counts.items())]
    if apart:
        parts.append(f"never: {', '.join(apart)}")
    return ("; ".join(parts))[:1].upper() + "; ".join(parts)[1:]


def table(answer: Answer) -> dict[str, list]:
    """A row a model."""
    found: dict[str, list] = {
        name: [] for name in ("model", "reach before", "reach after", "sigma", "50%", "90%", "99%", "steps")
    }
    for family, seen in answer.seen.items():
        if isinstance(seen, Seen):
            reach = ["all" if side is None else str(side) for side in seen.reach]
            steps = "none" if seen.path is None else str(len(seen.path))
            row = (look(family).title, *reach, round(seen.sigma, 3), *seen.widths, steps)
            for column, value in zip(found, row, strict=True):
                found[column].append(value)
    return found
