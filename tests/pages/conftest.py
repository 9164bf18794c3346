"""Page tests import torch when they need it, never in a thread that outlives them."""

import pytest

from pages.shared import shell


@pytest.fixture(autouse=True)
def no_warming(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "warm", lambda: None)
