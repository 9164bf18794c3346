"""The page "Pictures" in a real browser: a cold deep link, real files, the drawing pad, and a narrow dark window."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from models.presets.pictures import pictures
from tests.browser.harness import PATIENCE, Reader, Server

MILLISECONDS = PATIENCE * 1000


def ready(reader: Reader) -> Reader:
    """Wait until the first figure stands."""
    expect(reader.page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=2 * MILLISECONDS)
    return reader.idle()


def says(reader: Reader, text: str) -> None:
    """The board's reading, or any other text of the page, holds this."""
    expect(reader.page.get_by_text(text).first).to_be_visible(timeout=MILLISECONDS)


def saved(picture: np.ndarray, form: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, form)
    return out.getvalue()


def upload(reader: Reader, name: str, kind: str, content: bytes) -> None:
    """Give the page a file, and wait until it has it: a second one sent meanwhile would be lost."""
    reader.page.locator("input[type=file]").first.set_input_files({"name": name, "mimeType": kind, "buffer": content})
    expect(reader.page.get_by_role("button", name=f"Remove {name}")).to_be_visible(timeout=MILLISECONDS)
    reader.idle()


def test_a_cold_deep_link_and_a_slider_that_moves_the_address(
    cold_server: Server, readers: Callable[..., Reader]
) -> None:
    reader = ready(readers(cold_server.url).open("/pictures?cloth=trousers&fashion_nets=Convolution&right=4"))
    says(reader, "It answers trousers. The true class is trousers: 1 of 1 is right.")
    slider = reader.page.get_by_role("slider", name="Right")
    slider.focus()
    slider.press("ArrowRight")
    expect(slider).to_have_value("5", timeout=MILLISECONDS)
    ready(reader)
    assert "right=5" in reader.page.url
    assert reader.complaints == []


def test_real_files_are_answered_and_bad_ones_refused(reader: Reader) -> None:
    reader.open("/pictures?fashion_nets=Convolution&cloth_from=Upload&seen=Robustness")
    large = np.kron(255 - pictures("fashion")[1, 0], np.ones((11, 11), np.uint8))  # trousers, dark on white, as printed
    for name, form in (("trousers.jpg", "JPEG"), ("trousers.webp", "WEBP"), ("trousers.png", "PNG")):
        upload(reader, name, f"image/{form.lower()}", saved(large, form))
        says(reader, "It answers trousers.")
    upload(reader, "notes.png", "image/png", b"no picture at all")
    says(reader, "This file is no readable picture, whatever its name says")
    says(reader, "It answers trousers.")
    assert "trousers.png" not in reader.page.url


def test_a_drawn_digit_is_answered(reader: Reader) -> None:
    reader.open("/pictures?set=Digits&digit_from=Draw&digits_nets=Fully+connected&seen=Robustness")
    says(reader, "Write a digit on the pad")
    pad = reader.page.locator(".st-key-pad canvas, canvas[role=application]").first
    box = pad.bounding_box()
    assert box is not None
    aside = box["x"] + box["width"] / 8  # in the upper left corner: it is boxed and centred before it is read
    reader.page.mouse.move(aside, box["y"] + 15)
    reader.page.mouse.down()
    reader.page.mouse.move(aside, box["y"] + 115, steps=8)
    reader.page.mouse.up()
    says(reader, "It answers 1.")
    says(reader, "cut to its strokes, scaled from")


def test_the_page_fits_a_narrow_dark_window(server: Server, readers: Callable[..., Reader]) -> None:
    reader = ready(readers(server.url, width=900, scheme="dark").open("/pictures?seen=Robustness"))
    main = reader.page.get_by_test_id("stMain")
    wide, seen = main.evaluate("each => [each.scrollWidth, each.clientWidth]")
    assert wide <= seen + 1
