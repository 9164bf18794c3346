"""The figures of the training page: every value where it belongs, nothing lost without a mark, frames that move."""

import numpy as np
import pytest

from models.live.setup import MEMORY
from models.live.setup import PLANE as PLANE_NETWORKS
from viz import back, boundary
from viz.curves import Line
from viz.learning import LOSS_RANGE, Learner, learning
from viz.over_steps import Strip, over_steps
from viz.replay import add_replay
from viz.scale import LEVELS
from viz.seeds import Condition, seeds
from viz.variants import variant

STEPS = np.array([0, 3, 7, 11, 13])


def learner(key: str = "lstm", ended: str = "", loss: float = 0.5) -> Learner:
    values = np.linspace(0.9, loss, 5)
    return Learner(key, STEPS, np.stack([values, values + 0.1]), np.stack([STEPS / 13, STEPS / 17]), ended)


def drawn(figure, name: str) -> list[np.ndarray]:
    return [np.array(trace.y, dtype=float) for trace in figure.data if trace.name == name]


def test_validation_and_training_stand_in_their_panels() -> None:
    figure = learning([learner()], last=20, chance=0.25)
    loss, accuracy = drawn(figure, "LSTM")
    thin_loss, thin_accuracy = drawn(figure, "LSTM, training")
    assert loss == pytest.approx(learner().loss[1])
    assert thin_loss == pytest.approx(learner().loss[0])
    assert accuracy == pytest.approx(STEPS / 17)
    assert thin_accuracy == pytest.approx(STEPS / 13)
    assert (figure.layout.xaxis.range[1], figure.layout.xaxis2.range[1]) == pytest.approx((20.6, 20.6))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e6])
def test_a_loss_that_left_the_range_gets_a_cross_that_says_it(value: float) -> None:
    lost = learner(ended="diverged at step 13")
    lost.loss[1, -1] = value
    figure = learning([lost], last=20, chance=0.25)
    (cross,) = (trace for trace in figure.data if trace.name == "LSTM, outside the range")
    assert (list(cross.x), list(cross.y)) == ([13], [LOSS_RANGE[1]])
    assert cross.customdata[0] == f"{value:.3g}"
    assert any("LSTM, diverged" in note.text for note in figure.layout.annotations)


def test_wrong_shapes_say_what_was_wanted() -> None:
    bad = Learner("lstm", STEPS, np.zeros((2, 4)), np.zeros((2, 5)))
    with pytest.raises(ValueError, match=r"wanted loss and accuracy \(2, 5\)"):
        learning([bad], last=20, chance=0.5)
    with pytest.raises(ValueError, match=r"wanted values \(5, 2\)"):
        over_steps([Strip("lstm", STEPS, np.zeros((5, 3)), ["a", "b"])], limits=(1e-3, 1), **LOG)
    with pytest.raises(ValueError, match="wanted sizes"):
        back.back([back.Reach("lstm", np.zeros((5, 3)))], limits=(1e-3, 1), x=np.arange(4), x_title="", y_title="")
    with pytest.raises(ValueError, match="one label for each point"):
        boundary.boundary([PLANE], np.zeros((3, 2)), np.zeros(2), 1.8)
    with pytest.raises(ValueError, match="network must be one of"):
        variant("cat")


LOG = {"scale": "log", "colour_title": "gradient", "y_title": "", "last": 13}
PLANE = boundary.Plane("mlp", np.arange(2 * 9).reshape(2, 3, 3) / 17)


def test_strips_colour_by_the_power_of_ten_and_keep_the_value_for_the_hover() -> None:
    values = np.array([[1e-3, 1.0], [1e-2, np.nan], [0.0, 1e9], [0.1, 0.5], [1.0, 1.0]])
    figure = over_steps([Strip("rnn", STEPS, values, ["low", "high"], "a note")], limits=(1e-3, 1.0), **LOG)
    (strip,) = (trace for trace in figure.data if trace.type == "heatmap")
    shades = np.array(strip.z, dtype=float)
    assert shades[0].tolist() == [0, round(LEVELS / 3), 0, round(LEVELS * 2 / 3), LEVELS]
    assert np.isnan(shades[1, 1])
    assert shades[1, 2] == LEVELS
    assert np.allclose(np.array(strip.customdata), values.T, equal_nan=True, rtol=1e-6)
    (hatched,) = (trace for trace in figure.data if trace.type == "scatter" and trace.fillpattern.shape)
    assert hatched.zorder < strip.zorder, "strokes over the values would hatch all of them"
    assert list(figure.layout.yaxis.ticktext) == ["low", "high"]
    assert any("a note" in (note.text or "") for note in figure.layout.annotations)
    ticks = figure.layout.coloraxis.colorbar.ticktext
    assert ticks[0].startswith("≤")
    assert ticks[-1].startswith("≥")


def test_strips_lie_below_each_other_without_touching() -> None:
    strips = [
        Strip(key, STEPS, np.ones((5, rows)), [str(at) for at in range(rows)])
        for key, rows in (("rnn", 2), ("gru", 17))
    ]
    figure = over_steps(strips, limits=(1e-3, 1.0), **LOG)
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]
    assert figure.layout.yaxis2.domain[0] >= -1e-9
    assert len(figure.layout.yaxis2.ticktext) < 17


