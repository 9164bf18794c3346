"""How long a control takes on a warm server, at 1, 5 and 20 sessions with a second of thinking between two choices."""

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.benchmarks.report import percentile, repeats, table
from tests.benchmarks.visitor import ROWS, Visitor
from tests.browser.harness import ROOT, Server, serve

EMPTY = Path(__file__).parent / "empty_page.py"
THINK = 1.0  # seconds
SESSIONS = (1, 5, 20)
ROUNDS = {1: 20, 5: 10, 20: 8}
TORCH_IMPORTED = 10.0  # seconds that the import after the first paint is given
NEAR = {
    "head": ("others", "attends"),
    "sentiment_class": ROWS,
}  # a head needs its row only; the whole page was scrolled through
CHOICES = {"head": ("2", "3", "4", "1"), "sentiment_class": ("negative", "positive")}
NAMES = {"head": "another head", "sentiment_class": "another class, the whole page"}
HEAD_BUDGET = 60.0  # milliseconds, p50 of one session
CROWD_BUDGET = 4.0  # p95 of twenty sessions over that of one


def test_warm_controls(tmp_path: Path) -> None:
    found: dict[tuple[str, str, int], list[float]] = {}
    for page, script in (("empty", EMPTY), ("first page", ROOT / "app.py")):
        with serve(tmp_path / f"{page}.txt", script=script) as server:
            near = {} if page == "empty" else NEAR
            _warm(server, near.get("head", ()))
            for key in ("head",) if page == "empty" else tuple(CHOICES):
                for sessions in SESSIONS:
                    found[page, key, sessions] = _crowd(server, key, sessions, near.get(key, ()))
    table(
        "A control on a warm server, milliseconds over the websocket",
        ("what", "sessions", "p50", "p95", "p50 against the empty page"),
        [_row(found, *case) for case in found],
        "1 s of thinking between two choices of a session; from the choice to the end of the run.",
    )
    alone, crowd = (found["first page", "head", sessions] for sessions in (SESSIONS[0], SESSIONS[-1]))
    p50, ratio = 1e3 * percentile(alone, 0.5), percentile(crowd, 0.95) / percentile(alone, 0.95)
    print(f"\nAnother head, one session: p50 {p50:.0f} ms, budget {HEAD_BUDGET:.0f} ms.")
    print(f"Another head, p95 of twenty sessions over one: {ratio:.1f}x, budget {CROWD_BUDGET:g}x.")
    assert all(value < 60 for values in found.values() for value in values)


def _row(found: dict[tuple[str, str, int], list[float]], page: str, key: str, sessions: int) -> tuple[object, ...]:
    values = found[page, key, sessions]
    base = percentile(found["empty", "head", sessions], 0.5)
    name = "empty page" if page == "empty" else NAMES[key]
    p50, p95 = (percentile(values, share) for share in (0.5, 0.95))
    return name, sessions, f"{1e3 * p50:.0f}", f"{1e3 * p95:.0f}", f"{p50 / base:.1f}x"


def _warm(server: Server, near: Sequence[str]) -> None:
    """A first visit, and the time that torch needs after it."""
    with Visitor(server.url, near=near) as first:
        time.sleep(TORCH_IMPORTED)
        first.choose("head", "2")


def _crowd(server: Server, key: str, sessions: int, near: Sequence[str]) -> list[float]:
    """Seconds of every choice of every session."""
    rounds = repeats(ROUNDS[sessions], 2)
    with ThreadPoolExecutor(sessions) as pool:
        visits = [pool.submit(_visit, server.url, key, rounds, at / sessions, near) for at in range(sessions)]
        return [value for visit in visits for value in visit.result()]


def _visit(url: str, key: str, rounds: int, phase: float, near: Sequence[str]) -> list[float]:
    """One session; sessions start spread over the time of thinking, which varies by a fifth."""
    chance = random.Random(phase)
    taken = []
    with Visitor(url, near=near) as visitor:
        visitor.choose(key, CHOICES[key][0])
        time.sleep(THINK * (1 + phase))
        for at in range(rounds):
            time.sleep(THINK * chance.uniform(0.8, 1.2))
            taken.append(visitor.choose(key, CHOICES[key][(at + 1) % len(CHOICES[key])]))
    return taken
