"""The mosaic and the head view in a real browser: clicks, keys, what is said, what travels, both themes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.harness import ROOT, Reader, Server, serve

SCRIPT = ROOT / "tests/browser/attention_components.py"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("components") / "log.txt", script=SCRIPT) as running:
        yield running


def open_page(readers: Callable[..., Reader], page: Server, path: str = "/", **settings: object) -> Reader:
    reader = readers(page.url, **settings).open(path)
    expect(reader.page.locator(".mosaic .now")).not_to_be_empty(timeout=60_000)
    expect(reader.page.locator(".view .said")).not_to_be_empty(timeout=60_000)
    return reader


def test_a_click_and_the_arrow_keys_choose_a_head_and_the_page_can_too(
    readers: Callable[..., Reader], page: Server
) -> None:
    reader = open_page(readers, page)
    stage = reader.page.locator(".stage")
    expect(reader.page.locator(".mosaic .now")).to_have_text("layer 1 head 2: <b>band</b>")
    stage.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"):
        stage.press(key)
    expect(reader.page.get_by_text("chosen (2, 4)")).to_be_visible(timeout=60_000)
    expect(reader.page.locator("#tile-2-4")).to_have_attribute("aria-selected", "true")
    reader.page.wait_for_timeout(2000)  # the browser's own choice holds so long against older answers
    reader.page.get_by_role("button", name="First head").click()
    expect(reader.page.get_by_text("chosen (0, 0)")).to_be_visible(timeout=60_000)
    expect(reader.page.locator(".mosaic .now")).to_have_text("layer 0 head 0: <b>band</b>", timeout=60_000)
    box = stage.bounding_box()
    assert box is not None
    reader.page.mouse.click(box["x"] + box["width"] - 10, box["y"] + 40)
    expect(reader.page.get_by_text("chosen (0, 4)")).to_be_visible(timeout=60_000)
    assert reader.complaints == []


def test_a_choice_sends_no_tiles_again(readers: Callable[..., Reader], page: Server) -> None:
    reader = readers(page.url)
    sizes: list[int] = []
    reader.page.on(
        "websocket", lambda socket: socket.on("framereceived", lambda frame: sizes.append(len(frame or b"")))
    )
    reader.open("/?l=12&h=12&s=64")
    expect(reader.page.locator(".mosaic .now")).not_to_be_empty(timeout=60_000)
    assert 1_000_000 > max(sizes) > 12 * 12 * 64 * 64
    sizes.clear()
    reader.page.locator(".stage").press("ArrowRight")
    expect(reader.page.get_by_text("chosen (1, 3)")).to_be_visible(timeout=60_000)
    assert sum(sizes) < 20_000


def test_a_tokens_lines_are_said_with_the_mass_they_leave_out(readers: Callable[..., Reader], page: Server) -> None:
    reader = open_page(readers, page)
    scroll, said = reader.page.locator(".scroll"), reader.page.locator(".said")
    scroll.focus()
    scroll.press("ArrowDown")
    scroll.press("ArrowDown")
    expect(said).to_contain_text("next: query 2 “<b>1</b>” → 3 “<b>2</b>” .79 · 1 “<b>0</b>” .04; rest .18")
    expect(said).to_contain_text("even: query 2 “<b>1</b>” → 1 “<b>0</b>” .14 · 2 “<b>1</b>” .14; rest .71")
    scroll.press("ArrowRight")
    expect(said).to_contain_text("next: key 2 “<b>1</b>” ← 1 “<b>0</b>” .79")
    reader.page.locator(".heads button", has_text="even").click()
    expect(said).not_to_contain_text("even:")
    scroll.press("End")
    expect(said).to_contain_text("next: key 7 “<b>6</b>” (piece ##last) ← 6 “<b>5</b>” .79")
    scroll.press("ArrowLeft")
    expect(said).to_contain_text("next: query 7 “<b>6</b>” (piece ##last) → 1 “<b>0</b>” .79")
    scroll.press("Escape")
    expect(said).to_contain_text("Each query's 2 strongest lines")
    reader.page.get_by_text("Strongest links as a table").click()
    expect(reader.page.locator(".view tbody tr").first).to_contain_text("next1 <b>0</b>2 <b>1</b>0.786")
    assert reader.complaints == []


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (900, "dark")])
def test_the_canvases_follow_the_theme_and_fit_the_page(
    readers: Callable[..., Reader], page: Server, pictures: Path, width: int, scheme: str
) -> None:
    reader = open_page(readers, page, width=width, scheme=scheme)
    reader.shot(pictures / f"attention_components_{width}_{scheme}.png", full=True)
    for canvas in (".picture", ".scroll canvas"):
        box = reader.page.locator(canvas).bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width
    # the darkest ink of the words' column, first row: dark on light, light on dark
    ink = reader.page.locator(".scroll canvas").evaluate(
        "canvas => { const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, 40).data;"
        " let best = 0, sum = 0; for (let at = 0; at < pixels.length; at += 4) if (pixels[at + 3] > best) {"
        " best = pixels[at + 3]; sum = pixels[at] + pixels[at + 1] + pixels[at + 2]; } return sum; }"
    )
    assert (ink < 250) if scheme == "light" else (ink > 500)


def test_what_a_mask_forbids_is_hatched_and_said(readers: Callable[..., Reader], page: Server) -> None:
    reader = open_page(readers, page)
    expect(reader.page.get_by_text("Hatched: outside what the mask or window allows.")).to_be_visible()
    reader.page.locator(".stage").hover(position={"x": 80, "y": 60})  # a head of the first layer: enlarged
    colours = reader.page.locator(".tip canvas").evaluate(
        "canvas => { const side = canvas.width, all = canvas.getContext('2d').getImageData(0, 0, side, side).data;"
        " const at = (x, y) => [...all.slice(4 * (y * side + x), 4 * (y * side + x) + 4)].join();"
        " const found = new Set();"
        " for (let y = 0; y < side; y++) for (let x = y + 1; x < side; x++) found.add(at(x, y));"
        " return [[...found].sort(), at(0, side - 1)]; }"
    )
    assert colours[0] == ["0,0,0,0", "128,128,128,255"]
    assert colours[1].endswith(",255") and not colours[1].startswith("128,128,128")
    assert reader.complaints == []
