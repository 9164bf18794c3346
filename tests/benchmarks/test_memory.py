"""How much a server grows over a thousand reruns of one session."""

import time
from pathlib import Path

from tests.benchmarks.report import repeats, table
from tests.benchmarks.visitor import ROWS, Visitor
from tests.browser.harness import serve

RERUNS = 1000
WARM = 60
BUDGET = 50  # megabytes
WHOLE_PAGE_EVERY = 10


def test_memory_over_a_thousand_reruns(tmp_path: Path) -> None:
    with serve(tmp_path / "log.txt") as server, Visitor(server.url, near=ROWS) as visitor:
        time.sleep(10.0)  # torch is imported after the first paint
        _rerun(visitor, WARM)
        marks = [server.memory()]
        for _ in range(5):
            _rerun(visitor, repeats(RERUNS, 50) // 5)
            marks.append(server.memory())
    grown = [(mark - marks[0]) / 1e6 for mark in marks]
    table(
        f"Memory over {repeats(RERUNS, 50)} reruns of one session",
        ("share of the reruns", *(f"{20 * at} %" for at in range(6))),
        [("growth, MB", *(f"{value:.1f}" for value in grown))],
        f"Another head each time, another class (the whole page) every tenth. At the start {marks[0] / 1e6:.0f} MB; "
        f"budget: {BUDGET} MB more.",
    )
    assert visitor.received > 10_000 * repeats(RERUNS, 50), "the choices did not draw anything"
    assert grown[-1] < 1000


def _rerun(visitor: Visitor, times: int) -> None:
    for at in range(times):
        if at % WHOLE_PAGE_EVERY:
            visitor.choose("head", str(1 + at % 4))
        else:
            visitor.choose("sentiment_class", ("negative", "positive")[at // WHOLE_PAGE_EVERY % 2])
