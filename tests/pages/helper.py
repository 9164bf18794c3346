"""The app under Streamlit's own test runner, always entered through app.py as a reader enters it."""

import base64
import gc
import json
import time
import weakref
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0  # seconds; a bound for a slow machine, never a measurement
JOINER = "\u2060"


def open_app(page: str | None = None, *, timeout: float = 60.0, **query: str) -> AppTest:
    """The app after one run, on `page` (such as "pages/attention.py") or the front page, with the address's `query`."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=timeout)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    if page:
        app.switch_page(page).run()
    return app


def gone(left: weakref.ref) -> bool:
    """Whether what is referred to leaves memory."""
    end = time.monotonic() + PATIENCE
    while left() is not None and time.monotonic() < end:
        gc.collect()
        time.sleep(0.01)
    return left() is None


def problems(app: AppTest) -> list[str]:
    """What went wrong on the page: uncaught exceptions and error boxes."""
    return [item.message for item in app.exception] + [item.value for item in app.error]


def settled(app: AppTest) -> AppTest:
    """Run until no job is under way."""
    end = time.monotonic() + PATIENCE
    while app.get("progress") and time.monotonic() < end:
        app.run()
    assert not app.get("progress"), "a job did not end"
    return app


def figure(app: AppTest, key: str) -> dict[str, Any]:
    """The plotly figure of one figure block, as it is sent to the browser."""
    (chart,) = (item for item in app.get("plotly_chart") if item.proto.id.endswith(f"-{key}_chart"))
    return json.loads(chart.proto.spec)


def figures(app: AppTest) -> list[str]:
    """The keys of all figure blocks, downwards."""
    return [item.proto.id.rsplit("-", 1)[1].removesuffix("_chart") for item in app.get("plotly_chart")]


def numbers(packed: Any) -> np.ndarray:
    """An array of a figure: raw bytes in base64 where plotly packed it, else a list."""
    if not isinstance(packed, dict):
        return np.array(packed, dtype=float)
    shape = [int(size) for size in str(packed.get("shape", "-1")).split(",")]
    return np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"]).reshape(shape)


def seen(markdown: str) -> str:
    """What a reader sees of escaped Markdown."""
    return markdown.replace("\\", "").replace(JOINER, "")
