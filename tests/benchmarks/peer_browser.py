"""Chromium on another tool's page, and on ours: time until it is drawn, bytes that came, memory that the page holds."""

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route
from playwright.sync_api import Error as BrowserError

LIMIT = 60.0  # seconds; a page that is not drawn by then counts as not opening
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"
# Our page: when the first message left the browser, and when the first and the latest canvas picture after it were on
# the screen.
WATCH = """
window.asked = window.painted = window.latest = null;
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) { window.asked ??= performance.now(); return send.call(this, data); };
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (...given) {
  put.apply(this, given);
  const shown = () => { window.latest = performance.now(); window.painted ??= window.latest; };
  if (given[0].width > 144) requestAnimationFrame(() => requestAnimationFrame(shown));
};
"""
# From now on: when another heat map than the present one was on the screen.
WATCH_MAP = """() => {
  const map = () => document.querySelector(".st-key-figure_heat .heatmaplayer image")?.getAttribute("href");
  const before = map();
  const shown = () => (window.mapped = performance.now());
  const look = () => {
    if (map() && map() !== before) requestAnimationFrame(shown);
    else requestAnimationFrame(look);
  };
  window.asked = window.painted = window.latest = window.mapped = null;
  requestAnimationFrame(look);
}"""
# What stands on each tool's page when all heads are drawn; L heads in all, T tokens.
DRAWN = {
    "BertViz": "([heads]) => document.querySelectorAll('rect.attn_background').length >= heads",
    "CircuitsVis": "([heads]) => document.querySelectorAll('canvas').length >= heads",
    "Inspectus": "([, tokens]) => document.querySelectorAll('svg.matrix .cell').length >= Math.min(tokens, 64) ** 2",
}


@dataclass(frozen=True)
class Drawn:
    """seconds until painted and heap in bytes; both None where the page did not open within LIMIT."""

    seconds: float | None
    heap: int | None


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing: the table is the output."""


@contextmanager
def folder(root: Path) -> Iterator[str]:
    """The files of a folder under an address of this machine."""
    server = http.server.ThreadingHTTPServer(("localhost", 0), functools.partial(_Quiet, directory=str(root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()


def open_peer(browser: Browser, tool: str, address: str, size: tuple[int, int], scripts: Path) -> Drawn:
    """A tool's page from its address until all heads are painted; the caller ends the browser, since a busy page does
    not close by itself."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    try:
        page.route("**/cdnjs.cloudflare.com/**", lambda route: _script(route, scripts))
        page.goto(address, wait_until="commit", timeout=LIMIT * 1000)
        page.wait_for_function(DRAWN[tool], arg=list(size), polling=50, timeout=LIMIT * 1000)
        painted = page.wait_for_function(PAINTED, timeout=LIMIT * 1000).json_value()  # `evaluate` would wait for ever
        return Drawn(float(painted) / 1000, heap(page))
    except BrowserError:  # too slow, too large, or the tab died
        return Drawn(None, None)


def _script(route: Route, scripts: Path) -> None:
    """What a page asks of the content network, from the folder if it is there."""
    file = next((f for f in sorted(scripts.glob("*.js")) if f"/{f.stem}" in route.request.url), None)
    if file is None:
        route.continue_()
    else:
        route.fulfill(path=file, content_type="text/javascript")


def heap(page: Page) -> int:
    """Bytes of JavaScript objects alive on the page."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.collectGarbage")
    found = session.send("Performance.getMetrics")["metrics"]
    return int(next(metric["value"] for metric in found if metric["name"] == "JSHeapUsedSize"))
