"""The figure block: finding, sentence, numbers on demand, lazy files, and the reader's text exactly as typed."""

import json

from streamlit.testing.v1 import AppTest

from tests.pages.helper import seen

TYPED = "<b>$x$ :red[y] :smile:"


def block() -> None:
    """A script with one block; its table and arrays count how often they are built."""
    import numpy as np
    import streamlit as st

    from pages.shared.figure import figure_block
    from viz.matrices import Panel, matrices

    typed = "<b>$x$ :red[y] :smile:"
    built = st.session_state.setdefault("built", [])

    def table() -> dict:
        built.append("table")
        return {"word": ["=1+1", "cat"], "value": [0.25, 0.75]}

    values = np.array([[0.25, np.nan], [0.5, 0.75]])
    figure = matrices(
        [Panel("lstm", "LSTM", values)], ["a", "b"], ["c", "d"], limits=(0, 1), per_line=7, colour_title="v"
    )
    figure_block(
        "demo", f"Finding {typed}", figure, f"Sentence {typed}", table, {"lstm": values}, f"Not {typed}", "demo_file"
    )


def opened() -> AppTest:
    app = AppTest.from_function(block, default_timeout=60).run()
    assert not app.exception
    return app


def test_title_sentence_and_warning_show_the_text_as_typed():
    texts = [seen(item.value) for item in opened().markdown]
    assert texts == [f"#### Finding {TYPED}", f"Sentence {TYPED}", f"Not {TYPED}"]
    raw = opened().markdown[0].value
    assert ":smile:" not in raw and ":red[" not in raw and "$x$" not in raw and "<b>" not in raw


def test_the_chart_is_the_figure_with_a_name_for_screen_readers():
    chart = opened().get("plotly_chart")[0].proto
    spec = json.loads(chart.spec)
    assert [trace["type"] for trace in spec["data"]] == ["scatter", "heatmap"]
    assert chart.theme == "streamlit"
    assert chart.alt == f"Finding {TYPED}. Sentence {TYPED}"
    assert json.loads(chart.config)["toImageButtonOptions"]["format"] == "png"


def test_every_file_is_offered_and_none_is_built_before_it_is_asked_for():
    app = opened()
    assert [item.proto.label for item in app.get("download_button")] == ["CSV", "NPZ", "HTML"]
    assert app.session_state["built"] == []
    assert not app.dataframe


def test_the_table_is_built_when_it_is_opened():
    app = opened()
    app.session_state["demo_table"] = True
    app.run()
    assert app.session_state["built"] == ["table"]
    assert app.dataframe[0].value["value"].tolist() == [0.25, 0.75]
