"""Page tests import torch when they need it, never in a thread that outlives them."""

import pytest

from pages.shared import first, nearby, progress, shell


@pytest.fixture(autouse=True)
def no_warming(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "warm", lambda: None)


@pytest.fixture(autouse=True)
def everything_near(monkeypatch: pytest.MonkeyPatch) -> None:
    """No browser scrolls here, and none loads plotly: all that a page has is drawn at once, by plotly."""
    monkeypatch.setattr(nearby, "near", lambda *_: True)
    monkeypatch.setattr(first, "sketched", lambda *_: False)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run waits for its job: one run shows the answer, without a look at the progress bar before."""
    monkeypatch.setattr(progress, "PATIENCE", 120.0)
