"""Twenty uploads at once: all are answered, and never more than two are decoded at a time."""

import io
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import sleep
from typing import Any

import numpy as np
import pytest
from PIL import Image

from models import pictures_input
from pages.seen import given


def content(seed: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (300, 400, 3), dtype=np.uint8)).save(out, "PNG")
    return out.getvalue()


def test_twenty_uploads_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, own = Lock(), pictures_input.opened
    counts = {"now": 0, "most": 0}

    def watched(*arguments: Any) -> Any:
        with lock:
            counts["now"] += 1
            counts["most"] = max(counts["most"], counts["now"])
        sleep(0.02)
        try:
            return own(*arguments)
        finally:
            with lock:
                counts["now"] -= 1

    monkeypatch.setattr(pictures_input, "opened", watched)
    monkeypatch.setattr(given.st, "session_state", {})
    with ThreadPoolExecutor(20) as readers:
        found = list(readers.map(lambda seed: given.read(content(seed), "fashion", "your picture"), range(20)))
    assert 1 < counts["most"] <= given.AT_ONCE
    assert len({one.content for one in found}) == 20
    wanted = given.placed(own(content(7), 20, 10).image, "fashion", "your picture")
    assert found[7].content == wanted.content and found[7].steps == wanted.steps


def test_a_picture_that_cannot_be_read_gives_its_turn_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given.st, "session_state", {})
    for _ in range(given.AT_ONCE + 1):
        with pytest.raises(ValueError, match="no readable picture"):
            given.read(b"no picture", "fashion", "your picture")
