"""The first page in Chromium: waited for, typed into, and read back as a reader sees it."""

import html
import time
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Locator, expect

from tests.browser.harness import PATIENCE, Reader

TWO = ("RNN", "Attention")


def address(**query: Any) -> str:
    """The front page with its settings; two models unless said otherwise, as the quickest that have both kinds."""
    return "/?" + urlencode({"sentiment_models": TWO, **query}, doseq=True)


def answered(reader: Reader) -> Reader:
    """Wait until no job is under way, the page is drawn, and its times are measured."""
    reader.idle()
    expect(reader.page.get_by_test_id("stProgress")).to_have_count(0, timeout=PATIENCE * 1000)
    reader.idle()
    expect(reader.page.get_by_test_id("stProgress")).to_have_count(0, timeout=PATIENCE * 1000)
    return reader


def box(reader: Reader) -> Locator:
    return reader.page.get_by_label("Your text")


def type_text(reader: Reader, text: str) -> Reader:
    """Type into the box and press Enter."""
    box(reader).fill(text)
    box(reader).press("Enter")
    return answered(reader)


def chart(reader: Reader, key: str) -> Locator:
    """One figure, drawn; the page is scrolled down until it is there."""
    found = reader.page.locator(f".st-key-figure_{key} .js-plotly-plot")
    end = time.monotonic() + PATIENCE
    reader.page.locator("[data-testid=stMain]").evaluate("main => main.scrollTo(0, 0)")
    while not found.count() and time.monotonic() < end:
        reader.page.locator("[data-testid=stMain]").evaluate("main => main.scrollBy(0, main.clientHeight / 2)")
        reader.page.wait_for_timeout(400)
    expect(found.locator(".main-svg").first).to_be_visible(timeout=PATIENCE * 1000)
    found.evaluate("gd => gd.scrollIntoView({block: 'center'})")
    expect(found.locator(".main-svg").first).to_be_visible(timeout=PATIENCE * 1000)
    return found


def tokens(reader: Reader, key: str = "sees_gradient") -> list[str]:
    """The words on a figure's axis."""
    aliases = chart(reader, key).evaluate("gd => gd.layout.xaxis.labelalias")
    return [html.unescape(aliases[str(at)]) for at in range(len(aliases))]


def answers(reader: Reader) -> list[str]:
    """The text of each answer, such as "positive .46"."""
    return reader.page.locator(".board").first.locator(".cell .text").all_inner_texts()


def columns(reader: Reader) -> list[str]:
    """The models' names in the head of the board."""
    return reader.page.locator(".board").first.locator(".name .title").all_inner_texts()
