"""The page "Pictures" in a real browser: a cold deep link, real files, the drawing pad, and a narrow dark window."""

import io
import re
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from models.presets.pictures import pictures
from tests.browser.harness import FLAGS, PATIENCE, Reader, Server, new_reader
from tests.models.test_pictures_input import claiming

MILLISECONDS = PATIENCE * 1000


def ready(reader: Reader) -> Reader:
    """Wait until the first figure stands."""
    expect(reader.page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=2 * MILLISECONDS)
    return reader.idle()


def says(reader: Reader, text: str) -> None:
    """The board's reading, or any other text of the page, holds this."""
    expect(reader.page.get_by_text(text).first).to_be_visible(timeout=MILLISECONDS)


def saved(picture: np.ndarray | Image.Image, form: str, **more: object) -> bytes:
    out = io.BytesIO()
    (Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture).save(out, form, **more)
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


def files() -> list[tuple[str, bytes, str]]:
    """Hard files as a reader may have them: name, content, and what the page says of it."""
    boot = pictures("fashion")[9, 0]
    turned = Image.Exif()
    turned[0x0112] = 6
    clear = Image.fromarray(np.stack([boot] * 4, axis=-1))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("picture.png", b"\0" * 3_000_000)
    return [
        ("half.png", saved(boot, "PNG")[:150], "This picture is damaged"),
        ("vast.png", claiming(50_000, 50_000), "far more pixels than any photograph"),
        ("wide.png", claiming(9_000, 9_000), "It was not decoded"),
        (
            "moving.png",
            saved(boot, "GIF", save_all=True, append_images=[Image.fromarray(255 - boot)]),
            "This is a GIF file",
        ),
        ("bomb.png", archive.getvalue(), "This is a ZIP archive, not a picture"),
        ("print.jpg", saved(Image.fromarray(boot).convert("CMYK"), "JPEG"), "converted from CMYK"),
        ("deep.png", saved(boot.astype(np.uint16) * 257, "PNG"), "16 bits reduced to 8"),
        ("clear.png", saved(clear, "PNG"), "laid on white, because it is transparent"),
        ("upright.jpg", saved(boot, "JPEG", exif=turned), "turned upright as its camera noted"),
        ("dot.png", saved(np.full((1, 1, 3), 90, np.uint8), "PNG"), "scaled from 1 × 1 to 28 × 28 pixels"),
    ]


def test_hard_files_get_a_sentence_or_an_answer(reader: Reader) -> None:
    reader.open("/pictures?fashion_nets=Convolution&cloth_from=Upload&seen=Robustness")
    for name, content, said in files():
        upload(reader, name, "image/jpeg" if name.endswith("jpg") else "image/png", content)
        says(reader, said)
    says(reader, "It answers ")
    assert reader.complaints == []


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("seen=Grad-CAM", "Grad.{1,3}CAM follows occlusion at"),
        ("seen=Attention&looking=row 3, column 3", "from patches, itself among them, the rest from the class token"),
        ("seen=Features", "From 14 × 14 places to 7 × 7"),
        ("seen=Deletion", "Area under each curve, smaller is better"),
        ("set=Photographs&seen=Features", "From 112 × 112 places to 7 × 7"),
    ],
)
def test_views_are_drawn(reader: Reader, view: str, said: str) -> None:
    ready(reader.open(f"/pictures?fashion_nets=Hybrid&{view}"))
    expect(reader.page.get_by_text(re.compile(said)).first).to_be_visible()
    assert reader.complaints == []


def test_a_picture_from_the_camera_is_answered(server: Server, browser: Browser, executable: str) -> None:
    """Chromium's own test picture in place of a camera."""
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    running = browser.browser_type.launch(executable_path=executable, args=[*FLAGS, *fake])
    reader = new_reader(running, server.url).open("/pictures?set=Photographs&photo_from=Camera&seen=Features")
    reader.page.wait_for_function("document.querySelector('video')?.videoWidth > 0", timeout=MILLISECONDS)
    reader.page.get_by_role("button", name="Take Photo").click()
    says(reader, "cut to its middle square")
    says(reader, "It answers ")
    assert reader.complaints == []
    running.close()


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
