"""What a reader sees when something goes wrong, and what stays on the page."""

import logging

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.errors import plain


def page() -> None:
    import streamlit as st

    from pages.shared.errors import guarded

    st.text("before")
    with guarded():
        raise ValueError("The text must have at most 64 words; got 65 in <b>$x$</b>.")
    st.text("between")
    with guarded():
        raise RuntimeError("secret detail")
    with guarded():
        st.stop()
    st.text("never")


def test_each_kind_of_error_has_its_sentence_and_the_rest_stays(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="sightlines"):
        app = AppTest.from_function(page).run()
    assert [text.value for text in app.text] == ["before", "between"]
    assert [box.value for box in app.warning] == [plain("The text must have at most 64 words; got 65 in <b>$x$</b>.")]
    assert not app.exception
    (apology,) = (box.value for box in app.error)
    assert "secret" not in apology
    (record,) = (record for record in caplog.records if record.exc_info)
    assert str(record.exc_info[1]) == "secret detail"
    assert record.getMessage().split()[-1] in apology


def test_plain_text_keeps_every_character_that_has_a_glyph() -> None:
    typed = "a <s> $x$ :red[y] **z** -> https://example.org `c` \\ 你好"
    shown = plain(typed).replace("\u2060", "")
    assert "".join(mark for place, mark in enumerate(shown) if not is_escape(shown, place)) == typed


def is_escape(text: str, place: int) -> bool:
    """Whether the backslash at `place` escapes the next character: an odd one in a row of them, from the left."""
    before = len(text[:place]) - len(text[:place].rstrip("\\"))
    return text[place] == "\\" and before % 2 == 0


@pytest.mark.parametrize(
    ("mark", "name"), [("\0", "U+0000"), ("\u200b", "U+200B"), ("\u202e", "U+202E"), ("\t", "U+0009")]
)
def test_what_has_no_glyph_is_shown_by_its_number(mark: str, name: str) -> None:
    assert name in plain(f"a{mark}b").replace("\\", "")
    assert mark not in plain(f"a{mark}b")
