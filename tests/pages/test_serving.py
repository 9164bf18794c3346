"""The server is ready before its first reader: what a first run needs is there, and torch is not."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
import streamlit as st
from streamlit.web.server.app_discovery import discover_asgi_app

from pages.shared import serving
from tests.browser.harness import ROOT

FIRST_RUN = """
import os, sys
import app
from pages.shared import loading, serving
loading.warm = lambda: None
serving.prepare()
ready = set(sys.modules)
from streamlit.testing.v1 import AppTest
seen = AppTest.from_file("app.py", default_timeout=60).run()
assert not seen.exception and not seen.error and seen.header
late = {name for name in set(sys.modules) - ready if name.split(".")[0] in ("models", "pages", "viz", "numpy", "PIL")}
print(sorted(late), "torch" in sys.modules, flush=True)
os._exit(0)
"""


def test_streamlit_serves_the_app_of_app_py() -> None:
    assert discover_asgi_app(ROOT / "app.py").import_string == "app:app"


def test_the_first_run_imports_nothing_of_ours_and_no_torch() -> None:
    done = subprocess.run([sys.executable, "-c", FIRST_RUN], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[] False"


@pytest.mark.parametrize(("headless", "opened"), [(False, True), (True, False)])
def test_a_browser_opens_where_there_is_one(monkeypatch: pytest.MonkeyPatch, headless: bool, opened: bool) -> None:
    options: dict[str, Any] = {"server.headless": headless, "server.port": 8601, "server.baseUrlPath": "/lens/"}
    calls: list[str] = []
    called = Event()

    def visit(address: str) -> None:
        calls.append(address)
        called.set()

    monkeypatch.setattr(st, "get_option", options.get)
    monkeypatch.setattr(serving.webbrowser, "open", visit)
    with ThreadPoolExecutor(1) as own:  # a thread of its own: another test may have left a running loop in this one
        own.submit(asyncio.run, served(lambda: called.wait(5 if opened else 0.05))).result()
    assert calls == (["http://localhost:8601/lens"] if opened else [])


async def served(wait: Callable[[], object]) -> None:
    async with serving.lifespan(st.App(ROOT / "app.py")):
        wait()
