"""All heads of one text, here and in three other viewers: bytes to the browser, time to build and to draw, memory."""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, sync_playwright

import models
from models.pretrained import MINILM, offline
from scripts import chromium
from tests.benchmarks.peer_browser import WATCH, WATCH_MAP, Drawn, folder, heap, open_peer
from tests.benchmarks.peer_page import TOOLS
from tests.benchmarks.random_bert import save, text
from tests.benchmarks.report import repeats, table
from tests.browser.harness import FLAGS, PATIENCE, ROOT, Server, new_reader, serve

PEERS = ROOT / ".peers"
LENGTHS = (16, 64, 128, 256, 512)
OURS = "Sightlines"


@dataclass(frozen=True)
class Figures:
    """One tool at one length: seconds to build, bytes to the browser, and what Chromium did with them."""

    build: float
    size: int
    drawn: Drawn


@pytest.fixture(scope="module")
def random_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of 12 layers and 12 heads with random weights and MiniLM's tokenizer."""
    return save(tmp_path_factory.mktemp("random"), width=192)


@pytest.mark.skipif(MINILM not in offline(), reason="the MiniLM package is not installed")
@pytest.mark.parametrize("source", [MINILM, "random 12 x 12"])
def test_all_heads_here_and_elsewhere(source: str, random_model: Path, tmp_path: Path) -> None:
    if not (PEERS / "scripts").is_dir():
        pytest.skip("make bench installs the other viewers in .peers")
    name = MINILM if source == MINILM else str(random_model)
    model: Any = models.load(name, device="cpu")
    found: dict[str, dict[int, Figures | None]] = {tool: {} for tool in (OURS, *TOOLS)}
    lengths = LENGTHS[: repeats(len(LENGTHS), 2)]
    chrome = chromium.find()
    with sync_playwright() as playwright, serve(tmp_path / "log.txt") as server:
        for tokens in lengths:
            for tool in found:
                # a browser each: one that a large page has killed, or left full, tells nothing of the next
                browser = playwright.chromium.launch(executable_path=chrome, args=list(FLAGS))
                measure: Callable[..., Figures | None] = _ours if tool == OURS else _peer
                found[tool][tokens] = measure(browser, tool, model, tokens, name, server, tmp_path)
                browser.close()
    _report(source, lengths, found)
    assert all(figures is not None for figures in found[OURS].values())


def _peer(
    browser: Browser, tool: str, model: Any, tokens: int, _name: str, _server: Server, work: Path
) -> Figures | None:
    record = model.trace(text(tokens)).attention
    shape = [(layer.index, layer.heads) for layer in record.of()]
    maps = np.stack([[record.map(at, head) for head in range(heads)] for at, (_, heads) in enumerate(shape)])
    np.savez(work / "maps.npz", maps=maps, tokens=np.array([f"w{at}" for at in range(tokens)]))
    page = work / "page.html"
    command = [str(PEERS / "bin/python"), str(ROOT / "tests/benchmarks/peer_page.py"), tool, "maps.npz", page.name]
    built = json.loads(subprocess.run(command, cwd=work, capture_output=True, text=True, check=True).stdout)
    with folder(work) as address:
        size = (maps.shape[0] * maps.shape[1], tokens)
        drawn = open_peer(browser, tool, f"{address}/{page.name}", size, PEERS / "scripts")
    page.unlink()
    return Figures(built["seconds"], built["bytes"], drawn)


def _ours(browser: Browser, _tool: str, model: Any, tokens: int, name: str, server: Server, _work: Path) -> Figures:
    """The attention page: from Enter in the text box until mosaic and heat map of the new text are on the screen."""
    record = model.trace(text(tokens)).attention
    start = time.perf_counter()
    record.overview(64)
    record.map(0, 0)
    build = time.perf_counter() - start
    reader = new_reader(browser, server.url)
    reader.page.add_init_script(WATCH)
    received = [0]
    reader.page.on("websocket", lambda socket: socket.on("framereceived", lambda sent: _count(received, sent)))
    model_key = MINILM if name == MINILM else "a local folder"
    reader.open(f"/attention?model={model_key.replace(' ', '+')}")
    if name != MINILM:
        box = reader.page.get_by_role("textbox", name="Folder")
        box.fill(name)
        box.press("Enter")
    # the page's own example first: the model is loaded when the clock starts
    reader.page.get_by_role("grid", name="All heads").wait_for(timeout=3 * PATIENCE * 1000)
    reader.idle()
    received[0] = 0
    box = reader.page.get_by_role("textbox", name="Your text")
    box.fill(text(tokens))
    reader.page.evaluate(WATCH_MAP)
    box.press("Enter")
    reader.page.get_by_text(f"· {tokens} tokens ·").wait_for(timeout=PATIENCE * 1000)
    reader.page.wait_for_function("window.painted && window.mapped", timeout=PATIENCE * 1000)
    reader.idle()
    # as of the others: the later of both pictures, once its pixels were on the screen
    seconds = reader.page.evaluate("Math.max(window.latest, window.mapped) - window.asked") / 1000
    used = heap(reader.page)
    reader.page.context.close()
    return Figures(build, received[0], Drawn(seconds, used))


def _count(total: list[int], frame: str | bytes) -> None:
    total[0] += len(frame)


def _report(source: str, lengths: tuple[int, ...], found: dict[str, dict[int, Figures | None]]) -> None:
    rows = []
    for tokens in lengths:
        ours = found[OURS][tokens]
        assert ours is not None
        for tool, by_length in found.items():
            at = by_length[tokens]
            if at is not None:
                rows.append((tokens, tool, *_row(at, ours)))
    table(
        f"All heads of one text, {source}",
        ("tokens", "viewer", "MB to the browser", "x ours", "build s", "drawn s", "browser heap MB"),
        rows,
        "Build: from the maps (here: from queries and keys) to what is sent. Drawn: others, from opening their page; "
        "here, from Enter in the text box, the model's run included; until all pixels are on the screen. Not opened: "
        "not drawn in 60 s.",
    )


def _row(at: Figures, ours: Figures) -> tuple[str, ...]:
    drawn = "not opened" if at.drawn.seconds is None else f"{at.drawn.seconds:.2f}"
    used = "" if at.drawn.heap is None else f"{at.drawn.heap / 1e6:.0f}"
    return f"{at.size / 1e6:.2f}", f"{at.size / ours.size:.0f}", f"{at.build:.2f}", drawn, used
