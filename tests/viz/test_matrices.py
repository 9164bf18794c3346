"""Matrices side by side: cells, shared limits, hatching, what is missing, and the weight of the page."""

import base64

import numpy as np
import pytest

from viz.grid import GAP, LEFT, RIGHT
from viz.matrices import NO_ATTENTION, Panel, matrices
from viz.theme import ARCHITECTURES

SEVEN = ("mlp", "cnn", "rnn", "lstm", "gru", "transformer", "hybrid")


def panels(rows, columns, keys=SEVEN, seed=3):
    random = np.random.default_rng(seed)
    return [Panel(key, ARCHITECTURES[key].title, random.random((rows, columns))) for key in keys]


def draw(given, out, into, **settings):
    return matrices(given, out, into, **{"limits": (0, 1), "per_line": 7, "colour_title": "influence"} | settings)


def heat(figure):
    return [trace for trace in figure.data if trace.type == "heatmap"]


def test_cells_are_the_values_of_each_model_in_order():
    given = panels(5, 7)
    maps = heat(draw(given, list("abcde"), list("abcdefg")))
    for panel, drawn in zip(given, maps, strict=True):
        np.testing.assert_array_equal(drawn.z, panel.values.astype(np.float32))
        assert drawn.z.dtype == np.float32 and drawn.z.flags.c_contiguous


def test_repeated_words_keep_their_cells_and_rows_run_down():
    figure = draw(panels(3, 3), ["the", "cat", "the"], ["the", "cat", "the"])
    assert heat(figure)[0].x is None and heat(figure)[0].z.shape == (3, 3)
    assert list(figure.layout.yaxis.range) == [2.5, -0.5]
    assert list(figure.layout.yaxis.ticktext) == ["the", "cat", "the"]
    assert dict(figure.layout.xaxis.labelalias) == {"0": "the", "1": "cat", "2": "the"}


def test_words_are_escaped_on_ticks_and_hover():
    figure = draw(panels(2, 2, ["cnn"]), ["<s>", "a\u200bb"], ["<b>x</b>", "&amp;"])
    assert list(figure.layout.yaxis.ticktext) == ["&lt;s&gt;", "aU+200Bb"]
    assert figure.layout.xaxis.labelalias["0"] == "&lt;b&gt;x&lt;/b&gt;"
    assert figure.layout.xaxis.labelalias["1"] == "&amp;amp;"


def test_all_panels_share_one_colour_axis_with_the_limits_given():
    figure = draw(panels(3, 5), list("abc"), list("abcde"), limits=(0.25, 0.75))
    assert {trace.coloraxis for trace in heat(figure)} == {"coloraxis"}
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == (0.25, 0.75)
    assert list(figure.layout.coloraxis.colorbar.ticktext) == ["≤ 0.25", "≥ 0.75"]  # values lie beyond both


def test_undefined_cells_are_hatched_and_zero_is_not():
    values = np.zeros((3, 3))
    assert len(draw([Panel("cnn", "C", values)], list("abc"), list("abc")).data) == 1
    values[0, 2] = np.nan
    hatched, cells = draw([Panel("cnn", "C", values)], list("abc"), list("abc")).data
    assert hatched.fillpattern.shape == "/" and hatched.zorder < cells.zorder
    assert np.isnan(cells.z[0, 2]) and np.isnan(cells.z).sum() == 1


def test_a_model_without_the_matrix_says_so_and_keeps_its_place():
    given = panels(3, 3, ("cnn", "rnn", "transformer"))
    given[1] = Panel("rnn", "RNN", None)
    figure = draw(given, list("abc"), list("abc"))
    assert len(heat(figure)) == 2
    words = [note.text.replace("<br>", " ") for note in figure.layout.annotations]
    assert NO_ATTENTION in words
    assert sum(shape.line.dash == "dash" for shape in figure.layout.shapes) == 1
    assert figure.layout.xaxis3.domain[1] == pytest.approx(1)


def test_columns_stand_at_the_same_shares_as_the_board():
    figure = draw(panels(3, 3), list("abc"), list("abc"))
    share = (1 - 6 * GAP) / 7
    for at, axis in enumerate(("xaxis", "xaxis2", "xaxis3", "xaxis4", "xaxis5", "xaxis6", "xaxis7")):
        assert figure.layout[axis].domain == pytest.approx((at * (share + GAP), at * (share + GAP) + share))
    assert (figure.layout.margin.l, figure.layout.margin.r) == (LEFT, RIGHT)


def test_lines_wrap_and_keep_columns():
    figure = draw(panels(3, 3), list("abc"), list("abc"), per_line=4)
    assert figure.layout.xaxis5.domain == figure.layout.xaxis.domain
    assert figure.layout.yaxis2.domain[1] < figure.layout.yaxis.domain[0]
    assert heat(figure)[4].yaxis == "y2" and heat(figure)[3].yaxis == "y"


