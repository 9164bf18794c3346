"""The map of position codes and the turning vectors: what is drawn, where, and what is refused."""

import base64

import numpy as np
import pytest

from viz.code_map import code_map
from viz.turning import Plane, turning

VALUES = np.arange(15, dtype=np.float64).reshape(5, 3) / 15
ROWS = ["0 the", "1 the", "2 <s>", "3", "4"]
COLUMNS = ["0", "1", "2"]


def drawn(figure: object, kind: str) -> list[dict]:
    return [trace for trace in figure.to_plotly_json()["data"] if trace["type"] == kind]


def numbers(values: object) -> np.ndarray:
    if isinstance(values, dict):
        found = np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
        return found.reshape([int(side) for side in values["shape"].split(",")]) if "shape" in values else found
    return np.asarray(values)


def plain(**settings: object) -> object:
    return code_map(VALUES, ROWS, COLUMNS, limits=(-1, 1), colour_title="value", **settings)


def test_every_cell_is_drawn_and_repeated_words_keep_their_rows() -> None:
    figure = plain()
    (cells,) = drawn(figure, "heatmap")
    np.testing.assert_array_equal(numbers(cells["z"]), VALUES.astype(np.float32))
    axis = figure.layout.yaxis
    assert list(axis.tickvals) == [0, 1, 2, 3, 4]
    assert list(axis.ticktext) == ["0 the", "1 the", "2 &lt;s&gt;", "3", "4"]
    assert axis.range[0] > axis.range[1], "positions run downwards"
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == (-1, 1)
    assert {"position ↓", "feature →"} <= {note.text for note in figure.layout.annotations}


def test_what_is_undefined_is_hatched_and_the_cursor_framed() -> None:
    values = VALUES.copy()
    values[4] = np.nan
    figure = code_map(values, ROWS, COLUMNS, limits=(-1, 1), colour_title="value", marked=3)
    assert [trace["name"] for trace in drawn(figure, "scatter")] == ["undefined"]
    assert {(shape.y0, shape.y1) for shape in figure.layout.shapes} == {(2.5, 3.5)}
    assert np.isnan(VALUES).sum() == 0, "the input stays as it was"


def test_waves_stand_above_on_a_log_axis_with_the_length() -> None:
    figure = plain(waves=np.array([6.3, 6.3, np.nan]), length=64)
    (dots,) = drawn(figure, "scatter")
    np.testing.assert_array_equal(numbers(dots["y"])[:2], [6.3, 6.3])
    assert figure.layout.yaxis2.type == "log"
    low, high = figure.layout.yaxis2.range
    assert low < np.log10(6.3) < np.log10(64) < high
    assert figure.layout.yaxis2.domain[0] > figure.layout.yaxis.domain[1]
    assert [shape.y0 for shape in figure.layout.shapes if shape.type == "line"] == [64]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rows": ROWS[:4]}, r"wanted values of shape \(4, 3\).*; got \(5, 3\)"),
        ({"marked": 5}, "marked row must be from 0 to 4; got 5"),
        ({"limits": (-1, 2)}, r"limits of a diverging scale must be \(-m, m\)"),
    ],
)
def test_a_bad_map_is_refused(change: dict, said: str) -> None:
    settings = {"values": VALUES, "rows": ROWS, "columns": COLUMNS, "limits": (-1, 1), "colour_title": "v"} | change
    with pytest.raises(ValueError, match=said):
        code_map(**settings)


def test_a_map_of_256_by_1024_stays_below_two_megabytes() -> None:
    names = [str(at) for at in range(1024)]
    figure = code_map(np.zeros((256, 1024)), names[:256], names, limits=(-1, 1), colour_title="value")
    assert len(figure.to_json()) < 2_000_000


def plane(query: tuple[float, float]) -> Plane:
    before, after = np.array(query), np.array([query[1], -query[0]])
    return Plane("pair 1", "90° apart", (before, after), (after, before))


def test_each_plane_is_scaled_to_its_longer_vector_and_its_hover_says_the_true_length() -> None:
    figure = turning([plane((0.0, 4.0)), plane((0.3, 0.4))])
    vectors = [trace for trace in drawn(figure, "scatter") if trace["mode"] == "lines+markers"]
    ends = np.array([[trace["x"][1], trace["y"][1]] for trace in vectors])
    np.testing.assert_allclose(np.hypot(*ends.T), 1)
    np.testing.assert_allclose(ends[0], [0, 1])
    assert "90.0°, length 4" in vectors[0]["hovertemplate"]
    assert "53.1°, length 0.5" in vectors[4]["hovertemplate"]
    assert figure.layout.yaxis2.scaleanchor == "x2"


def test_a_vector_of_another_shape_is_refused() -> None:
    bad = Plane("pair 1", "", (np.ones(3), np.ones(2)), (np.ones(2), np.ones(2)))
    with pytest.raises(ValueError, match=r"pair 1: wanted two ends of shape \(2,\) for the query"):
        turning([bad])
