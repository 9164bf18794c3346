"""The attention page in a real browser: cold links, a head chosen by click and by key, and two readers apart."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import expect

from models import load
from tests.browser.harness import PATIENCE, Reader, Server

MODEL = "sentiment-transformer"
MILLISECONDS = PATIENCE * 1000


def ready(reader: Reader) -> Reader:
    """Wait until the heat map and the mosaic stand, and nothing computes that will draw them anew."""
    expect(reader.page.locator(".js-plotly-plot").first).to_be_visible(timeout=2 * MILLISECONDS)
    expect(reader.page.get_by_role("grid", name="All heads")).to_be_visible(timeout=MILLISECONDS)
    expect(reader.page.get_by_test_id("stProgress")).to_have_count(0, timeout=MILLISECONDS)
    return reader.idle()


def chosen(reader: Reader, layer: int, head: int) -> None:
    """The finding of the heat map names the head."""
    finding = reader.page.get_by_role("heading", name=f"Layer {layer}, head {head} ")
    expect(finding.first).to_be_visible(timeout=MILLISECONDS)


def typed(reader: Reader, text: str) -> None:
    box = reader.page.get_by_role("textbox", name="Your text")
    box.fill(text)
    box.press("Enter")


def test_a_cold_deep_link_shows_its_head_and_a_reload_keeps_the_next_one(
    cold_server: Server, readers: Callable[..., Reader]
) -> None:
    reader = ready(readers(cold_server.url).open("/attention?layer=2&head=3"))
    chosen(reader, 2, 3)
    reader.page.get_by_role("grid", name="All heads").press("ArrowRight")
    chosen(reader, 2, 4)
    expect(reader.page).to_have_url(f"{cold_server.url}/attention?layer=2&head=4")
    reader.page.reload()
    chosen(ready(reader.idle()), 2, 4)
    assert reader.complaints == []


def test_a_click_in_the_mosaic_chooses_the_head_and_stands_in_the_address(reader: Reader) -> None:
    ready(reader.open("/attention"))
    picture = reader.page.locator(".mosaic canvas.picture")
    box = picture.bounding_box()
    assert box is not None
    reader.page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.4 * box["height"])
    reader.idle()
    first = reader.page.get_by_role("heading", name="Layer 1, head 1 ")
    expect(first).to_have_count(0, timeout=MILLISECONDS)
    assert "head=" in reader.page.url or "layer=" in reader.page.url


def test_two_readers_with_different_texts_never_mix(server: Server, readers: Callable[..., Reader]) -> None:
    texts = ("a truly dreadful film .", "the food was good and the room was very quiet .")
    lengths = [len(load(MODEL, "cpu").trace(text).tokens) for text in texts]
    assert lengths[0] != lengths[1]
    both = [ready(readers(server.url).open("/attention?layer=1&head=2")) for _ in texts]
    for reader, text in zip(both, texts, strict=True):
        typed(reader, text)
    for reader, length in zip(both, lengths, strict=True):
        expect(reader.page.get_by_text(f"· {length} tokens ·")).to_be_visible(timeout=MILLISECONDS)
    for reader, text, other in zip(both, texts, reversed(texts), strict=True):
        drawn = reader.idle().page.locator(".js-plotly-plot .yaxislayer-above .ytick text").all_text_contents()
        assert set(text.split()) == set(drawn)
        assert text.split()[1] not in other.split()
        assert "text=" not in reader.page.url


def test_a_box_drawn_on_a_long_map_opens_it_and_one_button_closes_it(reader: Reader) -> None:
    ready(reader.open("/attention"))
    typed(reader, " ".join(["a good film , a bad film"] * 86))
    expect(reader.page.get_by_text("· 602 tokens ·")).to_be_visible(timeout=MILLISECONDS)
    area = reader.idle().page.locator(".st-key-figure_heat .nsewdrag").first.bounding_box()
    assert area is not None
    left, top, wide, high = area["x"], area["y"], area["width"], area["height"]
    mouse = reader.page.mouse
    mouse.move(left + 0.25 * wide, top + 0.5 * high)
    mouse.down()
    mouse.move(left + 0.4 * wide, top + 0.6 * high, steps=4)
    mouse.move(left + 0.5 * wide, top + 0.75 * high, steps=4)
    mouse.up()
    whole = reader.page.get_by_role("button", name="Whole map")
    expect(whole).to_be_visible(timeout=MILLISECONDS)
    address = parse_qs(urlsplit(reader.idle().page.url).query)
    ends = [sorted(map(int, address[key])) for key in ("rows", "columns")]
    for (first, last), (low, high_end) in zip(ends, ((0.5, 0.75), (0.25, 0.5)), strict=True):
        assert abs(first - low * 602) < 12
        assert abs(last - high_end * 602) < 12
    whole.click()
    expect(whole).to_have_count(0, timeout=MILLISECONDS)
    assert "rows=" not in reader.idle().page.url
    assert reader.complaints == []


def test_the_mosaics_drawing_holds_every_head(reader: Reader) -> None:
    ready(reader.open("/attention"))
    with reader.page.expect_download(timeout=MILLISECONDS) as waiting:
        reader.page.locator(".st-key-mosaic_files_svg").get_by_role("button").filter(visible=True).first.click()
    assert waiting.value.suggested_filename == "attention-heads.svg"
    root = ElementTree.fromstring(waiting.value.path().read_text(encoding="utf-8"))
    titles = [title.text for title in root.iter("{http://www.w3.org/2000/svg}title") if title.text]
    assert [title.split(":")[0] for title in titles] == [
        f"layer {layer} head {head}" for layer in (1, 2) for head in range(1, 5)
    ]
    for at, name in enumerate(("attention-heads", "attention-lines")):
        with reader.page.expect_download(timeout=MILLISECONDS) as waiting:
            reader.page.get_by_role("button", name="Save the drawing as PNG").nth(at).click()
        assert waiting.value.suggested_filename == f"{name}.png"
        with Image.open(waiting.value.path()) as painted:
            assert painted.format == "PNG" and len(painted.convert("RGB").getcolors(1 << 24)) > 50
            if at == 0:
                size = [2 * round(float(root.get(side, 0))) for side in ("width", "height")]
                assert painted.size == pytest.approx(size, abs=2)
    assert reader.complaints == []
