"""A running app and a page in Chromium: started, driven and looked at the same way by every browser test."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, expect

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 60.0  # seconds; a bound for a slow machine, never a measurement
expect.set_options(timeout=PATIENCE * 1000)
# What Chromium says on a machine without a network; Streamlit's own front end looks for its host there.
NOT_OURS = ("net::ERR_",)


@dataclass
class Server:
    """The app in a process of its own."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def memory(self) -> int:
        """Resident memory of the process, in bytes (Linux)."""
        fields = Path(f"/proc/{self.process.pid}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


@contextlib.contextmanager
def serve(log: Path, *, script: Path = ROOT / "app.py", **environment: str) -> Iterator[Server]:
    """Start `script` on a free port from a folder that is not the repository; stop it at the end."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    command += ["--server.headless", "true", "--server.address", "localhost"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=log.parent, env=os.environ | environment, stdout=output, stderr=subprocess.STDOUT
        )
    server = Server(process, f"http://localhost:{port}", log)
    try:
        wait_for_health(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


def wait_for_health(server: Server) -> None:
    """Wait until /_stcore/health says ok; any other path answers 200 with a page and proves nothing."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.process.poll() is None:
        if healthy(server.url):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the app did not start; its log says:\n{server.log.read_text()}")


def healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5) as answer:
            return bool(answer.read() == b"ok")
    except OSError:  # refused, reset, or not answered while the server gets ready
        return False


@dataclass
class Reader:
    """One browser page on the app, with what its console complained about."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str = "/") -> "Reader":
        """Go to an address of the app, such as "/attention?layer=3", and wait until it is drawn."""
        self.page.goto(self.url + path, wait_until="commit", timeout=PATIENCE * 1000)
        return self.idle()

    def idle(self) -> "Reader":
        """Wait until Streamlit is connected, its script has ended, and nothing on the page is stale."""
        app = self.page.get_by_test_id("stApp")
        expect(app).to_have_attribute("data-test-connection-state", "CONNECTED", timeout=PATIENCE * 1000)
        self.page.wait_for_timeout(150)  # a click reaches the server before the state says so
        expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE * 1000)
        expect(self.page.locator("[data-stale=true]")).to_have_count(0, timeout=PATIENCE * 1000)
        expect(self.page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PATIENCE * 1000)
        expect(self.page.locator(".sketch svg")).to_have_count(0, timeout=PATIENCE * 1000)  # plotly has taken over
        return self

    def shot(self, file: Path, *, full: bool = False) -> Path:
        """A picture of the page; `full` also of what lies below the window."""
        if full:
            height = self.page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollHeight ?? 900")
            self.page.set_viewport_size({"width": self.page.viewport_size["width"], "height": int(height) + 20})
            self.idle()
        self.page.screenshot(path=file)
        return file

    def fits(self, file: Path, top: int = 620) -> None:
        """Hold that the first figure begins on the first screen, nothing overflows, and the console is quiet."""
        chart = self.page.locator(".js-plotly-plot").first.bounding_box()
        assert chart is not None
        assert chart["y"] < top, "the first figure begins below the first screen"
        overflow = self.page.evaluate(
            "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
            ".map(e => e.scrollWidth - e.clientWidth)"
        )
        self.shot(file, full=True)
        assert overflow == [0, 0]
        assert self.complaints == []

    def _note(self, message: ConsoleMessage) -> None:
        asked = str((message.location or {}).get("url", ""))
        searching = "/_stcore/" in asked and "404" in message.text  # a deep link: Streamlit looks for its host below it
        if message.type == "error" and not searching and not any(part in message.text for part in NOT_OURS):
            self.complaints.append(message.text)


def new_reader(browser: Any, url: str, *, width: int = 1440, height: int = 900, scheme: str = "light") -> Reader:
    """A reader with cookies and storage of their own; `scheme` is light or dark."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True, locale="en-GB"
    )
    return Reader(context.new_page(), url)