def test_the_map_shows_the_last_moment_and_its_frames_every_one() -> None:
    figure = boundary.boundary([PLANE, PLANE], np.zeros((3, 2)), np.array([0, 1, 1]), 1.8)
    traces, frames = boundary.moving([PLANE, PLANE], 3)
    assert [figure.data[at].type for at in traces] == ["heatmap"] * 2
    assert np.array(figure.data[0].z) == pytest.approx(PLANE.chance[-1] - 0.5, abs=1e-6)
    assert frames[0][1]["z"] == pytest.approx(PLANE.chance[0] - 0.5, abs=1e-6)
    assert frames[2][0]["z"] == pytest.approx(PLANE.chance[1] - 0.5, abs=1e-6)
    assert [len(figure.data[at].x) for at in (1, 2)] == [1, 2]


def test_a_line_below_the_floor_lies_on_it_and_says_its_value() -> None:
    sizes = np.array([[1.0, 1e-12, 0.0], [5.0, 0.1, 1e3]])
    reach = back.Reach("gru", sizes)
    traces, frames = back.moving([reach], 2, (1e-8, 10.0), np.arange(3))
    assert traces == [0, 1]
    assert frames[0][0]["y"].tolist() == [1.0, 1e-8, 1e-8]
    assert frames[0][0]["customdata"] == ["1", "1e-12", "0"]
    assert frames[1][0]["y"].tolist() == [5.0, 0.1, 10.0]


def test_what_a_reach_cannot_show_is_marked_at_the_ceiling_at_its_moment() -> None:
    sizes = np.array([[1.0, 2.0, 3.0], [np.nan, np.inf, 1e3]])
    reach, x = back.Reach("gru", sizes, "diverged at step 7"), np.array([0, 1, 2])
    figure = back.back([reach], limits=(1e-8, 10.0), x=x, x_title="", y_title="")
    line, marks = figure.data
    assert line.name == "GRU, diverged at step 7"
    assert np.isnan(np.array(line.y)[0])
    assert list(marks.x) == [0, 1, 2]
    assert list(marks.y) == [10.0] * 3
    assert list(marks.marker.symbol) == ["x-thin", "triangle-up-open", "triangle-up-open"]
    assert list(marks.customdata) == ["not a number", "infinite", "1e+03, above the axis"]
    _, frames = back.moving([reach], 2, (1e-8, 10.0), x)
    assert [len(frame[1]["x"]) for frame in frames] == [0, 3]


def test_a_map_that_is_not_a_number_is_hatched_and_its_frames_move_the_map() -> None:
    lost = boundary.Plane("mlp", np.where(np.arange(2)[:, None, None] == 1, np.nan, PLANE.chance))
    planes = [lost, PLANE, lost]
    figure = boundary.boundary(planes, np.zeros((3, 2)), np.array([0, 1, 1]), 1.8)
    traces, frames = boundary.moving(planes, 2)
    assert [figure.data[at].type for at in traces] == ["heatmap"] * 3
    assert sum(bool(trace.fillpattern.shape) for trace in figure.data if trace.type == "scatter") == 2
    assert np.isnan(np.array(figure.data[traces[0]].z, dtype=float)).all()
    assert [figure.data[at].xaxis for at in traces] == ["x", "x2", "x3"]
    assert frames[0][2]["z"] == pytest.approx(PLANE.chance[0] - 0.5, abs=1e-6)
    hatched = next(trace for trace in figure.data if trace.fillpattern and trace.fillpattern.shape)
    assert hatched.zorder < figure.data[traces[0]].zorder


def test_a_replay_has_one_frame_a_moment_and_room_below() -> None:
    figure = boundary.boundary([PLANE], np.zeros((3, 2)), np.array([0, 1, 1]), 1.8)
    before = figure.layout.height
    add_replay(figure, [0, 7], *boundary.moving([PLANE], 2))
    assert [frame.name for frame in figure.frames] == ["0", "7"]
    assert [step.args[0] for step in figure.layout.sliders[0].steps] == [("0",), ("7",)]
    assert figure.layout.height > before
    assert figure.layout.coloraxis.colorbar.y > 0
    with pytest.raises(ValueError, match="wanted 3 frames of 1 traces"):
        add_replay(figure, [0, 7, 9], *boundary.moving([PLANE], 2))


def test_no_two_networks_look_the_same() -> None:
    for offered in (PLANE_NETWORKS, MEMORY):
        looks = [variant(key) for key in offered]
        assert len({(look.colour, look.dash, look.symbol) for look in looks}) == len(offered)
        assert len({look.title for look in looks}) == len(offered)


def condition(name: str, keys: tuple[str, ...], factor: float) -> Condition:
    return Condition(
        name, [Line(key, variant(key).title, STEPS, factor * STEPS / (at + 17)) for at, key in enumerate(keys)]
    )


def test_two_conditions_stand_in_panels_with_the_same_axes() -> None:
    figure = seeds([condition("far", ("lstm", "gru"), 0.5), condition("near", ("lstm", "gru"), 1)], chance=0.25)
    left, right = drawn(figure, "LSTM")
    assert left == pytest.approx(0.5 * STEPS / 17)
    assert right == pytest.approx(STEPS / 17)
    layout = figure.layout
    assert layout.xaxis2.domain[1] < layout.xaxis.domain[0]
    assert layout.xaxis2.range == layout.xaxis.range
    assert layout.yaxis2.range == layout.yaxis.range
    assert [shape.yref for shape in layout.shapes if shape.y0 == 0.25] == ["y2", "y"]
    texts = [note.text for note in layout.annotations]
    assert {"<b>far</b>", "<b>near</b>"} <= set(texts)


def test_conditions_without_the_same_networks_are_refused() -> None:
    with pytest.raises(ValueError, match="wanted the same networks in every panel"):
        seeds([condition("far", ("lstm", "gru"), 1), condition("near", ("lstm",), 1)], chance=0.25)
