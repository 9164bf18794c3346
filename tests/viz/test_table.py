"""The files of a figure: CSV that no spreadsheet runs, NPZ without pickle, a page that needs no network."""

import csv
import io
import re

import numpy as np
import plotly.graph_objects as go
import pytest

from viz.table import to_csv, to_html, to_npz


def test_csv_keeps_numbers_and_disarms_formulas():
    table = {"word": ["=1+1", "+x", "-y", "@z", "\tq", " =2", "plain", 'a,"b"', "<s>"], "value": [-0.5] * 9}
    rows = list(csv.reader(io.StringIO(to_csv(table).decode("utf-8"), newline="")))
    assert rows[0] == ["word", "value"]
    words = ["'=1+1", "'+x", "'-y", "'@z", "'\tq", "' =2", "plain", 'a,"b"', "<s>"]
    assert [row[0] for row in rows[1:]] == words
    assert {row[1] for row in rows[1:]} == {"-0.5"}


def test_csv_needs_columns_of_one_length():
    with pytest.raises(ValueError, match=r"one length; got \{'a': 2, 'b': 3\}"):
        to_csv({"a": [1, 2], "b": [1, 2, 3]})


def test_npz_gives_the_exact_arrays_back_without_pickle():
    values = np.random.default_rng(5).random((3, 7))
    with np.load(io.BytesIO(to_npz({"lstm": values, "words": np.array(["<s>", "中"])})), allow_pickle=False) as read:
        np.testing.assert_array_equal(read["lstm"], values)
        assert read["words"].tolist() == ["<s>", "中"]
    with pytest.raises(ValueError, match="odd: wanted numbers or text"):
        to_npz({"odd": np.array([None, 1], dtype=object)})


def test_the_page_is_whole_escaped_and_leaves_the_figure_as_it_was():
    figure = go.Figure(go.Scatter(y=[2, 3, 5]))
    before = figure.to_json()
    page = to_html(figure, "<script>a</script>", "x < y & {z}", "not <b>", 'a"</script>').decode("utf-8")
    assert "&lt;script&gt;a&lt;/script&gt;" in page and "<script>a" not in page
    assert "x &lt; y &amp; {z}" in page and "not &lt;b&gt;" in page
    assert 'filename: "a---script-"' in page
    assert not re.search(r'<(script|link|img)[^>]+(src|href)="http', page)
    assert figure.to_json() == before


def test_panels_of_the_page_widen_alike_in_a_wider_window():
    figure = go.Figure(go.Heatmap(z=[[2, 3], [5, 7]]), layout={"yaxis": {"scaleanchor": "x"}})
    assert '"scaleanchor":"x"' not in to_html(figure, "a", "b", "c", "d").decode("utf-8").rsplit("Plotly.newPlot", 1)[1]
    assert figure.layout.yaxis.scaleanchor == "x"
