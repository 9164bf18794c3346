"""The page "Positions" in a real browser: a cold deep link, sliders, and a saved file read back."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import expect

from models.lens import positional
from tests.browser.harness import PATIENCE, Reader, Server

MILLISECONDS = PATIENCE * 1000


def ready(reader: Reader) -> Reader:
    """Wait until the first figure stands."""
    expect(reader.page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=2 * MILLISECONDS)
    return reader.idle()


def finding(reader: Reader, text: str) -> None:
    """A heading holds this text."""
    expect(reader.page.get_by_role("heading", name=text).first).to_be_visible(timeout=MILLISECONDS)


def test_a_cold_deep_link_shows_its_view_and_a_slider_moves_the_address(
    cold_server: Server, readers: Callable[..., Reader]
) -> None:
    reader = ready(readers(cold_server.url).open("/positions?pview=Rotation&pshift=500"))
    finding(reader, "Both shifted by 500, the score q·k/√d is")
    slider = reader.page.get_by_role("slider", name="Shift both by")
    slider.focus()
    slider.press("ArrowRight")
    finding(reader, "Both shifted by 501, the score q·k/√d is")
    assert "pshift=501" in reader.page.url
    reader.page.reload()
    finding(ready(reader.idle()), "Both shifted by 501, the score q·k/√d is")
    assert reader.complaints == []


def test_the_saved_table_holds_the_code_that_is_drawn(reader: Reader, tmp_path: Path) -> None:
    ready(reader.open("/positions?plen=11&pwidth=6&pbase=100"))
    block = reader.page.locator(".st-key-figure_code").first
    with reader.page.expect_download(timeout=MILLISECONDS) as coming:
        block.get_by_role("button", name="CSV").first.click()
    file = tmp_path / coming.value.suggested_filename
    coming.value.save_as(file)
    assert file.name == "positions-sinusoidal-code.csv"
    with file.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.reader(lines))
    assert rows[0] == ["position", *(f"feature {at}" for at in range(6))]
    assert rows[1][0] == "0 The"
    values = np.array([[float(value) for value in row[1:]] for row in rows[1:]])
    np.testing.assert_allclose(values, positional.sinusoidal(11, 6, 100.0), atol=1e-15)


def test_the_figures_fit_a_narrow_dark_page(server: Server, readers: Callable[..., Reader]) -> None:
    reader = ready(readers(server.url, width=900, scheme="dark").open("/positions?pview=Similarity&pscheme=RoPE"))
    main = reader.page.get_by_test_id("stMain")
    edge = main.bounding_box()
    assert edge is not None
    for figure in reader.page.locator(".js-plotly-plot").all():
        box = figure.bounding_box()
        assert box is not None and box["x"] >= edge["x"] and box["x"] + box["width"] <= edge["x"] + edge["width"]
    assert reader.complaints == []
