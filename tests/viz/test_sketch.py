"""The sketch of a figure: the same cells, words and places as plotly's, and nothing from the words but words."""

import base64
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image
from plotly.colors import sample_colorscale

from viz.enlarge import enlarge
from viz.grid import GAP, HEAD, LEFT, RIGHT
from viz.matrices import Panel, matrices
from viz.sketch import sketch

WIDTH = 900
WORDS = ["the", "<s>", "a & b"]
VALUES = np.array([[0.0, 0.25, 0.5], [0.125, 1.0, 0.75], [0.5, 0.375, 2.0]])


def figure(scale: str = "sequential", **changes: object) -> go.Figure:
    panels = [Panel("rnn", "RNN", VALUES), Panel("lstm", "LSTM", VALUES.T)]
    limits = (0.01, 1.0) if scale == "log" else (0.0, 1.0)
    given = {"limits": limits, "per_line": 7, "colour_title": "share", "scale": scale, "width": WIDTH} | changes
    return matrices(panels, WORDS, WORDS, **given)  # type: ignore[arg-type]


def tags(drawing: str, name: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(drawing).iter(f"{{http://www.w3.org/2000/svg}}{name}"))


def pixels(image: ElementTree.Element, tmp_path: object) -> np.ndarray:
    content = base64.b64decode(image.attrib["href"].split(",")[1])
    path = tmp_path / "picture.png"  # type: ignore[operator]
    path.write_bytes(content)
    with Image.open(path) as opened:
        return np.asarray(opened.convert("RGB"))


def test_cells_have_plotlys_colours(tmp_path: object) -> None:
    first = pixels(tags(sketch(figure(), WIDTH), "image")[0], tmp_path)
    wanted = sample_colorscale("Cividis", np.clip(VALUES, 0, 1).ravel().tolist())
    wanted = np.array([[float(part) for part in re.findall(r"[\d.]+", colour)] for colour in wanted])
    assert np.abs(first.reshape(-1, 3) - wanted).max() <= 2  # 256 levels, rounded twice


def test_a_log_scale_is_coloured_by_the_logarithm(tmp_path: object) -> None:
    first = pixels(tags(sketch(figure("log"), WIDTH), "image")[0], tmp_path)
    share = 1 + np.log10(np.clip(VALUES, 0.01, 1.0)) / 2
    wanted = sample_colorscale("Cividis", share.ravel().tolist())
    wanted = np.array([[float(part) for part in re.findall(r"[\d.]+", colour)] for colour in wanted])
    assert np.abs(first.reshape(-1, 3) - wanted).max() <= 4


def test_panels_stand_where_the_grid_says() -> None:
    first, second, _ = tags(sketch(figure(), WIDTH), "image")
    room = WIDTH - LEFT - RIGHT
    assert float(first.attrib["x"]) == pytest.approx(LEFT, abs=0.1)
    assert float(second.attrib["x"]) == pytest.approx(LEFT + room * (1 + GAP) / 2, abs=0.1)
    assert float(first.attrib["width"]) == pytest.approx(room * (1 - GAP) / 2, abs=0.1)
    assert float(first.attrib["y"]) == pytest.approx(HEAD, abs=0.1)
    assert float(first.attrib["height"]) == pytest.approx(float(first.attrib["width"]), abs=1)


def test_words_stay_words() -> None:
    texts = [text.text for text in tags(sketch(figure(), WIDTH), "text")]
    assert texts.count("<s>") == 3  # two column axes and one row axis
    assert texts.count("a & b") == 3
    assert {"RNN", "LSTM", "share", "0", "≥ 1"} <= set(texts)


def test_rows_run_downwards() -> None:
    drawing = tags(sketch(figure(), WIDTH), "text")
    left = {t.text: float(t.attrib["y"]) for t in drawing if t.attrib["text-anchor"] == "end" and t.text in WORDS}
    assert left["the"] < left["<s>"] < left["a & b"]


def test_a_frame_around_a_column_lies_on_it() -> None:
    drawing = sketch(figure(marked=1), WIDTH)
    framed = [shape for shape in tags(drawing, "rect") if shape.attrib["stroke"] == "#FFFFFF"]
    image = tags(drawing, "image")[0]
    cell = float(image.attrib["width"]) / 3
    assert float(framed[0].attrib["x"]) == pytest.approx(float(image.attrib["x"]) + cell, abs=0.2)
    assert float(framed[0].attrib["width"]) == pytest.approx(cell, abs=0.2)


def test_a_lecture_enlarges_the_sketch() -> None:
    usual, large = (tags(sketch(enlarge(figure(), factor), WIDTH), "text") for factor in (1, 2))
    assert [2 * float(text.attrib["font-size"]) for text in usual[:4]] == [
        float(text.attrib["font-size"]) for text in large[:4]
    ]


def test_what_it_cannot_draw_it_leaves_to_plotly() -> None:
    holes = np.where(VALUES > 1, np.nan, VALUES)
    panels = [Panel("rnn", "RNN", holes)]
    given = {"limits": (0.0, 1.0), "per_line": 7, "colour_title": "share", "width": WIDTH}
    assert sketch(matrices(panels, WORDS, WORDS, **given), WIDTH) == ""  # type: ignore[arg-type]
    assert sketch(go.Figure(go.Bar(y=[1, 2])), WIDTH) == ""
