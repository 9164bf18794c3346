"""How the networks were trained, from their cards: passes over the pictures, and how the seed was chosen."""

from collections.abc import Iterable

import streamlit as st

from models.cards import ModelCard
from pages.seen.asked import facts, title
from pages.shared.errors import plain


def draw(names: Iterable[str]) -> None:
    """One sentence, and the whole of it a click away; nothing for networks that were trained elsewhere."""
    own = {title(name): facts(name) for name in names if facts(name).trained}
    if not own:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(plain(sentence(own)), width="content")
        more = st.popover("How they were trained", type="tertiary", key="trained", width="content", on_change="rerun")
        if more.open:  # a table costs the server pandas, and the first answer half a second
            more.markdown(plain(said(next(iter(own.values())))))
            more.dataframe(table(own), hide_index=True, width=720)


def said(first: ModelCard) -> str:
    """The data that all networks of a task share, and what they cannot do."""
    data = f"{first.data[:1].upper()}{first.data[1:]}"
    once = f"One pass shows each of the {first.trained['pictures']:,} training pictures once."
    return f"{data}. {once} {' '.join(first.limits)}"


def sentence(own: dict[str, ModelCard]) -> str:
    """Who made how many passes, and who was tried how; the groups in the order of the board."""
    groups: dict[str, list[str]] = {}
    for name, one in own.items():
        groups.setdefault(f"{one.trained['passes']} passes, {rule(one)}", []).append(name)
    parts = [f"{', '.join(members)}: {how}" for how, members in groups.items()]
    return f"{'Budgets differ. ' if len(parts) > 1 else ''}{'; '.join(parts)}."


def rule(one: ModelCard) -> str:
    """How the seed was chosen. A seed that was tried for the whole schedule has the bundled network's own validation
    accuracy."""
    runs = [run["validation"] for run in one.metrics["seeds"]]
    whole = max(runs) == one.metrics["validation"]
    return f"best of {len(runs)} {'whole runs' if whole else 'short trials'}"


def table(own: dict[str, ModelCard]) -> dict[str, list]:
    """One row a network."""
    cards = own.values()
    return {
        "network": list(own),
        "passes": [one.trained["passes"] for one in cards],
        "batch": [one.trained["batch"] for one in cards],
        "greatest rate": [one.trained["rate"] for one in cards],
        "shifts, pixels": [one.trained["shift"] for one in cards],
        "mirrored": [one.trained["flip"] for one in cards],
        "seed": [one.trained["seed"] for one in cards],
        "seeds, validation": [", ".join(f"{run['validation']:.1%}" for run in one.metrics["seeds"]) for one in cards],
        "how the seed was chosen": [one.metrics["seeds_note"] for one in cards],
    }
