"""A late figure says to the browser what plotly's own would, and is plotly's own as soon as somebody looks inside."""

import base64
import copy
import json

import numpy as np
import plotly.graph_objects as go
import plotly.io
import pytest

from viz.curves import Line
from viz.late import Late, packed
from viz.lines import LinePanel, lines, small_lines
from viz.matrices import Panel, matrices
from viz.strips import strips

WORDS = "good <b> good".split()
VALUES = np.array([[0.2, np.nan, 0.3], [0.1, 0.9, 0.0], [0.5, 0.25, 0.25]], dtype=np.float32)
FALLING = Line("rnn", "RNN", np.arange(5), np.array([1.0, 0.1, 0.0, 1e-3, 1e-9]))
PANELS = [Panel("rnn", "RNN", VALUES), Panel("gru", "GRU", None, "none")]
FIGURES = {
    "matrices": lambda: matrices(
        PANELS, WORDS, WORDS, limits=(1e-4, 1), per_line=7, colour_title="v", scale="log", marked=1, width=1100
    ),
    "strips": lambda: strips([Panel("rnn", "RNN", VALUES[0])], WORDS, limits=(0, 1), colour_title="v"),
    "lines": lambda: lines([FALLING], x_title="x", y_title="y", log_y=True, y_range=(1e-6, 1), baselines=[("b", 0.5)]),
    "small lines": lambda: small_lines(
        [LinePanel("rnn", "RNN", [FALLING])], x_title="x", y_title="y", per_line=4, y_range=(0, 1)
    ),
}


def plain(value):
    """Packed arrays as lists, and a named scale spelt out, so that two ways of saying the same compare equal."""
    if isinstance(value, dict) and "bdata" in value:
        shape = [int(size) for size in str(value.get("shape", "-1")).split(",")]
        return np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"]).reshape(shape).tolist()
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", FIGURES)
def test_what_is_sent_is_what_plotly_would_send(name):
    late = FIGURES[name]()
    sent = json.loads(plotly.io.to_json(late.to_dict(), validate=False))
    assert "_plain" in vars(late), "plotly checked a figure that nobody looked into"
    checked = json.loads(plotly.io.to_json(go.Figure(FIGURES[name]()), validate=False))
    scale = checked["layout"].get("coloraxis", {}).pop("colorscale", None)
    sent["layout"].get("coloraxis", {}).pop("colorscale", None)
    assert scale is None or len(scale) > 5
    assert json.dumps(plain(sent), sort_keys=True) == json.dumps(plain(checked), sort_keys=True)


def test_looking_inside_makes_it_plotlys_own_and_changes_are_sent():
    late = FIGURES["lines"]()
    assert late.layout.yaxis.type == "log"
    late.update_layout(height=211)
    assert late.to_dict()["layout"]["height"] == 211
    assert isinstance(late.data[0], go.Scatter)


def test_a_setting_that_plotly_does_not_know_is_refused_when_looked_at():
    with pytest.raises(ValueError, match="colour"):
        _ = Late([{"type": "scatter", "colour": "red"}], {}).data


def test_copies_stand_by_themselves():
    first = Late([{"type": "scatter", "y": np.arange(3.0)}], {"height": 101})
    sent = first.to_dict()
    sent["layout"]["height"] = 7
    other = copy.deepcopy(first)
    other.update_layout(height=13)
    assert first.layout.height == 101
    assert other.layout.height == 13


def test_arrays_are_packed_and_what_has_no_packing_is_a_list():
    found = packed({"z": VALUES, "none": None, "n": np.array([1, 2]), "text": np.array(["a"]), "gap": [1, None]})
    assert found == {
        "z": {"dtype": "f4", "bdata": found["z"]["bdata"], "shape": "3, 3"},
        "n": [1, 2],
        "text": ["a"],
        "gap": [1, None],
    }
    np.testing.assert_array_equal(plain(found["z"]), VALUES.tolist())
