"""The board and the page width that it reports."""

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from pages.shared.board import board, page_width
    from viz.board import Cell, Column, Row

    columns = [Column("cnn", "CNN", "#E69F00"), Column("gru", "GRU", "#882255")]
    per_line = board(columns, [Row("What?", [Cell("a"), Cell("b")])], key="board")
    st.text(f"{per_line} {page_width('board')}")


def reported(width: int | None) -> str:
    app = AppTest.from_function(page, default_timeout=60)
    if width:
        app.session_state["board"] = {"width": width}
    app.run()
    assert not app.exception
    return app.text[0].value


@pytest.mark.parametrize(
    ("width", "drawn"), [(None, "7 1050"), (1750, "7 1750"), (1000, "7 1000"), (950, "4 950"), (500, "4 500")]
)
def test_models_a_line_follow_the_width_that_the_board_reported(width, drawn):
    assert reported(width) == drawn
