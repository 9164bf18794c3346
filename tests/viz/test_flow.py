"""Norms over many decades, optimizer tracks and limits: what is drawn, and that nothing is left out without a mark."""

import json

import numpy as np
import pytest

from viz.curves import Line
from viz.descent import contour, depth, relief
from viz.flow import HELPED, MEASURES, Band, flow
from viz.stability import stability
from viz.tracks import FRAMES, OPTIMIZERS, Track, frame_steps, said

RANGE = (1e-6, 1e3)


def drawn(values: list[float]) -> list[dict]:
    line = Line("", "norm", np.arange(len(values)), np.array(values), look=MEASURES["gradient"])
    figure = flow([line], x_title="layer", y_title="norm", y_range=RANGE, bands=[Band(0.1, 10, "a < b")])
    return json.loads(figure.to_json())["data"] if values else []


def named(values: list[float], name: str) -> dict:
    line = Line("", "norm", np.arange(len(values)), np.array(values), look=MEASURES["gradient"])
    figure = flow([line], x_title="layer", y_title="norm", y_range=RANGE)
    (trace,) = [trace for trace in figure.data if trace.name == name]
    return trace


def test_what_underflows_is_drawn_at_the_floor() -> None:
    trace = named([1.0, 1e-30, 0.0], "norm, at the floor")
    assert trace.x.tolist() == [1, 2]
    assert (np.asarray(trace.y) == RANGE[0]).all()


def test_what_overflows_or_is_no_number_has_a_mark_that_says_so() -> None:
    trace = named([1.0, 1e9, np.inf, np.nan], "norm, beyond the axis")
    assert trace.x.tolist() == [1, 2, 3]
    assert (np.asarray(trace.y) == RANGE[1]).all()
    assert list(trace.customdata) == ["1e+09, above the axis", "infinite", "not a number"]
    assert tuple(trace.marker.symbol) == ("triangle-up-open", "triangle-up-open", "x-thin")


def test_a_row_inside_the_axis_has_no_marks() -> None:
    assert len([trace for trace in drawn([1.0, 2.0]) if "beyond" in (trace.get("name") or "")]) == 0


def test_bands_and_names_are_escaped() -> None:
    line = Line("", "norm", np.arange(2), np.ones(2), look=HELPED["plain"])
    figure = flow(
        [line], x_title="", y_title="", y_range=RANGE, bands=[Band(0.1, 10, "<b>a")], x_names=["<s>", "layer 1"]
    )
    assert "&lt;b&gt;a" in [note.text for note in figure.layout.annotations]
    assert figure.layout.xaxis.ticktext == ("&lt;s&gt;", "layer 1")
    assert figure.layout.yaxis.range == (-6, 3)


def track(steps: int, key: str = "adam", diverged: int | None = None) -> Track:
    points = np.stack([np.linspace(-1, 1, steps + 1), np.zeros(steps + 1)], axis=1)
    return Track(key, points, points[:, 0] ** 2, diverged)


GRID = np.linspace(-2, 2, 7), np.linspace(-1, 1, 5)
VALUES = GRID[0][None, :] ** 2 + GRID[1][:, None] ** 2


@pytest.mark.parametrize("draw", [contour, relief])
def test_playing_moves_every_mark_along_its_own_track(draw) -> None:
    runs = [track(10), track(4, "sgd", diverged=4)]
    figure = draw(*GRID, VALUES, runs, lowest=0.0)
    assert [frame.name for frame in figure.frames] == [str(step) for step in range(11)]
    moving = figure.frames[0].traces[0]
    assert figure.data[moving].name == "now"
    for step, frame in enumerate(figure.frames):
        assert frame.data[0].x.tolist() == pytest.approx([runs[0].points[step, 0], runs[1].points[min(step, 4), 0]])
    labels = [button.label for button in figure.layout.updatemenus[0].buttons]
    assert [label.split()[-1] for label in labels] == ["Play", "Pause"]
    assert [list(step.args[0]) for step in figure.layout.sliders[0].steps] == [[str(step)] for step in range(11)]


def test_long_runs_have_few_frames_and_both_ends() -> None:
    steps = frame_steps([track(400)], 400)
    assert len(steps) <= FRAMES
    assert (steps[0], steps[-1]) == (0, 400)
    assert frame_steps([track(100)], 3) == list(range(101))


