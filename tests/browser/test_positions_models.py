"""The views "Trained" and "On a model" in a real browser: a cold deep link, a row that is edited, a saved table."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from models.cards import card
from tests.browser.harness import PATIENCE, Reader, Server

MILLISECONDS = PATIENCE * 1000


def ready(reader: Reader) -> Reader:
    """Wait until the first figure stands."""
    expect(reader.page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=2 * MILLISECONDS)
    return reader.idle()


def test_a_cold_deep_link_shows_the_trained_schemes_and_the_table_is_the_cards(
    cold_server: Server, readers: Callable[..., Reader], tmp_path: Path
) -> None:
    reader = ready(readers(cold_server.url).open("/positions?pview=Trained"))
    share = card("positions-back-rope").metrics["lengths"][2]["beyond"]["accuracy"]
    heading = reader.page.get_by_role("heading", name=f"RoPE leads on “Four back” ({100 * share:.0f} %")
    expect(heading.first).to_be_visible(timeout=MILLISECONDS)
    with reader.page.expect_download(timeout=MILLISECONDS) as coming:
        reader.page.get_by_role("button", name="CSV").first.click()
    file = tmp_path / coming.value.suggested_filename
    coming.value.save_as(file)
    with file.open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["scheme"] == "RoPE" and row["task"] == "Four back"]
    assert float(next(row["accuracy"] for row in rows if row["places"] == "33 to 128")) == share
    assert reader.complaints == []


def test_an_edited_row_is_answered_and_stays_out_of_the_address(reader: Reader) -> None:
    ready(reader.open("/positions?pview=Trained&cshow=Answers&ctask=Latest+value&crow=12"))
    box = reader.page.get_by_role("textbox").first
    box.fill("d4 a1 c7 a2 d")
    box.press("Enter")
    expect(reader.page.get_by_text("Asked at place 5 (“d”), the right answer is 4")).to_be_visible(timeout=MILLISECONDS)
    tiles = reader.page.get_by_test_id("stMetric")
    expect(tiles).to_have_count(6)
    expect(tiles.filter(has_text="ALiBi")).to_contain_text("right")
    assert "d4" not in reader.page.url
    box.fill("d4 zz")
    box.press("Enter")
    expect(reader.page.get_by_text("got “zz”")).to_be_visible(timeout=MILLISECONDS)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("pview=Nearness&plen=20&lecture=true", "a key 19 back gets"),
        ("pview=Beyond&ptrain=16", "meet angles that training had not"),
        ("pview=Trained&cshow=Attention&crow=12", "on the place with the answer"),
        ("pview=On+a+model&dshow=All+heads", "Which heads follow the codes? Over all heads"),
        ("pview=On+a+model&dshow=Answer", "Does the answer follow the codes? The answer"),
        ("pview=On+a+model&dshow=Permutation+test", "cannot see the order of these words; all others can"),
    ],
)
def test_a_link_draws_its_figure_whole(server: Server, readers: Callable[..., Reader], address: str, said: str) -> None:
    reader = ready(readers(server.url).open(f"/positions?{address}"))
    expect(reader.page.get_by_role("heading", name=said).first).to_be_visible(timeout=MILLISECONDS)
    main = reader.page.get_by_test_id("stMain")
    assert main.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert reader.complaints == []


def test_a_sentence_is_shared_when_wanted_and_survives_another_page(
    server: Server, readers: Callable[..., Reader]
) -> None:
    reader = ready(readers(server.url).open("/positions?plen=8"))
    box = reader.page.get_by_role("textbox").first
    box.fill("seven small words")
    box.press("Enter")
    reader.idle()
    assert "text=" not in reader.page.url
    reader.page.get_by_role("link", name="Optimizers").click()
    expect(reader.page.get_by_role("heading", name="Optimizers").first).to_be_visible(timeout=MILLISECONDS)
    reader.page.get_by_role("link", name="Positions").click()
    ready(reader)
    expect(reader.page.get_by_role("textbox").first).to_have_value("seven small words", timeout=MILLISECONDS)
    reader.page.get_by_role("button", name="Share").click()
    reader.page.get_by_text("Add my text to the address").click()
    reader.page.wait_for_url("**text=seven*", timeout=MILLISECONDS)
    ready(reader.open(reader.page.url.removeprefix(server.url)))  # a session of its own, which knows the address alone
    expect(reader.page.get_by_role("textbox").first).to_have_value("seven small words", timeout=MILLISECONDS)


def test_the_maps_fit_a_narrow_dark_page(server: Server, readers: Callable[..., Reader]) -> None:
    reader = ready(readers(server.url, width=900, scheme="dark").open("/positions?pview=On+a+model&dshift=9"))
    expect(reader.page.get_by_role("heading", name="a shift of 9 by").first).to_be_visible(timeout=MILLISECONDS)
    main = reader.page.get_by_test_id("stMain")
    assert main.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert reader.complaints == []
