"""Attention over pictures and recordings: every weight on its own patch or moment."""

import base64
import io

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

from viz.over import over_picture, over_sound

ROWS, COLUMNS, SIDE = 3, 5, 7
PICTURE = np.random.default_rng(0).random((ROWS * SIDE, COLUMNS * SIDE + 4, 3)).astype(np.float32)
WEIGHTS = np.random.default_rng(1).dirichlet(np.ones(ROWS * COLUMNS)).astype(np.float32)
LIMITS = (0.0, 0.2)


def pixels(figure: go.Figure, at: int) -> np.ndarray:
    content = figure.layout.images[at].source.removeprefix("data:image/png;base64,")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))


def drawn(**settings: object) -> go.Figure:
    return over_picture(PICTURE, WEIGHTS, (ROWS, COLUMNS), limits=LIMITS, **settings)


def test_each_weight_stands_on_its_patch() -> None:
    heat = drawn().data[1]
    np.testing.assert_array_equal(heat.z, WEIGHTS.reshape(ROWS, COLUMNS))
    assert heat.z[2, 1] == WEIGHTS[2 * COLUMNS + 1]
    assert list(heat.customdata[2, 1]) == [3, 2]


def test_the_picture_fills_its_patches_and_the_rest_stays_outside() -> None:
    first, second = drawn().layout.images
    assert (first.x, first.y) == (-0.5, -0.5)
    assert first.sizex == pytest.approx((COLUMNS * SIDE + 4) / SIDE)
    assert first.sizey == pytest.approx(ROWS)
    assert (second.xref, second.yref) == ("x2", "y2")
    figure = drawn()
    assert tuple(figure.layout.xaxis.range) == (-0.5, COLUMNS - 0.5)
    assert tuple(figure.layout.yaxis2.range) == (ROWS - 0.5, -0.5)


def test_under_the_weights_the_picture_is_grey() -> None:
    figure = drawn()
    whole, grey = pixels(figure, 0), pixels(figure, 1)
    np.testing.assert_array_equal(whole, np.rint(PICTURE * 255))
    assert (grey == grey[..., :1]).all()
    assert np.abs(grey[..., 0] - whole.mean(axis=2)).max() <= 0.5


def test_the_patch_that_asks_is_framed_in_both_panels_and_a_mark_is_not() -> None:
    frames = [shape for shape in drawn(marked=8).layout.shapes if shape.xref in ("x", "x2")]
    assert {(frame.x0, frame.x1, frame.y0, frame.y1) for frame in frames} == {(2.5, 3.5, 0.5, 1.5)}
    assert {frame.xref for frame in frames} == {"x", "x2"}
    assert not [shape for shape in drawn().layout.shapes if shape.xref in ("x", "x2")]


def test_points_to_click_stand_in_the_order_of_the_patches() -> None:
    points = drawn().data[0]
    assert [points.y[8] * COLUMNS + points.x[8]] == [8]
    assert len(points.x) == ROWS * COLUMNS


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": WEIGHTS[1:]},
        {"picture": PICTURE[..., 0]},
        {"picture": PICTURE[:2]},
        {"marked": ROWS * COLUMNS},
        {"limits": (0.2, 0.2)},
    ],
)
def test_what_does_not_fit_is_refused(wrong: dict) -> None:
    settings = {"picture": PICTURE, "weights": WEIGHTS, "grid": (ROWS, COLUMNS), "limits": LIMITS, **wrong}
    with pytest.raises(ValueError, match=r"wanted|must be"):
        over_picture(settings.pop("picture"), settings.pop("weights"), settings.pop("grid"), **settings)


SOUND = np.random.default_rng(2).random((13, 34)).astype(np.float32)
ROW = np.random.default_rng(3).dirichlet(np.ones(17)).astype(np.float32)


def test_a_recording_ends_where_it_ends() -> None:
    figure = over_sound(SOUND, ROW, 0.02, length=0.2, even=1 / 17)
    assert tuple(figure.layout.xaxis.range) == tuple(figure.layout.xaxis2.range) == (0, 0.2)
    np.testing.assert_allclose(figure.data[0].y[:-1], ROW[:10])
    np.testing.assert_allclose(figure.data[0].x[:3], [0, 0.02, 0.04])
    assert figure.layout.images[0].sizex == pytest.approx(17 * 0.02)


def test_low_bands_stand_below_and_loud_ones_are_dark() -> None:
    sound = np.zeros((13, 34), dtype=np.float32)
    sound[0] = 1.0
    shown = pixels(over_sound(sound, ROW, 0.02, length=0.34, even=1 / 17), 0)
    assert (shown[-1] == 0).all()
    assert (shown[:-1] == 255).all()


def test_the_even_line_and_the_moment_that_asks() -> None:
    shapes = over_sound(SOUND, ROW, 0.02, length=0.34, even=1 / 17, marked=4).layout.shapes
    assert [shape.y0 for shape in shapes if shape.line.dash == "dot"] == [pytest.approx(1 / 17)]
    moments = [shape.x0 for shape in shapes if shape.line.dash is None]
    assert moments == [pytest.approx(0.09)] * 4


def test_a_recording_without_frames_is_refused() -> None:
    with pytest.raises(ValueError, match=r"got \(0,\), \(13, 34\), 0.02 s and 1 s"):
        over_sound(SOUND, ROW[:0], 0.02, length=1, even=0.1)
