"""Which model's learned table: those at hand, or one of the hub that the reader names and a job fetches."""

from collections.abc import Callable

import streamlit as st

from models.lens.positional import tables
from models.lens.positional.reading import of_folder
from models.lens.positional.tables import BIASES, PATCHES, PLACES, Table
from models.pretrained.places import locate
from pages.shared import fetching, loading, progress
from pages.shared.settings import limits

AT_HAND: dict[str, Callable[[], tuple[Table, ...]]] = {
    "codes": tables.codes,
    "patches": lambda: tables.codes(grid=True),
    "biases": tables.biases,
}
ENDS = {"codes": PLACES, "patches": PATCHES, "biases": BIASES}
ANY = "Or type hub:owner/name: its weights are fetched, and its table is read from them."


def table(kind: str, label: str, key: str, first: tuple[str, ...] = ()) -> Table | None:
    """The table of the chosen model; None for one of `first`, or where nothing is at hand and nothing was typed."""
    found = AT_HAND[kind]()
    bound = limits().hub_models
    names = dict.fromkeys((*first, *(each.name for each in found), *(f"hub:{name}" for name in bound or ())))
    chosen = st.selectbox(
        label,
        list(names),
        key=key,
        bind="query-params",
        width=220,
        accept_new_options=bound is None,
        help=ANY if bound is None else None,
        placeholder="hub:owner/name",
    )
    if chosen is None or chosen in first:
        return None
    parts = [each for each in found if each.name == chosen] or _asked(kind, chosen)
    if len(parts) < 2:
        return parts[0]
    names = {each.part: each for each in parts}
    part = st.segmented_control(
        "Part", list(names), default=next(iter(names)), required=True, key=f"{key}part", bind="query-params"
    )
    return names.get(str(part), parts[0])


def _asked(kind: str, name: str) -> list[Table]:
    """A table that is not at hand; while it is fetched the run ends here, and the page says why."""
    wanted = f"hub:{name.strip().removeprefix('hub:')}"
    found = progress.result("table", fetched, kind, wanted) if fetching.agreed(wanted) else None
    if found is None:
        st.stop()
    return list(found)


def fetched(report: Callable[[float, str], None], kind: str, name: str) -> tuple[Table, ...]:
    """The tables of a model of the hub, fetched within the profile's limits."""
    report(0.0, f"Fetching {name.removeprefix('hub:')}.")
    place = locate(name, loading.permitted(limits()))
    found = of_folder(name, place.title, place.folder, ENDS[kind])
    if not found:
        raise ValueError(f"{place.title} has no learned {kind} of positions in its weights.")
    return found
