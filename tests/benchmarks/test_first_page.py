"""How long a cold server's first page takes in Chromium, against an empty Streamlit page in the same run."""

from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from scripts import chromium
from tests.benchmarks.report import median, repeats, table, verdict
from tests.browser.harness import FLAGS, PATIENCE, ROOT, serve

EMPTY = Path(__file__).parent / "empty_page.py"
TEXT = "() => document.querySelector('[data-testid=stText]') && performance.now()"
ANSWER = """() => [...document.querySelectorAll("[data-testid=stMain] *")].some(
  e => e.shadowRoot?.querySelector(".board .cell .text")) && performance.now()"""
WHOLE = """() => document.querySelectorAll("[data-testid=stMain] .js-plotly-plot .main-svg").length
  && [...document.querySelectorAll("[data-testid=stMain] [data-testid=stPlotlyChart]")].every(
    e => e.querySelector(".main-svg"))
  && document.querySelector(".st-key-figure_distance_substitution .main-svg") && performance.now()"""
BUDGETS = {"first answer drawn": 1.5, "whole first page": 2.5}


def test_first_page_cold(tmp_path: Path) -> None:
    taken: dict[str, list[float]] = {"empty page": [], **{name: [] for name in BUDGETS}}
    chrome = chromium.find()  # before playwright starts: it may ask playwright itself
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chrome, args=list(FLAGS))
        for at in range(repeats(7)):
            (empty,) = _visit(browser, EMPTY, tmp_path / f"empty{at}", [TEXT])
            first, whole = _visit(browser, ROOT / "app.py", tmp_path / f"page{at}", [ANSWER, WHOLE])
            for name, value in zip(taken, (empty, first, whole), strict=True):
                taken[name].append(value)
        browser.close()
    base = median(taken["empty page"])
    rows = [
        (
            name,
            f"{median(values):.0f}",
            f"{min(values):.0f} to {max(values):.0f}",
            _against(name, median(values) / base),
        )
        for name, values in taken.items()
    ]
    table(
        "First page, cold server, Chromium",
        ("what", "median ms", "range", "against the empty page"),
        rows,
        f"Median of {len(taken['empty page'])}; a fresh server and a fresh browser profile each time.",
    )
    assert all(value < 1000 * PATIENCE for values in taken.values() for value in values)


def _against(name: str, ratio: float) -> str:
    return verdict(ratio, BUDGETS[name]) if name in BUDGETS else f"{ratio:.2f}x"


def _visit(browser: Browser, script: Path, folder: Path, conditions: list[str]) -> list[float]:
    """Milliseconds from the start of navigation until each condition holds, on a server that nobody visited before."""
    folder.mkdir()
    with serve(folder / "log.txt", script=script) as server:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(server.url, wait_until="commit")
        found = [
            float(page.wait_for_function(condition, polling=20, timeout=PATIENCE * 1000).json_value())
            for condition in conditions
        ]
        context.close()
    return found
