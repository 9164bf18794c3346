"""The one place that turns an error into what a reader sees. What already stands on the page stays.

A `ValueError` is ours and says what was wanted and what came: it is shown as it is. Anything else is a programming
error: its traceback goes to the log under a short number, and the page shows an apology with that number.
"""

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

LOG = logging.getLogger("sightlines")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_JOINER = "\u2060"  # word joiner: no width; keeps emoji codes, icons, arrows and addresses from being recognised


@contextmanager
def guarded() -> Iterator[None]:
    """Show what goes wrong inside the block as one sentence, and go on after it."""
    try:
        yield
    except ValueError as error:
        LOG.info("shown to the reader: %s", error)
        show(error)
    except Exception as error:  # noqa: BLE001 - the border where programming errors are logged
        show(error)


def show(error: BaseException) -> None:
    """Draw one error: a ValueError as its own sentence, any other as an apology, its traceback in the log."""
    if isinstance(error, ValueError):
        st.warning(plain(str(error)), icon=":material/info:")
        return
    number = secrets.token_hex(3)
    LOG.error("error %s", number, exc_info=error)
    st.error(
        f"Something went wrong on our side, and this part could not be drawn. The log has the details as number "
        f"{number}. The rest of the page still works.",
        icon=":material/error:",
    )


def plain(text: str) -> str:
    r"""Markdown that shows `text` exactly as typed: no mark-up, formula, colour, emoji code, icon or link acts.

    Every ASCII punctuation mark gets a backslash; a word joiner (no width) after marks such as : and -, and before each
    dot, stops what is recognised after parsing. A line break stays one; other unprintable characters are named.
    """
    named = "".join(mark if mark.isprintable() or mark == "\n" else f"[U+{ord(mark):04X}]" for mark in text)
    escaped = _PUNCTUATION.sub(r"\\\1", named)
    joined = re.sub(r"(\\[-:@<>=~])", rf"\1{_JOINER}", escaped).replace("\\.", f"{_JOINER}\\.")
    return joined.replace("\n", "  \n")
