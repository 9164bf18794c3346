"""Larger type for a projector: only sizes change."""

import numpy as np
import plotly.graph_objects as go
import pytest

from viz.enlarge import FONT, enlarge
from viz.matrices import Panel, matrices

PANEL = Panel("lstm", "LSTM", np.eye(3, dtype=np.float32))


def figure():
    return matrices([PANEL], "a b c".split(), "a b c".split(), limits=(0, 1), per_line=7, colour_title="share")


def test_type_height_and_margins_grow_and_the_data_stays():
    small, large = figure(), enlarge(figure(), 1.5)
    assert large.layout.height == round(1.5 * small.layout.height)
    assert large.layout.margin.l == round(1.5 * small.layout.margin.l)
    assert large.layout.margin.autoexpand is False
    assert large.layout.font.size == 1.5 * FONT
    assert large.layout.xaxis.tickfont.size == 1.5 * small.layout.xaxis.tickfont.size
    assert large.layout.annotations[0].font.size == 1.5 * small.layout.annotations[0].font.size
    assert large.to_dict()["data"] == small.to_dict()["data"]
    assert large.layout.xaxis.ticktext == small.layout.xaxis.ticktext


def test_the_given_figure_is_not_changed_and_one_changes_nothing():
    given = figure()
    before = given.layout.to_plotly_json()
    assert enlarge(given, 1).layout.to_plotly_json() == before
    enlarge(given, 2)
    assert given.layout.to_plotly_json() == before


def test_a_factor_of_nothing_is_refused():
    with pytest.raises(ValueError, match="above 0; got 0"):
        enlarge(figure(), 0)


def test_frames_travel_with_the_figure():
    moving = go.Figure(go.Scatter(x=[1], y=[2]), frames=[{"name": "7", "data": [{"type": "scatter", "y": [3]}]}])
    for factor in (1, 1.5):
        large = enlarge(moving, factor)
        assert large.to_dict()["frames"] == moving.to_dict()["frames"]
        assert [frame.name for frame in large.frames] == ["7"]


def test_an_axis_without_a_size_of_its_own_gets_one():
    axis = {"title": {"text": "steps"}, "tickfont": {"color": "#123456"}}
    large = enlarge(go.Figure(layout={"xaxis": axis, "yaxis": {"range": [0, 1]}}), 2).layout
    assert large.xaxis.tickfont.size == large.xaxis.title.font.size == large.yaxis.tickfont.size == 2 * FONT
    assert large.xaxis.tickfont.color == "#123456" and large.yaxis.title.text is None
