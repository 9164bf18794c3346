"""A component that Streamlit starts twice and whose first start it ends last keeps working: cold pages do that."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from pages.shared import head_view, mosaic
from tests.browser.harness import PATIENCE
from viz import head_view as lines
from viz import mosaic as tiles
from viz.board import Column, asset, payload

START = """async ([source, html, data, bytes]) => {
  document.body.innerHTML = `<div id="place">${html}</div>`;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const component = (await import(url)).default;
  window.reports = [];
  const note = (name, value) => window.reports.push([name, value]);
  const given = { data: bytes ? new Uint8Array(data) : data, parentElement: document.getElementById("place") };
  const start = () => component({ ...given, setStateValue: note, setTriggerValue: note });
  const first = start();
  start();
  first?.();
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 900, "height": 600})
    yield context.new_page()
    context.close()


def start(page: Page, names: tuple[str, ...], html: str, data: Any) -> None:
    """Start the component twice on the same place, end the first start, and leave the second."""
    raw = isinstance(data, bytes)
    page.evaluate(START, [asset("js", *names), html, list(data) if raw else data, raw])


def reported(page: Page, name: str) -> None:
    """Wait for a report of this name, then forget it."""
    page.wait_for_function("name => window.reports.some(([each]) => each === name)", arg=name, timeout=PATIENCE * 1000)
    page.evaluate("window.reports.length = 0")


def test_a_sketch_asks_for_the_real_figure(page: Page) -> None:
    data = {"drawing": '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"/>', "label": "a map"}
    start(page, ("reports", "places", "sketch"), '<div class="sketch"></div>', data)
    page.locator(".sketch svg").hover()
    reported(page, "ready")
    page.evaluate("document.body.replaceChildren()")
    page.wait_for_timeout(6000)
    assert page.evaluate("window.reports") == [], "a sketch that left the page still asks"


def test_a_place_says_that_the_reader_is_near(page: Page) -> None:
    start(page, ("reports", "places", "near"), "<i></i>", {"height": 100, "near": False})
    reported(page, "near")


def test_a_board_reports_its_width(page: Page) -> None:
    data = [payload([Column("a", "A", "#123456")], [], 7, 100)]
    start(page, ("reports", "places", "board"), '<div class="board"></div>', data)
    reported(page, "width")


def test_a_mosaic_follows_the_arrow_keys(page: Page) -> None:
    data = tiles.payload(np.zeros((2, 3, 4, 4), dtype=np.uint8))
    start(page, ("canvas", "places", "mosaic"), mosaic.STAGE, data)
    page.locator(".stage").press("ArrowRight")
    reported(page, "chosen")
    page.locator(".stage").press("ArrowRight")
    page.wait_for_timeout(200)
    assert len(page.evaluate("window.reports")) == 1, "the first start still answers too"


def test_a_head_view_follows_the_arrow_keys(page: Page) -> None:
    weights = np.full((3, 3), 1 / 3, dtype=np.float32)
    words = ["one", "two", "three"]
    data = lines.payload(words, words, {"even": weights}, top=1)
    start(page, ("canvas", "lines", "places", "head_view"), head_view.STAGE, data)
    page.locator(".scroll").press("ArrowDown")
    expect(page.locator(".said")).to_contain_text("query 1")
