"""The frame in a real browser: cold deep links, the address, lecture mode, text shown as typed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pages.shared import shell
from tests.browser.harness import ROOT, Reader, Server, serve

OPEN = "[data-testid=stSidebar][data-collapsed=false]"  # an empty sidebar is folded or gone, as Streamlit pleases


def test_a_cold_deep_link_opens_the_page_with_its_frame(cold_server: Server, readers: Callable[..., Reader]) -> None:
    entry = shell.PAGES[-1]
    reader = readers(cold_server.url).open(f"/{entry.url}?device=cpu")
    expect(reader.page).to_have_title(f"{entry.title} · Sightlines")
    expect(reader.page.get_by_text("Lecture mode")).to_be_visible()
    chosen = reader.page.get_by_test_id("stSidebar").get_by_role("radio", name="cpu")
    expect(chosen).to_be_checked()
    assert reader.page.url == f"{cold_server.url}/{entry.url}?device=cpu"
    assert reader.complaints == []


def test_lecture_mode_has_no_sidebar_and_stands_in_the_address(server: Server, readers: Callable[..., Reader]) -> None:
    at_once = readers(server.url).open("/?lecture=true")
    expect(at_once.page.get_by_role("button", name="Menu", exact=True)).to_be_visible()
    expect(at_once.page.get_by_test_id("stSidebar")).to_have_count(0)
    switched = readers(server.url).open("/")
    expect(switched.page.locator(OPEN)).to_have_count(1)
    switched.page.get_by_test_id("stSidebar").get_by_text("Lecture mode").click()
    switched.idle()
    expect(switched.page.locator(OPEN)).to_have_count(0)
    expect(switched.page).to_have_url(f"{server.url}/?lecture=true")
    switched.page.get_by_role("button", name="Menu", exact=True).click()
    switched.page.get_by_test_id("stPopoverBody").get_by_text("Lecture mode").click()
    switched.idle()
    expect(switched.page.locator(OPEN)).to_have_count(1)
    expect(switched.page.get_by_test_id("stSidebar").get_by_text("Lecture mode")).to_be_visible()
    expect(switched.page).to_have_url(f"{server.url}/")


def test_unknown_values_in_the_address_fall_back_and_leave_it(reader: Reader) -> None:
    reader.open("/?device=abacus&lecture=perhaps")
    sidebar = reader.page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_text(re.compile("CPU, [0-9]+ thread"))).to_be_visible()
    expect(reader.page.locator(OPEN)).to_have_count(1)
    expect(reader.page.get_by_text("Ignored in the address")).to_contain_text("device=\u2060abacus")
    assert "abacus" not in reader.page.url
    assert "perhaps" not in reader.page.url


NASTY = (
    "<b>bold</b><script>alert(1)</script> <s>",
    "$x$ and $$y$$ :red[x] :red-background[y] :smile: :material/home:",
    "*a* _b_ `c` ~~d~~ **e** # f [g](h) ![i](j) &lt; &copy; \\ | 1. - +",
    "https://example.org www.example.org a@example.org http://a.b",
    "# heading",
    "1. one",
    "- two -> three <- four -- five",
    "Chinese 你好, Arabic مرحبا, emoji 🙂🧑‍🔬",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_error_shows_the_readers_text_exactly_as_typed(
    readers: Callable[..., Reader], tmp_path: Path, pictures: Path, scheme: str
) -> None:
    script = tmp_path / "show.py"
    script.write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom pages.shared.errors import guarded\n"
        f"for text in {NASTY!r}:\n    with guarded():\n        raise ValueError(text)\n"
    )
    with serve(tmp_path / "log.txt", script=script) as running:
        reader = readers(running.url, scheme=scheme).open()
        shown = reader.page.get_by_test_id("stAlertContentWarning")
        expect(shown).to_have_count(len(NASTY))
        texts = [alert.locator("[data-testid=stMarkdownContainer]").inner_text() for alert in shown.all()]
        reader.shot(pictures / f"errors_{scheme}.png")
        assert [text.replace("\u2060", "").strip() for text in texts] == [_named(text) for text in NASTY]
        assert shown.locator("a, b, s, em, strong, script, .katex").count() == 0


def _named(text: str) -> str:
    """The zero-width joiner inside an emoji is the one mark of NASTY that has no glyph; it is shown by its number."""
    return text.replace("\u200d", "[U+200D]")