@pytest.mark.parametrize("draw", [contour, relief])
def test_any_step_of_a_long_run_can_be_shown(draw) -> None:
    runs = [track(400), track(4, "sgd", diverged=4)]
    for at in (0, 3, 171, 400):
        figure = draw(*GRID, VALUES, runs, lowest=0.0, at=at)
        (now,) = [trace for trace in figure.data if trace.name == "now"]
        assert np.asarray(now.x) == pytest.approx([runs[0].points[at, 0], runs[1].points[min(at, 4), 0]])
        (slider,) = figure.layout.sliders
        assert slider.steps[slider.active].label == str(at)
    beyond = draw(*GRID, VALUES, [track(4)], lowest=0.0, at=99)  # every run was stopped before
    assert beyond.layout.sliders[0].steps[beyond.layout.sliders[0].active].label == "4"


def test_names_say_the_end_or_the_divergence() -> None:
    assert said(track(4)) == "1"
    assert said(track(4, diverged=3)) == "diverged, step 3"
    texts = [
        note.text for note in contour(*GRID, VALUES, [track(4), track(3, "sgd", 3)], lowest=0.0).layout.annotations
    ]
    assert "Adam: 1" in texts[1]
    assert "SGD: diverged, step 3" in texts[2]


def test_what_leaves_the_box_is_not_drawn_in_three_dimensions() -> None:
    far = Track("sgd", np.array([[0.0, 0.0], [9.0, 0.0]]), np.array([0.0, 81.0]), 1)
    figure = relief(*GRID, VALUES, [far], lowest=0.0)
    (line,) = [trace for trace in figure.data if trace.name == "SGD"]
    assert np.isnan(np.asarray(line.x, dtype=float)).tolist() == [False, True]


def test_depth_is_a_logarithm_above_the_lowest() -> None:
    assert depth(np.array([5.0, 6.0, 15.0]), 5.0) == pytest.approx(np.log10([0.01, 1.01, 10.01]))


def test_wrong_shapes_and_names_are_refused() -> None:
    with pytest.raises(ValueError, match=r"wanted values of shape \(5, 7\); got \(7, 5\)"):
        contour(*GRID, VALUES.T, [track(3)], lowest=0.0)
    with pytest.raises(ValueError, match="at least one track"):
        contour(*GRID, VALUES, [], lowest=0.0)
    with pytest.raises(ValueError, match="optimizer must be one of sgd"):
        contour(*GRID, VALUES, [Track("lion", np.zeros((1, 2)), np.zeros(1))], lowest=0.0)
    with pytest.raises(ValueError, match=r"adam: wanted points \(3, 2\)"):
        contour(*GRID, VALUES, [Track("adam", np.zeros((2, 2)), np.zeros(3))], lowest=0.0)


def test_stability_draws_lines_and_bars() -> None:
    bend = np.geomspace(1e-2, 1e4, 5)
    figure = stability(
        {"sgd": 2 / bend}, bend, [(track(3, "sgd"), 0.1, 1.0, 50.0), (track(3, "momentum"), 1e6, 1.0, 2.0)]
    )
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    bars = [trace for trace in figure.data if trace.mode == "lines+markers"]
    assert np.asarray(lines[0].y) == pytest.approx(2 / bend)
    assert (list(bars[0].x), list(bars[0].y)) == ([1.0, 50.0], [0.1, 0.1])
    assert list(bars[1].y) == [10.0, 10.0]
    assert "rate 1e+06, above the axis" in bars[1].hovertemplate
    assert [bar.marker.symbol for bar in bars] == ["circle", "triangle-up-open"]
    (low,) = [t for t in stability({}, bend, [(track(3, "sgd"), 0.0, 1.0, 2.0)]).data if t.mode == "lines+markers"]
    assert (list(low.y), low.marker.symbol) == ([1e-5, 1e-5], "triangle-down-open")
    assert "rate 0, below the axis" in low.hovertemplate
    with pytest.raises(ValueError, match="sgd: wanted"):
        stability({"sgd": bend[:2]}, bend, [])


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    light = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]


@pytest.mark.parametrize(
    "look", [*OPTIMIZERS.values(), *MEASURES.values(), *HELPED.values()], ids=lambda look: look.title
)
def test_colours_show_on_white_and_on_dark(look) -> None:
    """Contrast of at least 3 to 1 (WCAG 2.2) against both backgrounds."""
    own = luminance(look.colour)
    assert 1.05 / (own + 0.05) >= 3
    assert (own + 0.05) / (luminance("#15181F") + 0.05) >= 3


def test_optimizers_differ_in_more_than_colour() -> None:
    assert len({(look.dash, look.symbol) for look in OPTIMIZERS.values()}) == len(OPTIMIZERS)
