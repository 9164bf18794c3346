"""How long a slider of the page "Positions" takes on a warm server, against a control of an empty page."""

import time
from pathlib import Path

from tests.benchmarks.report import percentile, repeats, table
from tests.benchmarks.visitor import Visitor
from tests.browser.harness import ROOT, serve

EMPTY = Path(__file__).parent / "empty_page.py"
ROUNDS = 20
SETTLED = 8.0  # seconds that the import after the first paint is given
VIEWS = {  # the slider that is moved, and its values in turn; what a view keeps in the address beside its name
    "Code": ("plen", (32, 96, 128, 64)),
    "Similarity": ("plen", (32, 96, 128, 64)),
    "Nearness": ("plen", (32, 96, 128, 64)),
    "Rotation": ("pshift", (100, 200, 300, 40)),
    "Beyond": ("ptrain", (32, 96, 128, 64)),
    "On a model": ("dhead", (1, 2, 3, 4)),
    "Trained&cshow=Answers&crow=64": ("cat", (20, 30, 40, 50)),
}


def test_positions_slider(tmp_path: Path) -> None:
    rows = []
    with serve(tmp_path / "empty.txt", script=EMPTY) as server, Visitor(server.url) as visitor:
        base = [visitor.choose("head", str(at % 4 + 1)) for at in range(repeats(ROUNDS, 4))]
    with serve(tmp_path / "app.txt", script=ROOT / "app.py") as server:
        with Visitor(server.url):
            time.sleep(SETTLED)
        for view, (key, values) in VIEWS.items():
            taken = _slide(server.url, view, key, values)
            rows.append(_row(view.split("&")[0], taken, base))
            assert all(value < 60 for value in taken)
    table(
        "A slider of the page “Positions” on a warm server, milliseconds over the websocket",
        ("view", "p50", "p95", "p50 against the empty page"),
        [_row("(empty page, another choice)", base, base), *rows],
        "One session; from the change to the end of the run that it causes.",
    )


def _slide(url: str, view: str, key: str, values: tuple[int, ...]) -> list[float]:
    """Seconds of every change; the first, which may compute what stays cached, is left out."""
    with Visitor(url, page="positions", query=f"pview={view}") as visitor:
        visitor.wait_for(key)
        visitor.slide(key, values[0])
        return [visitor.slide(key, values[(at + 1) % len(values)]) for at in range(repeats(ROUNDS, 4))]


def _row(name: str, taken: list[float], base: list[float]) -> tuple[str, ...]:
    p50, p95 = (1e3 * percentile(taken, share) for share in (0.5, 0.95))
    return name, f"{p50:.0f}", f"{p95:.0f}", f"{p50 / (1e3 * percentile(base, 0.5)):.1f}x"
