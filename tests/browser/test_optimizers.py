"""The optimizer page in a real browser: a cold link, playing without the server, the address, a quiet console."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.harness import PATIENCE, Reader, Server

MILLISECONDS = 2 * PATIENCE * 1000
NOW = "(document.querySelector('.js-plotly-plot')._fullLayout._currentFrame ?? 'none')"  # the frame that is shown


def ready(reader: Reader) -> Reader:
    expect(reader.page.locator(".js-plotly-plot").first).to_be_visible(timeout=MILLISECONDS)
    return reader.idle()


def test_a_cold_deep_link_shows_its_paths_at_its_step(cold_server: Server, readers: Callable[..., Reader]) -> None:
    reader = ready(readers(cold_server.url).open("/optimizers?surface=Beale&optimizers=Adam&at=7"))
    expect(reader.page.get_by_text("At step 7")).to_be_visible(timeout=MILLISECONDS)
    expect(reader.page.get_by_role("spinbutton", name="Step shown")).to_have_value("7")
    assert "surface=Beale" in reader.page.url
    assert reader.complaints == []


def test_playing_moves_the_marks_in_the_browser_alone(server: Server, readers: Callable[..., Reader]) -> None:
    reader, sent = readers(server.url), []
    reader.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    ready(reader.open("/optimizers?surface=bowl&steps=30"))
    before = reader.page.evaluate(NOW)
    assert sent
    sent.clear()
    reader.page.locator(".updatemenu-button", has_text="Play").click(timeout=MILLISECONDS)
    reader.page.wait_for_function(f"before => {NOW} !== before", arg=before, timeout=MILLISECONDS)
    reader.page.locator(".updatemenu-button", has_text="Pause").click(timeout=MILLISECONDS)
    assert reader.page.get_by_test_id("stApp").get_attribute("data-test-script-state") == "notRunning"
    assert sent == []


def test_a_view_and_a_surface_stand_in_the_address_and_survive_a_reload(reader: Reader) -> None:
    ready(reader.open("/optimizers?surface=Himmelblau&lr=0.01"))
    reader.page.get_by_role("radio", name="Stability").or_(
        reader.page.get_by_role("button", name="Stability")
    ).first.click()
    expect(reader.page.get_by_text("Is the rate too large for the curvature?")).to_be_visible(timeout=MILLISECONDS)
    assert "descent=Stability" in reader.page.url
    reader.page.reload()
    ready(reader.idle())
    expect(reader.page.get_by_text("Is the rate too large for the curvature?")).to_be_visible(timeout=MILLISECONDS)
    assert "surface=Himmelblau" in reader.page.url
    assert reader.complaints == []


@pytest.mark.parametrize(("width", "scheme"), [(900, "dark"), (1440, "light")])
def test_the_page_fits_its_window(
    server: Server, readers: Callable[..., Reader], pictures: Path, width: int, scheme: str
) -> None:
    reader = ready(readers(server.url, width=width, scheme=scheme).open("/optimizers"))
    reader.fits(pictures / f"optimizers_{width}_{scheme}.png")
