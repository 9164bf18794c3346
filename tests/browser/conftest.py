"""Fixtures of the browser tests: the app, Chromium, readers, and a folder for pictures."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from scripts import chromium
from tests.browser.harness import FLAGS, Reader, Server, new_reader, serve


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One warm app for the tests that do not mind company."""
    with serve(tmp_path_factory.mktemp("server") / "log.txt") as running:
        yield running


@pytest.fixture
def cold_server(tmp_path: Path) -> Iterator[Server]:
    """A freshly started app that no browser has visited."""
    with serve(tmp_path / "log.txt") as running:
        yield running


@pytest.fixture(scope="session")
def executable() -> str:
    """Chromium's path; looked for before Playwright runs, which the search itself may need."""
    path = chromium.find()
    if path is None:
        pytest.fail(chromium.missing())
    return path


@pytest.fixture(scope="session")
def browser(executable: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def reader(browser: Browser, server: Server) -> Iterator[Reader]:
    """One reader of the warm app, 1440 x 900, light."""
    one = new_reader(browser, server.url)
    yield one
    one.page.context.close()


@pytest.fixture
def readers(browser: Browser) -> Iterator[Callable[..., Reader]]:
    """Make readers as wanted: `readers(server.url, width=900, scheme="dark")`; all are closed at the end."""
    made: list[Reader] = []

    def make(url: str, **settings: object) -> Reader:
        made.append(new_reader(browser, url, **settings))
        return made[-1]

    yield make
    for one in made:
        one.page.context.close()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where screenshots go: the folder that SIGHTLINES_PICTURES names, to look at them, else a temporary one."""
    folder = Path(os.environ.get("SIGHTLINES_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
