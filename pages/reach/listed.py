"""The table of layers: what the reader edits stays theirs, by network, over sizes, pages and addresses."""

import time
from dataclasses import dataclass, replace

import streamlit as st

from models.lens.receptive_field_layer import Layer
from pages.reach.stacks import COLUMNS, HELP, NAME, Rows, decode, encode, frame, layers, named, read
from pages.shared import errors

KEY = "flist"  # in the address: the edited list, "3.1.1.1-2.2.0.1": kernel, stride, padding, dilation (padding after)
LISTS, OWN = "_flists", "_flists_own"
SETTLES = 3.0  # seconds in which the browser may still send an address that this session wrote earlier
WIDTHS = dict(zip((NAME, *COLUMNS), (100, 68, 66, 58, 80, 62), strict=True))  # pixels


@dataclass(frozen=True)
class Listed:
    """A network's list in this session: rows that its table opened with, rows that it holds now, whether they differ
    from the network's, the number of tables opened so far, and a list of an address that could not be read."""

    opened: Rows
    now: Rows
    edited: bool = False
    table: int = 0
    refused: str = ""
    reason: str = ""


def edit(name: str, size: int) -> tuple[tuple[str, ...], list[Layer]]:
    """The table, and the names and layers that it says; an edited list is kept in the address."""
    path = layers(name, size)
    listed = _opened(name, path)
    table = st.data_editor(
        frame(listed.opened),
        key=_table(name, listed),
        num_rows="dynamic",
        hide_index=True,
        height=300,
        disabled=[NAME],
        column_config={
            NAME: st.column_config.TextColumn(width=WIDTHS[NAME]),
            **{
                column: st.column_config.NumberColumn(
                    "pad" if column == "padding" else column, help=HELP[column], step=1, width=WIDTHS[column]
                )
                for column in COLUMNS
            },
        },
    )
    rows = read(table)
    found = [layer for _, layer in rows]
    edited = found != [layer for _, layer in path]
    st.session_state[LISTS][name] = replace(listed, now=rows, edited=edited)
    if listed.refused and not edited and st.query_params.get(KEY) == listed.refused:
        errors.show(ValueError(listed.reason))
    else:
        _write(encode(found) if edited else "")
    return tuple(title for title, _ in rows), found


def _opened(name: str, path: Rows) -> Listed:
    """The present list, from the address where it brings another; a new table where the last one left the screen."""
    known = st.session_state.setdefault(LISTS, {}).get(name)
    listed = known or Listed(path, path)
    if _arrived():
        listed = _from_address(name, path, listed.table + 1)
    elif known and listed.edited and _table(name, listed) not in st.session_state:
        listed = replace(listed, opened=listed.now, table=listed.table + 1)
    elif not listed.edited and listed.opened != path:
        listed = replace(listed, opened=path, now=path, table=listed.table + 1)
    st.session_state[LISTS][name] = listed
    return listed


def _table(name: str, listed: Listed) -> str:
    """The key of the table on screen: another one forgets what was typed into the last."""
    return f"flayers-{name}-{listed.table}"


def _arrived() -> bool:
    """Whether the address holds a list from elsewhere: a link, or a step back in the browser's history."""
    asked = st.query_params.get(KEY, "")
    own = st.session_state.setdefault(OWN, {"": 0.0})
    last = max(own, key=lambda text: own[text])
    return bool(asked) and asked != last and (asked not in own or time.monotonic() - own[last] > SETTLES)


def _from_address(name: str, path: Rows, table: int) -> Listed:
    """The list of the address, or the network's own beside the reason why it cannot be read."""
    asked = st.query_params[KEY]
    _know(asked)
    try:
        rows = named(decode(asked), path)
    except ValueError as error:
        return Listed(path, path, table=table, refused=asked, reason=str(error))
    return Listed(rows, rows, rows != path, table)


def _know(text: str) -> None:
    """Remember when this session last had the list, for as long as the browser may send it."""
    now = time.monotonic()
    recent = {known: at for known, at in st.session_state[OWN].items() if now - at < SETTLES}
    st.session_state[OWN] = recent | {text: now}


def _write(text: str) -> None:
    """Keep the list in the address, and know it again when the browser sends it back."""
    if text != st.query_params.get(KEY, ""):
        _know(text)
        if text:
            st.query_params[KEY] = text
        else:
            del st.query_params[KEY]
