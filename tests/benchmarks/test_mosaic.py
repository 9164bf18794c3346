"""All heads of a 12 x 12 model at 512 tokens: from the request to the drawn mosaic in Chromium, and the bytes."""

import os
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from models.pretrained import MINILM, offline
from scripts import chromium
from tests.benchmarks.peer_browser import WATCH
from tests.benchmarks.random_bert import HEADS, LAYERS, save, text
from tests.benchmarks.report import repeats, table
from tests.browser.harness import FLAGS, PATIENCE, Reader, Server, new_reader, serve

WIDTH = 768  # BERT-base's: heads of 64
LENGTHS = (16, 512)  # the short one is the baseline: what the page costs by itself
SECONDS, MEGABYTES = 1.0, 1.0  # budgets
TURNS = 5
MOSAIC = b"sightlines_mosaic"


@dataclass
class Watched:
    """A page whose requests are timed: seconds to the drawn mosaic, the server's processor seconds, bytes.

    `mosaic` counts the message with the tiles, `whole` all that came: the exact heat map and the lines beside it too.
    """

    reader: Reader
    server: Server
    frames: list[bytes | str] = field(default_factory=list)
    drawn: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)
    mosaic: list[int] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """What happens inside asks for the mosaic; it is drawn when this ends."""
        self.reader.idle().page.evaluate("window.asked = window.painted = null")
        self.frames.clear()
        start = processor(self.server)
        yield
        self.reader.page.wait_for_function("window.painted", polling=50, timeout=3 * PATIENCE * 1000)
        self.worked.append(processor(self.server) - start)
        self.drawn.append(self.reader.page.evaluate("window.painted - window.asked") / 1000)
        self.reader.idle()
        self.mosaic.append(max(len(frame) for frame in self.frames if isinstance(frame, bytes) and MOSAIC in frame))
        self.whole.append(sum(len(frame) for frame in self.frames))


@pytest.mark.skipif(MINILM not in offline(), reason="the tokenizer comes with the MiniLM package")
def test_mosaic(tmp_path: Path) -> None:
    model = save(tmp_path / "model", WIDTH)
    found: dict[tuple[str, int], Watched] = {}
    chrome = chromium.find()
    with sync_playwright() as playwright, serve(tmp_path / "log.txt") as server:
        browser = playwright.chromium.launch(executable_path=chrome, args=list(FLAGS))
        reader = new_reader(browser, server.url)
        reader.page.add_init_script(WATCH)
        frames: list[bytes | str] = []
        reader.page.on("websocket", lambda socket: socket.on("framereceived", lambda sent: frames.append(sent)))
        reader.open("/attention?model=a+local+folder&view=Anatomy")
        typed(reader, "Folder", str(model))
        reader.page.get_by_text("tokens ·").first.wait_for(timeout=3 * PATIENCE * 1000)
        for tokens in LENGTHS:
            asked, whole = (Watched(reader, server, frames) for _ in range(2))
            found["the overview", tokens], found["another text, the model's run included", tokens] = asked, whole
            for turn in range(repeats(TURNS, 2)):
                one_turn(reader, asked, whole, tokens, 2 * turn)
        browser.close()
    _report(found)
    assert all(0 < size <= MEGABYTES * 1e6 for watched in found.values() for size in watched.mosaic)


def one_turn(reader: Reader, asked: Watched, whole: Watched, tokens: int, turn: int) -> None:
    """A text is run under another view; then its overview is asked for; then another text's."""
    choose(reader, "Anatomy")
    typed(reader, "Your text", text(tokens, turn))
    reader.page.get_by_text(f"· {tokens} tokens ·").first.wait_for(timeout=3 * PATIENCE * 1000)
    reader.idle()
    with asked.timed():
        choose(reader, "Overview")
    with whole.timed():
        typed(reader, "Your text", text(tokens, turn + 1))


def typed(reader: Reader, box: str, words: str) -> None:
    field_ = reader.page.get_by_role("textbox", name=box)
    field_.fill(words)
    field_.press("Enter")


def choose(reader: Reader, view: str) -> None:
    reader.idle()  # while a run moves the control, it is there twice
    reader.page.get_by_role("radio", name=view, exact=True).click(timeout=PATIENCE * 1000)


def processor(server: Server) -> float:
    """Processor seconds that the server has used so far (Linux)."""
    spent = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")


def _report(found: dict[tuple[str, int], Watched]) -> None:
    rows = []
    for (what, tokens), watched in found.items():
        drawn, worked = (statistics.median(each) for each in (watched.drawn, watched.worked))
        base = statistics.median(found[what, LENGTHS[0]].drawn)
        raw = 4 * LAYERS * HEADS * tokens**2
        size, whole = max(watched.mosaic), statistics.median(watched.whole)
        rows.append(
            (
                what,
                tokens,
                f"{drawn:.2f}",
                f"{drawn / base:.1f}x",
                f"{worked:.2f}",
                f"{size / 1e6:.2f}",
                f"{raw / size:.1f}x",
                f"{whole / 1e6:.2f}",
            )
        )
    table(
        f"All heads of a {LAYERS} x {HEADS} model, from the request to the drawn mosaic, medians",
        (
            "request",
            "tokens",
            "drawn s",
            f"over {LENGTHS[0]} tokens",
            "server CPU s",
            "MB",
            "all maps over it",
            "MB, whole view",
        ),
        rows,
        f"Budget of the overview at {LENGTHS[-1]} tokens: {SECONDS:g} s and {MEGABYTES:g} MB. "
        "All maps: float32, as they are.",
    )
    at = statistics.median(found["the overview", LENGTHS[-1]].drawn)
    print(f"\nThe overview at {LENGTHS[-1]} tokens: {at:.2f} s, {'within' if at <= SECONDS else 'OVER'} {SECONDS:g} s.")
