"""Files of the canvas views, read back as XML: every tile, line and word is there, and nothing acts as markup."""

import base64
import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from viz import head_view_drawing, mosaic_drawing, vector

SVG = "{http://www.w3.org/2000/svg}"
LAYERS, HEADS, SIDE = 3, 5, 8
TILES = np.random.default_rng(0).integers(0, 256, (LAYERS, HEADS, SIDE, SIDE), dtype=np.uint8)
HOVER = [[f"layer {layer} head {head} <s>" for head in range(HEADS)] for layer in range(LAYERS)]


def read(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def pixels(image: ElementTree.Element) -> np.ndarray:
    content = image.attrib["href"].removeprefix("data:image/png;base64,")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))).convert("RGB"))


def test_every_head_has_its_tile_in_its_place() -> None:
    images = read(mosaic_drawing.drawing(TILES, HOVER, ["1", "2", "3"])).findall(f"{SVG}image")[:-1]
    assert len(images) == LAYERS * HEADS
    colours = mosaic_drawing.palette()
    for at, image in enumerate(images):
        layer, head = divmod(at, HEADS)
        np.testing.assert_array_equal(pixels(image), colours[TILES[layer, head]])
        assert image.find(f"{SVG}title").text == HOVER[layer][head]
    assert len({(image.attrib["x"], image.attrib["y"]) for image in images}) == LAYERS * HEADS
    heights = [float(image.attrib["y"]) for image in images]
    assert heights[0] == heights[1] < heights[HEADS]


def test_colours_follow_the_root_of_the_weight() -> None:
    colours = mosaic_drawing.palette().astype(int)
    assert colours[0].tolist() == [0x00, 0x22, 0x4E]
    assert colours[255].tolist() == [0xFE, 0xE8, 0x38]
    middle = 64  # a quarter of the weight stands in the middle of the scale, between its fifth and sixth stop
    between = (np.array([0x70, 0x71, 0x73]) + np.array([0x8A, 0x86, 0x78])) / 2
    assert np.abs(colours[middle] - between).max() <= 2


def test_layers_without_a_map_are_named_between_the_rows() -> None:
    root = read(mosaic_drawing.drawing(TILES, HOVER, ["11", "14", "15"], [(1, "layers 2–3: no attention map")]))
    heights = {text.text: float(text.attrib["y"]) for text in root.findall(f"{SVG}text")}
    assert heights["11"] < heights["layers 2–3: no attention map"] < heights["14"] < heights["15"]


QUERIES, KEYS = ("<s>", "the", "the"), ("a", "&", "b", "", "c")
MAP = np.array([[0.5, 0.25, 0, 0, 0.25], [0, 1, 0, 0, 0], [0.1, 0.2, 0.3, 0.15, 0.25]], dtype=np.float32)


def lines(root: ElementTree.Element, group: int = 0) -> list[str]:
    return [path.attrib["d"] for path in root.findall(f"{SVG}g")[group].findall(f"{SVG}path")]


def test_every_strong_line_joins_its_query_and_key() -> None:
    found = lines(read(head_view_drawing.drawing(QUERIES, KEYS, {"head 1": MAP}, top=2)))
    ends = [tuple(float(part.split(" ")[1]) for part in line[1:].split("L")) for line in found]
    row = head_view_drawing.ROW
    steps = sorted((round(end - ends[0][0]) // row, round(other - ends[0][0]) // row) for end, other in ends)
    assert steps == [(0, 0), (0, 1), (1, 1), (2, 2), (2, 4)]


def test_a_stronger_line_is_wider_and_the_rest_is_written() -> None:
    root = read(head_view_drawing.drawing(QUERIES, KEYS, {"head 1": MAP}, top=2))
    widths = [float(path.attrib["stroke-width"]) for path in root.find(f"{SVG}g")]
    assert widths[2] == max(widths) == pytest.approx(3.2)
    written = [text.text for text in root.findall(f"{SVG}text")]
    assert {".25", ".00", ".45"} <= set(written)


def test_words_are_shown_as_they_are() -> None:
    root = read(head_view_drawing.drawing(QUERIES, KEYS, {"head 1": MAP, "head <2>": MAP}))
    shown = ["".join(text.itertext()) for text in root.findall(f"{SVG}text")]
    assert "<s><s>" in shown  # tooltip and text
    assert "head <2>" in shown
    assert len(root.findall(f"{SVG}g")) == 2


def test_too_many_heads_are_refused() -> None:
    with pytest.raises(ValueError, match="wanted 1 to 7 heads; got 8"):
        head_view_drawing.drawing(QUERIES, KEYS, {str(head): MAP for head in range(8)})


def test_a_table_keeps_numbers_right_words_left_and_nothing_of_what_is_unknown() -> None:
    columns = {"layer": [1, 12], "pattern": ["<self>", "mixed"], "next": [0.123456, None]}
    root = ElementTree.fromstring(vector.table(columns, "Heads"))
    texts = list(root.iter("{http://www.w3.org/2000/svg}text"))
    said = {text.text: (text.get("text-anchor"), float(text.get("x", 0)), float(text.get("y", 0))) for text in texts}
    assert list(said) == ["layer", "1", "12", "pattern", "<self>", "mixed", "next", "0.123"]
    for column, anchor in ((("layer", "1", "12"), "end"), (("pattern", "<self>", "mixed"), "start")):
        assert {said[name][:2] for name in column} == {(anchor, said[column[0]][1])}
    assert said["1"][2] == said["<self>"][2] == said["0.123"][2] < said["12"][2]
    assert said["layer"][1] < said["pattern"][1] < said["next"][1] < float(root.get("width", 0))


def test_the_page_holds_the_drawing_and_runs_nothing() -> None:
    drawing = head_view_drawing.drawing(QUERIES, KEYS, {"head 1": MAP})
    content = vector.page(drawing, "A <title>", "One & two.", "No.").decode()
    assert drawing in content
    assert "<h1>A &lt;title&gt;</h1>" in content
    assert "<script" not in content
    assert "http" not in content.replace("http://www.w3.org/2000/svg", "")
