"""The gradient page in a real browser: a cold deep link, a control that redraws, the address, the window."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.harness import PATIENCE, Reader, Server

MILLISECONDS = 2 * PATIENCE * 1000


def ready(reader: Reader) -> Reader:
    expect(reader.page.locator(".js-plotly-plot").first).to_be_visible(timeout=MILLISECONDS)
    return reader.idle()


def test_a_cold_deep_link_shows_its_stack(cold_server: Server, readers: Callable[..., Reader]) -> None:
    reader = ready(readers(cold_server.url).open("/gradients?depth=7&activation=linear&init=orthogonal"))
    finding = reader.page.get_by_role("heading", name="The gradient keeps its size over 7 layers")
    expect(finding).to_be_visible(timeout=MILLISECONDS)
    assert reader.complaints == []


def test_a_residual_path_redraws_the_figure_and_stands_in_the_address(reader: Reader) -> None:
    ready(reader.open("/gradients?depth=12"))
    shrinks = reader.page.get_by_role("heading", name="shrinks by")
    expect(shrinks).to_be_visible(timeout=MILLISECONDS)
    reader.page.get_by_text("Residual", exact=True).click()
    expect(shrinks).to_have_count(0, timeout=MILLISECONDS)
    ready(reader)
    assert "residual=true" in reader.page.url
    assert reader.complaints == []


@pytest.mark.parametrize(("width", "scheme"), [(900, "dark"), (1440, "light")])
def test_the_page_fits_its_window(
    server: Server, readers: Callable[..., Reader], pictures: Path, width: int, scheme: str
) -> None:
    reader = ready(readers(server.url, width=width, scheme=scheme).open("/gradients"))
    reader.fits(pictures / f"gradients_{width}_{scheme}.png")
