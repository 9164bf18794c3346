"""The figure block in a real browser: columns under the board, words in the hover, and five files read back."""

import csv
import struct
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import Download, Locator, expect

import models
from models.lens import influence
from tests.browser.front import address, answered, chart
from tests.browser.harness import PATIENCE, Reader

TEXT = "<s> =1 a\u200bb 你 &lt; <b>"
TOKENS = ["<", "s", ">", "=", "1", "a", "U+200B", "b", "你", "&", "lt", ";", "<", "b", ">"]
KEY = "sees_gradient"

PLACE = """(gd, [row, column, panel]) => {
  const layout = gd._fullLayout, box = gd.getBoundingClientRect();
  const x = layout["xaxis" + (panel ? panel + 1 : "")], y = layout.yaxis;
  return [box.x + x._offset + x.c2p(column), box.y + y._offset + y.c2p(row)];
}"""
EDGES = """gd => {
  const layout = gd._fullLayout, left = gd.getBoundingClientRect().x;
  return Object.keys(layout).filter(name => /^xaxis/.test(name)).map(name => {
    const axis = layout[name], [from, to] = axis.domain, size = layout._size;
    return [left + size.l + from * size.w, left + size.l + to * size.w];
  }).sort((a, b) => a[0] - b[0]);
}"""


@pytest.fixture
def drawn(reader: Reader) -> Reader:
    return answered(reader.open(address(text=TEXT)))


def test_panels_stand_under_the_columns_of_the_board(reader: Reader) -> None:
    answered(reader.open("/?sentiment_example=repeated"))
    names = reader.page.locator(".board").first.locator(".name")
    wanted = [(box["x"], box["x"] + box["width"]) for box in (name.bounding_box() for name in names.all())]
    assert len(wanted) == 7
    for key in (KEY, "attends", "reach"):
        found = np.array(chart(reader, key).evaluate(EDGES))
        assert found.shape in ((7, 2), (2, 2))
        rows = wanted if len(found) == 7 else wanted[5:]
        assert np.abs(found - np.array(rows)).max() <= 2, key


def test_hovering_names_both_words_exactly_as_typed(drawn: Reader) -> None:
    figure = chart(drawn, KEY)
    matrix = influence.matrix(models.load("sentiment-rnn", device="cpu"), TEXT).values
    share = matrix / matrix.sum(axis=1, keepdims=True)
    for row, column in ((0, 0), (3, 1), (6, 6), (8, 5), (9, 6), (14, 12)):
        x, y = figure.evaluate(PLACE, [row, column, 0])
        drawn.page.mouse.move(x, y)
        said = figure.locator(".hoverlayer")
        expect(said).to_contain_text(f"state of {TOKENS[row]}")
        expect(said).to_contain_text(f"word {TOKENS[column]}")
        value = float(f"{share[row, column]:.3g}")
        expect(said).to_contain_text(f"{value:g}".replace("e-0", "e-")[:4])


def saved(block: Locator, label: str, folder: Path) -> Path:
    """Press a button of a figure block and keep what comes."""
    with block.page.expect_download(timeout=PATIENCE * 1000) as coming:
        block.get_by_role("button", name=label).first.click()
    download: Download = coming.value
    file = folder / download.suggested_filename
    download.save_as(file)
    return file


def test_five_files_hold_what_is_drawn(drawn: Reader, tmp_path: Path) -> None:
    chart(drawn, KEY)
    block = drawn.page.locator(f".st-key-figure_{KEY}")
    files = {label: saved(block, label, tmp_path) for label in ("CSV", "NPZ", "HTML", "PNG", "SVG")}
    assert [file.name for file in files.values()] == [f"influence-gradient.{kind}" for kind in KINDS]
    wanted = influence.matrix(models.load("sentiment-rnn", device="cpu"), TEXT).values
    arrays = np.load(files["NPZ"], allow_pickle=False)
    assert set(arrays.files) == {"rnn", "transformer"}
    np.testing.assert_allclose(arrays["rnn"], wanted, rtol=1e-4)
    with files["CSV"].open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == "rnn"]
    np.testing.assert_allclose([float(row["influence"]) for row in rows], wanted.ravel(), rtol=1e-4)
    typed = [token.replace("U+200B", "\u200b") for token in TOKENS]
    assert [row["input"].removeprefix("'") for row in rows[: len(typed)]] == typed
    assert rows[3]["input"] == "'=", "a spreadsheet would run this as a formula"
    assert files["PNG"].read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", files["PNG"].read_bytes()[16:24])
    svg = ElementTree.parse(files["SVG"]).getroot()
    assert (width, height) == (2 * float(svg.get("width")), 2 * float(svg.get("height")))
    assert "".join(svg.itertext()).count("你") >= 2


KINDS = ("csv", "npz", "html", "png", "svg")


def test_the_standalone_page_draws_with_no_network(drawn: Reader, tmp_path: Path) -> None:
    chart(drawn, KEY)
    file = saved(drawn.page.locator(f".st-key-figure_{KEY}"), "HTML", tmp_path)
    page = drawn.page.context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.get_by_text("What this does not show.")).to_be_visible()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert page.locator(".ytick text", has_text="你").count() >= 1


def test_the_table_and_the_warning_open_by_keyboard(drawn: Reader) -> None:
    block = drawn.page.locator(f".st-key-figure_{KEY}")
    chart(drawn, KEY)
    block.get_by_role("button", name="Table").focus()
    drawn.page.keyboard.press("Enter")
    expect(drawn.page.get_by_test_id("stDataFrame")).to_be_visible(timeout=PATIENCE * 1000)
    drawn.page.keyboard.press("Escape")
    block.get_by_role("button", name="What this does not show").focus()
    drawn.page.keyboard.press("Enter")
    expect(drawn.page.get_by_text("Influence on a state is not importance for the answer").first).to_be_visible()
