"""The training page in a real browser: a run is started, grows, survives a page change, is cancelled; two never mix."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from pages.shared import jobs
from tests.browser.harness import PATIENCE, Reader, Server, serve

MILLISECONDS = 2 * PATIENCE * 1000
SHORT = "/training?texamples=40&tbatch=10&tepochs=5&twidth=3"
LONG = "/training?texamples=200&tbatch=200&tepochs=15000"
ENDLESS = "/training?lesson=A way round&tdepth=30&twidth=128&tepochs=2000"  # minutes, on any machine


def ready(reader: Reader, path: str) -> Reader:
    """Open the page and wait for its Start button."""
    reader.page.goto(reader.url + path, wait_until="commit", timeout=MILLISECONDS)
    expect(button(reader, "Start")).to_be_visible(timeout=MILLISECONDS)
    return reader.idle()


def button(reader: Reader, name: str) -> Locator:
    return reader.page.get_by_role("button", name=name)


def over(reader: Reader, said: str) -> Reader:
    """Wait until the run has ended with this sentence."""
    expect(reader.page.get_by_test_id("stCaptionContainer").filter(has_text=said)).to_be_visible(timeout=MILLISECONDS)
    return reader.idle()


MOMENTS = (
    "Math.max(0, ...(document.querySelector('.st-key-figure_curves .js-plotly-plot')?._fullData ?? [])"
    ".map(trace => trace.x ? trace.x.length : 0))"
)


def grown(reader: Reader, few: int) -> int:
    """Wait until the curves on screen have more than `few` moments; how many they have then."""
    reader.page.wait_for_function(f"few => {MOMENTS} > few", arg=few, timeout=MILLISECONDS)
    return int(reader.page.evaluate(MOMENTS))


def test_a_run_grows_survives_a_page_change_and_ends_when_cancelled(reader: Reader) -> None:
    ready(reader, LONG)
    button(reader, "Start").click()
    expect(reader.page.get_by_test_id("stProgress")).to_contain_text("Step", timeout=MILLISECONDS)
    few = grown(reader, 0)
    reader.page.get_by_test_id("stSidebarNavLink").filter(has_text="Optimizers").click()
    expect(reader.page.get_by_role("heading", name="Optimizers", exact=True)).to_be_visible(timeout=MILLISECONDS)
    reader.page.get_by_test_id("stSidebarNavLink").filter(has_text="Training").click()
    expect(reader.page.get_by_test_id("stProgress")).to_contain_text("Step", timeout=MILLISECONDS)
    grown(reader, few)
    button(reader, "Cancel").click()
    over(reader, "Cancelled after")
    assert "tepochs=15000" in reader.page.url
    assert reader.complaints == []


def test_a_run_ends_with_its_replay_and_the_slider_moves_it(reader: Reader) -> None:
    ready(reader, SHORT + "&tview=Replay")
    button(reader, "Start").click()
    over(reader, "All 20 steps in")
    chart = reader.page.locator(".st-key-figure_replay .js-plotly-plot")
    expect(chart.locator(".slider-container")).to_be_visible(timeout=MILLISECONDS)
    middle = "gd => Array.from(gd._fullData[3].z, row => Array.from(row)[20])"
    last = chart.evaluate(middle)
    chart.evaluate("gd => gd.scrollIntoView()")
    chart.locator(".slider-rail-touch-rect").click(position={"x": 6, "y": 6}, force=True)
    reader.page.wait_for_function(
        "last => { const gd = document.querySelector('.st-key-figure_replay .js-plotly-plot');"
        "return JSON.stringify(Array.from(gd._fullData[3].z, row => Array.from(row)[20])) !== JSON.stringify(last); }",
        arg=last,
        timeout=MILLISECONDS,
    )
    assert reader.complaints == []


@pytest.mark.parametrize("epochs", [(3, 7)])
def test_two_readers_runs_never_mix(server: object, readers: Callable[..., Reader], epochs: tuple[int, int]) -> None:
    both = [
        ready(readers(server.url), f"/training?texamples=40&tbatch=10&twidth=3&tepochs={count}") for count in epochs
    ]
    for reader in both:
        button(reader, "Start").click()
    for reader, count in zip(both, epochs, strict=True):
        over(reader, f"All {4 * count} steps in")
        assert grown(reader, 4 * count) == 4 * count + 1


@pytest.fixture
def narrow_server(tmp_path: Path) -> Iterator[Server]:
    """A server with one place for training, which a run may keep for an hour."""
    file = tmp_path / "limits.toml"
    file.write_text("[limits]\ntraining_at_once = 1\ntraining_seconds = 3600\n")
    with serve(tmp_path / "log.txt", SIGHTLINES_SETTINGS=str(file)) as running:
        yield running


def test_a_closed_tab_gives_its_place_to_the_next_reader(narrow_server: Server, readers: Callable[..., Reader]) -> None:
    one, other = readers(narrow_server.url), ready(readers(narrow_server.url), SHORT)
    ready(one, ENDLESS)
    button(one, "Start").click()
    expect(one.page.get_by_test_id("stProgress")).to_contain_text("Step", timeout=MILLISECONDS)
    button(other, "Start").click()
    expect(other.page.get_by_test_id("stProgress")).to_contain_text("place 1 in the queue", timeout=MILLISECONDS)
    one.page.close()
    said = other.page.get_by_test_id("stCaptionContainer").filter(has_text="All 20 steps in")
    expect(said).to_be_visible(timeout=500 * jobs.ABANDONED)  # long before anybody would give it up by the clock


def test_a_cold_deep_link_shows_its_lesson(cold_server: Server, readers: Callable[..., Reader]) -> None:
    reader = ready(readers(cold_server.url), "/training?lesson=Divide by √d")
    expect(reader.page.get_by_text("One wide head, scores divided by the root")).to_be_visible(timeout=MILLISECONDS)
    expect(reader.page.locator(".st-key-figure_curves .js-plotly-plot")).to_be_visible(timeout=MILLISECONDS)
    assert reader.complaints == []


@pytest.mark.parametrize(("width", "scheme"), [(900, "dark"), (1440, "light")])
def test_the_page_fits_its_window(
    server: Server, readers: Callable[..., Reader], pictures: Path, width: int, scheme: str
) -> None:
    reader = ready(readers(server.url, width=width, scheme=scheme), "/training")
    expect(reader.page.locator(".js-plotly-plot").first).to_be_visible(timeout=MILLISECONDS)
    reader.idle().fits(pictures / f"training_{width}_{scheme}.png")