def test_log_scale_floors_zero_and_keeps_exact_values_for_the_hover():
    values = np.array([[0.0, 1e-6, 1e-3], [1.0, 2.0, 1e-9]])
    figure = draw([Panel("lstm", "LSTM", values)], list("ab"), list("abc"), scale="log", limits=(1e-6, 1.0))
    drawn = heat(figure)[0]
    np.testing.assert_array_equal(drawn.z, [[0, 0, 128], [255, 255, 0]])
    np.testing.assert_array_equal(drawn.customdata, values.astype(np.float32))
    assert list(figure.layout.coloraxis.colorbar.ticktext) == ["≤ 10⁻⁶", "≥ 1"]


def test_log_scale_hatches_undefined_cells():
    drawn = draw([Panel("cnn", "C", np.array([[np.nan, 1.0]]))], ["a"], ["b", "c"], scale="log", limits=(0.1, 1)).data
    assert drawn[0].fillpattern.shape == "/" and np.isnan(drawn[1].z[0, 0]) and drawn[1].z[0, 1] == 255


def test_differences_are_centred_on_zero():
    figure = draw(panels(2, 3), list("ab"), list("abc"), scale="diverging", limits=(-0.5, 0.5))
    middle = figure.layout.coloraxis.colorscale[4]
    assert middle[0] == 0.5 and middle[1].upper() == "#F3EEEA"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"limits": (-0.1, 0.5), "scale": "diverging"}, r"\(-m, m\); got -0.1 and 0.5"),
        ({"limits": (0, 1), "scale": "log"}, "above zero; got 0"),
        ({"limits": (1, 1)}, "low < high; got 1 and 1"),
        ({"limits": (0, float("nan"))}, "finite"),
        ({"scale": "rainbow"}, "one of sequential, diverging, log; got 'rainbow'"),
        ({"marked": 5}, "marked column must be from 0 to 4; got 5"),
        ({"marked": (3, None)}, "marked row must be from 0 to 2; got 3"),
        ({"per_line": 0}, "got 7 panels, 0 a line"),
    ],
)
def test_bad_settings_are_refused_with_wanted_and_got(settings, message):
    with pytest.raises(ValueError, match=message):
        draw(panels(3, 5), list("abc"), list("abcde"), **settings)


def test_wrong_shape_says_wanted_and_got():
    with pytest.raises(ValueError, match=r"Convolution: wanted values of shape \(5, 3\); got \(3, 5\)"):
        draw(panels(3, 5, ["cnn"]), list("abcde"), list("abc"))


def test_a_mark_frames_the_column_in_every_panel():
    figure = draw(panels(3, 5), list("abc"), list("abcde"), marked=2)
    frames = [shape for shape in figure.layout.shapes if shape.xref != "paper"]
    assert {(shape.x0, shape.x1, shape.y0, shape.y1) for shape in frames} == {(1.5, 2.5, -0.5, 2.5)}
    assert {shape.xref for shape in frames} == {"x", *(f"x{at}" for at in range(2, 8))}


def test_input_is_not_changed():
    given = panels(5, 5)
    given[2].values[0, 4] = np.nan
    before = [panel.values.copy() for panel in given]
    draw(given, list("abcde"), list("abcde"), scale="log", limits=(1e-3, 1), marked=(1, 1))
    for panel, kept in zip(given, before, strict=True):
        np.testing.assert_array_equal(panel.values, kept)


@pytest.mark.parametrize(("scale", "limits"), [("sequential", (0, 1)), ("log", (1e-6, 1))])
def test_seven_panels_of_sixty_words_stay_light(scale, limits):
    words = [f"word{at % 11}" for at in range(60)]
    figure = draw(panels(60, 60), words, words, scale=scale, limits=limits)
    figure.layout.template = None
    assert len(figure.to_json()) < 300_000


def test_values_travel_as_packed_float32():
    packed = draw(panels(3, 5, ["cnn"]), list("abc"), list("abcde")).to_plotly_json()["data"][0]["z"]
    raw = (
        packed if isinstance(packed, np.ndarray) else np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])
    )
    assert raw.dtype == np.float32 and raw.size == 15


@pytest.mark.parametrize("length", [64, 128])
def test_long_inputs_have_labels_that_do_not_touch(length):
    words = [f"w{at}" for at in range(length)]
    figure = draw(panels(length, length), words, words)
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        assert len(axis.tickvals) * (axis.tickfont.size + 0.5) <= 130  # the panel's pixels
        assert len(axis.tickvals) >= 9


def test_a_number_beside_a_name_is_never_cut():
    named = Panel("mlp", "Fully connected and long", np.zeros((2, 2)), aside="ρ -.83")
    figure = draw([named] * 7, list("ab"), list("ab"))
    (text,) = {note.text for note in figure.layout.annotations if "ρ" in (note.text or "")}
    assert text.endswith(" ρ -.83")
    assert "…" in text
