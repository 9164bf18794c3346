"""How long a cold server's first page takes in Chromium, against an empty Streamlit page in the same run."""

import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from scripts import chromium
from tests.benchmarks.report import median, repeats, table, verdict
from tests.browser.harness import FLAGS, PATIENCE, ROOT, serve

EMPTY, APP = Path(__file__).parent / "empty_page.py", ROOT / "app.py"
TEXT = "() => document.querySelector('[data-testid=stText]') && performance.now()"
ANSWER = """() => [...document.querySelectorAll("[data-testid=stMain] *")].some(
  e => e.shadowRoot?.querySelector(".board .cell .text")) && performance.now()"""
WHOLE = """() => {
  const sketched = [...document.querySelectorAll("[data-testid=stMain] *")].some(
    e => e.shadowRoot?.querySelector(".sketch svg"));
  const inView = [...document.querySelectorAll("[data-testid=stMain] [data-testid=stPlotlyChart]")].filter(
    e => e.getBoundingClientRect().top < innerHeight);
  return (sketched || inView.length) && inView.every(e => e.querySelector(".main-svg")) && performance.now();
}"""
HOVER = "() => document.querySelector('.st-key-figure_sees_gradient .main-svg') && performance.now()"
BUDGETS = {"first answer drawn": 1.5, "whole first screen": 2.5}
NAMES = (*BUDGETS, "first figure answers the pointer")
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}  # as after a first start: also where the machine keeps no compiled modules


def test_first_page_cold(tmp_path: Path) -> None:
    taken: dict[str, list[float]] = {"empty page": [], **{name: [] for name in NAMES}}
    work: dict[str, list[float]] = {name: [] for name in taken}
    started: dict[Path, list[float]] = {EMPTY: [], APP: []}
    chrome = chromium.find()  # before playwright starts: it may ask playwright itself
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chrome, args=list(FLAGS))
        _visit(browser, APP, tmp_path / "compiles", [ANSWER])
        for at in range(repeats(7)):
            start, (empty,) = _visit(browser, EMPTY, tmp_path / f"empty{at}", [TEXT])
            started[EMPTY].append(start)
            start, page = _visit(browser, APP, tmp_path / f"page{at}", [ANSWER, WHOLE, HOVER])
            started[APP].append(start)
            for name, (milliseconds, busy) in zip(taken, (empty, *page), strict=True):
                taken[name].append(milliseconds)
                work[name].append(busy)
        browser.close()
    base, busy_base = median(taken["empty page"]), median(work["empty page"])
    rows = [
        (
            name,
            f"{median(values):.0f}",
            f"{min(values):.0f} to {max(values):.0f}",
            _against(name, median(values) / base),
            f"{median(work[name]):.0f}",
            f"{median(work[name]) / busy_base:.2f}x",
        )
        for name, values in taken.items()
    ]
    table(
        "First page, cold server, Chromium",
        ("what", "median ms", "range", "against the empty page", "processor ms, browser", "against the empty page"),
        rows,
        f"Median of {len(taken['empty page'])}; a fresh server and a fresh browser profile each time. Rows below the "
        "window are drawn when they are scrolled to.",
    )
    before, after = (median(values) for values in started.values())
    print(f"\nThe server itself starts in {after:.0f} ms, the empty page's in {before:.0f} ms: {after / before:.2f}x.")
    assert all(value < 1000 * PATIENCE for values in taken.values() for value in values)


def _against(name: str, ratio: float) -> str:
    return verdict(ratio, BUDGETS[name]) if name in BUDGETS else f"{ratio:.2f}x"


def _visit(
    browser: Browser, script: Path, folder: Path, conditions: list[str]
) -> tuple[float, list[tuple[float, float]]]:
    """Milliseconds to start the server; then, on a server that nobody visited before, until each condition holds:
    milliseconds from the start of navigation, and processor milliseconds of the page's main thread."""
    folder.mkdir()
    start = time.perf_counter()
    with serve(folder / "log.txt", script=script, **COMPILED) as server:
        start = 1000 * (time.perf_counter() - start)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        counters = context.new_cdp_session(page)
        counters.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(server.url, wait_until="commit")
        found = []
        for condition in conditions:
            waited = page.wait_for_function(condition, polling=20, timeout=PATIENCE * 1000).json_value()
            metrics = {each["name"]: each["value"] for each in counters.send("Performance.getMetrics")["metrics"]}
            found.append((float(waited), 1000 * metrics["TaskDuration"]))
        context.close()
    return start, found
