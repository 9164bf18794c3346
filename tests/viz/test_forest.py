"""Forest plots: what stands where, below the floor of a log axis too."""

import math

import pytest

from viz.forest import ForestPanel, Mark, forest

ROWS = [("none", "#808080"), ("<RoPE>", "#7A5CC9"), ("T5", "#A65628")]
TWO = [
    [Mark(50, 45, 55, (48, 52), "fifty"), Mark(20)],
    [Mark(99, 98, 100), None],
    [Mark(70), Mark(60)],
]


def traces(figure, mode):
    return [each for each in figure.data if each.mode == mode]


def test_marks_intervals_and_runs_stand_on_their_row() -> None:
    figure = forest([ForestPanel("back", TWO, [("chance", 6.25)])], ROWS, x_title="%", x_range=(0, 100), series="ab")
    spans = traces(figure, "lines")
    assert [tuple(each.x) for each in spans] == [(45, 55), (98, 100)]
    runs = next(each for each in traces(figure, "markers") if len(each.x) == 2)
    assert tuple(runs.x) == (48, 52)
    centres = [each for each in traces(figure, "markers") if each.marker.size == 9]
    assert [each.x[0] for each in centres] == [50, 20, 99, 70, 60]
    assert [round(each.y[0]) for each in centres] == [0, 0, 1, 2, 2]
    assert centres[0].y[0] < centres[1].y[0]
    assert centres[0].marker.symbol != centres[1].marker.symbol
    assert centres[0].customdata[0] == "fifty"
    assert {each.marker.color for each in centres} == {colour for _, colour in ROWS}
    assert tuple(figure.layout.yaxis.ticktext) == ("none", "&lt;RoPE&gt;", "T5")
    assert list(figure.layout.yaxis.range) == [2.5, -0.5]
    assert [(shape.x0, shape.y0, shape.y1) for shape in figure.layout.shapes] == [(6.25, -0.5, 2.5)]
    assert "chance" in [note.text for note in figure.layout.annotations]


def test_panels_share_one_range_and_only_the_first_names_rows() -> None:
    single = [[Mark(1.0)], [Mark(2.0)], [None]]
    figure = forest([ForestPanel("a", single), ForestPanel("b", single)], ROWS, x_title="", x_range=(0, 2))
    assert figure.layout.xaxis.range == figure.layout.xaxis2.range
    assert figure.layout.xaxis.domain[1] < figure.layout.xaxis2.domain[0]
    assert (figure.layout.yaxis.showticklabels, figure.layout.yaxis2.showticklabels) == (True, False)


def test_a_log_axis_draws_zero_open_at_its_floor_and_says_so() -> None:
    marks = [[Mark(0.0, runs=(0.0, 1e-9))], [Mark(1e-3)], [Mark(1.0)]]
    figure = forest([ForestPanel("", marks, [("limit", 1e-6)])], ROWS, x_title="", x_range=(1e-8, 10), log=True)
    runs, floored, *above = traces(figure, "markers")
    assert tuple(runs.x) == (1e-8, 1e-8)
    assert (floored.x[0], floored.marker.symbol) == (1e-8, "triangle-left-open")
    assert "drawn at the floor" in floored.customdata[0]
    assert all("floor" not in each.customdata[0] for each in above)
    assert figure.layout.xaxis.type == "log"
    low, high = figure.layout.xaxis.range
    assert low < -8 and high > 1 and math.isclose(low + high, -7)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows": []}, "at least one panel and one row; got 1 and 0"),
        ({"panels": []}, "got 0 and 3"),
        ({"x_range": (3, 3)}, r"x_range low < high; got \(3, 3\)"),
        ({"log": True}, "above zero"),
        ({"series": "abcde"}, "one to 4 series; got 5"),
        ({"series": "a"}, r"back: wanted 3 rows of 1 marks; got \[2, 2, 2\]"),
    ],
)
def test_wrong_input_says_wanted_and_got(change: dict, message: str) -> None:
    given = {"panels": [ForestPanel("back", TWO)], "rows": ROWS, "x_range": (0, 1), "series": "ab", **change}
    with pytest.raises(ValueError, match=message):
        forest(x_title="", **given)
