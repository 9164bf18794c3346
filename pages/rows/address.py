"""What the address asked for and this page does not have: one line that names it."""

from collections.abc import Collection, Mapping, Sequence

import streamlit as st

from models.presets import SETS, models_of, presets
from pages.rows.request import GROUPS
from pages.rows.view import View
from pages.shared import device, shell
from pages.shared.errors import plain
from viz.labels import shorten
from viz.theme import look

MOST, LONGEST = 5, 40  # entries that are named, characters of each
SWITCH = ("true", "false")


def remark(view: View, fixed: Mapping[str, Collection[str]]) -> str:
    """A line of Markdown on what was ignored in the address that opened the page; empty where nothing was.

    `fixed` holds the choices of the rows. It stands until the reader asks for something else.
    """
    if not (query := shell.opened_with("")):
        return ""
    first = st.session_state.setdefault("_asked_first", view.request)
    return said(ignored(query, {**allowed(view), **fixed})) if first == view.request else ""


def allowed(view: View) -> dict[str, Collection[str] | None]:
    """Key of the address -> the values that it can have here, None for any."""
    found: dict[str, Collection[str] | None] = {"device": device.choices(), "lecture": SWITCH, "task": GROUPS}
    for group, (task, _) in SETS.items():
        cards = models_of(group)
        found[f"{group}_models"] = [look(family).title for family in cards]
        found[f"{task}_class"] = next(iter(cards.values())).settings["labels"]
        found[f"{task}_example"] = presets(task)
    layers = [record.of() for r in view.readings.values() if (record := r.trace.attention) is not None]
    if layers:
        found["layer"] = numbers(max(map(len, layers)))
        found["head"] = numbers(max(each[0].heads for each in layers))
    else:
        found["layer"] = found["head"] = None
    return {**found, "change_place": numbers(len(view.tokens)), "text": None}


def numbers(count: int) -> list[str]:
    return [str(at + 1) for at in range(count)]


def ignored(query: Mapping[str, Sequence[str]], known: Mapping[str, Collection[str] | None]) -> list[str]:
    """ "key" of what is unknown, "key=value" of what a known key cannot be."""
    found = []
    for key, values in query.items():
        if key not in known:
            found.append(key)
        elif (offered := known[key]) is not None:
            found += [f"{key}={value}" for value in values if value not in offered]
    return found


def said(entries: Sequence[str]) -> str:
    """The line, with every entry shown as typed."""
    if not entries:
        return ""
    named = ", ".join(f"“{plain(shorten(entry, LONGEST))}”" for entry in entries[:MOST])
    more = " …" if entries[MOST:] else ""
    return f"Ignored in the address, because this page has no such setting or value: {named}{more}."
