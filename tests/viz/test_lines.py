"""Curves: exact points, the floor of a log axis, bands, names that do not cover each other."""

import numpy as np
import pytest

from viz.ends import spread
from viz.lines import Line, LinePanel, lines, small_lines
from viz.theme import ARCHITECTURES, Look

X = np.arange(5)


def draw(series, **settings):
    return lines(series, **{"x_title": "distance (words)", "y_title": "influence"} | settings)


def curve(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def test_points_colour_dash_and_marker_are_the_architecture_s():
    y = np.array([2.0, 3.0, 5.0, 7.0, 11.0])
    drawn = curve(draw([Line("lstm", "LSTM", X, y)]), "LSTM")
    np.testing.assert_array_equal(drawn.y, y)
    look = ARCHITECTURES["lstm"]
    assert (drawn.line.color, drawn.line.dash, drawn.marker.symbol) == (look.colour, look.dash, look.symbol)


def test_zero_on_a_log_axis_is_drawn_open_at_the_floor_and_told():
    y = np.array([1.0, 1e-3, 1e-7, 0.0, 1e-2])
    figure = draw([Line("rnn", "RNN", X, y)], log_y=True, y_range=(1e-6, 10))
    drawn, floor = curve(figure, "RNN"), curve(figure, "RNN, at the floor")
    np.testing.assert_array_equal(drawn.y, [1.0, 1e-3, 1e-6, 1e-6, 1e-2])
    assert list(drawn.customdata)[2:4] == ["1e-07, drawn at the floor", "0, drawn at the floor"]
    np.testing.assert_array_equal(floor.x, [2, 3])
    assert floor.marker.symbol == "triangle-down-open"
    assert list(figure.layout.yaxis.range) == pytest.approx([-6, 1])


def test_undefined_points_stay_gaps():
    y = np.array([1.0, np.nan, 3.0, 4.0, np.nan])
    drawn = curve(draw([Line("gru", "GRU", X, y)]), "GRU")
    np.testing.assert_array_equal(drawn.y, y)
    assert not drawn.connectgaps


def test_the_band_lies_between_low_and_high():
    y = np.array([2.0, 3.0, 5.0, 7.0, 11.0])
    low, high = draw([Line("mlp", "MLP", X, y, y - 1, y + 2)]).data[:2]
    np.testing.assert_array_equal(low.y, y - 1)
    np.testing.assert_array_equal(high.y, y + 2)
    assert high.fill == "tonexty"


def test_names_at_the_ends_keep_their_order_and_distance():
    titles = ["mlp", "cnn", "rnn", "lstm", "gru"]
    series = [Line(key, key, X, np.full(5, 1 + at * 1e-4)) for at, key in enumerate(titles)]
    figure = draw(series, y_range=(0, 2), height=360)
    heights = [note.y for note in figure.layout.annotations if note.xanchor == "left" and note.x == 1]
    assert len(heights) == 5 and min(np.diff(heights)) * (360 - 44 - 18) >= 16 - 1e-6


@pytest.mark.parametrize(
    ("wanted", "gap", "placed"),
    [
        ([0.5, 0.5], 0.1, [0.45, 0.55]),
        ([0.9, 0.0, 0.5], 0.1, [0.9, 0.0, 0.5]),
        ([1.0, 1.0, 1.0], 0.2, [0.6, 0.8, 1.0]),
        ([0.0, 0.02], 0.1, [0.0, 0.1]),
        ([0.5] * 3, 0.9, [0.0, 0.5, 1.0]),
        ([0.3], 0.5, [0.3]),
    ],
)
def test_spread_moves_as_little_as_it_must(wanted, gap, placed):
    assert spread(wanted, gap) == pytest.approx(placed)


@pytest.mark.parametrize(
    ("series", "settings", "message"),
    [
        ([], {}, "at least one curve; got none"),
        ([Line("cnn", "C", X, np.ones(3))], {}, r"C: wanted x, y, low and high of one length; got shapes"),
        ([Line("cnn", "C", X, np.ones(5))], {"log_y": True}, "wanted y_range with log_y; got None"),
        ([Line("cnn", "C", X, np.ones(5))], {"log_y": True, "y_range": (0, 1)}, "above zero; got 0 and 1"),
        ([Line("cmn", "C", X, np.ones(5))], {}, "architecture must be one of .*; got 'cmn'"),
    ],
)
def test_bad_curves_are_refused_with_wanted_and_got(series, settings, message):
    with pytest.raises(ValueError, match=message):
        draw(series, **settings)


def test_small_panels_share_both_axes_and_the_columns_of_matrices():
    panels = [
        LinePanel("cnn", "CNN", [Line("cnn", "reach", X, X * 2.0)]),
        LinePanel("rnn", "RNN", None, "Not for this network."),
        LinePanel("lstm", "LSTM", [Line("lstm", "reach", X[:3], X[:3] * 3.0)]),
    ]
    names = ["words", "1", "2", "3", "<4>"]
    figure = small_lines(panels, x_title="layer", y_title="words", per_line=7, x_names=names)
    assert figure.layout.yaxis.range == figure.layout.yaxis3.range
    assert figure.layout.xaxis.range == figure.layout.xaxis3.range
    assert figure.layout.xaxis.ticktext[4] == "&lt;4&gt;"
    assert figure.layout.yaxis.showticklabels and not figure.layout.yaxis3.showticklabels
    assert any("Not for this" in note.text for note in figure.layout.annotations)


def test_input_is_not_changed():
    y = np.array([1.0, 0.0, np.nan, 2.0, 3.0])
    kept = y.copy()
    draw([Line("gru", "GRU", X, y)], log_y=True, y_range=(1e-3, 10))
    np.testing.assert_array_equal(y, kept)


def test_thin_lines_and_marks_have_no_name_at_their_end() -> None:
    series = [
        Line("cnn", "first", np.arange(3.0), np.arange(3.0)),
        Line("cnn", "second", np.arange(3.0), np.arange(3.0), kind="thin"),
        Line("vit", "third", np.arange(3.0), np.arange(3.0), look=Look("", "#0072B2"), kind="marks"),
    ]
    figure = lines(series, x_title="x", y_title="y")
    modes = {trace.name: trace.mode for trace in figure.data if trace.name}
    assert modes == {"first": "lines+markers", "second": "lines", "third": "markers"}
    (note,) = figure.layout.annotations
    assert "first" in note.text
