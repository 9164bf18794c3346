"""The first page under Streamlit's test runner: opened, waited for, and read back as numbers and words."""

import html
import json
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from tests.pages.helper import PATIENCE, figure, figures, numbers, open_app, seen, settled


def opened(text: str | None = None, **query: Any) -> AppTest:
    """The page with its answers, asked for `text` and the settings of the address."""
    return settled(open_app(timeout=PATIENCE, **({} if text is None else {"text": text}), **query))


def typed(app: AppTest, text: str, task: str = "sentiment") -> AppTest:
    """The page after `text` was typed into its box."""
    return settled(app.text_input(key=f"{task}_text").set_value(text).run())


def chosen(app: AppTest, key: str, value: Any) -> AppTest:
    """The page after a choice among buttons."""
    return settled(app.button_group(key=key).set_value(value).run())


def maps(app: AppTest, key: str) -> dict[str, np.ndarray]:
    """Panel title -> the matrix that colours it."""
    traces = [trace for trace in figure(app, key)["data"] if trace["type"] == "heatmap"]
    return {trace.get("name", ""): numbers(trace["z"]) for trace in traces}


def curves(app: AppTest, key: str) -> dict[str, list[np.ndarray]]:
    """Name of a curve -> the heights of every curve of that name."""
    found: dict[str, list[np.ndarray]] = {}
    for trace in figure(app, key)["data"]:
        if "lines" in trace.get("mode", "") and trace.get("hoverinfo") != "skip":
            found.setdefault(trace.get("name", ""), []).append(numbers(trace["y"]))
    return found


def diamonds(app: AppTest, key: str) -> list[float]:
    """The centres of a figure of dots, downwards."""
    marks = [trace for trace in figure(app, key)["data"] if trace.get("marker", {}).get("symbol") == "diamond"]
    return [float(numbers(mark["x"])[0]) for mark in marks]


def words(spec: dict[str, Any], axis: str = "xaxis") -> list[str]:
    """Every word of an axis, whole, as the browser would show it."""
    aliases = spec["layout"][axis]["labelalias"]
    return [html.unescape(aliases[str(at)]) for at in range(len(aliases))]


def notes(spec: dict[str, Any]) -> str:
    """All texts written into a figure, in one line: a note is broken into lines to fit its panel."""
    texts = [note.get("text", "") for note in spec["layout"].get("annotations", [])]
    return html.unescape(" ".join(texts).replace("<br>", " "))


def board(app: AppTest, key: str = "board") -> dict[str, Any]:
    """What the board of answers was given to draw."""
    (found,) = (item for item in app.get("bidi_component") if item.proto.id.endswith(f"-{key}"))
    (drawn,) = json.loads(found.proto.json)
    return drawn


def cells(app: AppTest, key: str = "board", row: int = 0) -> dict[str, dict[str, Any]]:
    """Architecture -> cell of one row of a board."""
    drawn = board(app, key)
    return {column["key"]: cell for column, cell in zip(drawn["columns"], drawn["rows"][row]["cells"], strict=True)}


def warnings(app: AppTest) -> list[str]:
    """The sentences that say what is wrong."""
    return [seen(box.value) for box in app.warning]


def captions(app: AppTest) -> list[str]:
    return [seen(line.value) for line in app.caption]


def title(app: AppTest, key: str) -> str:
    """The finding of one figure block, with its question."""
    at = figures(app).index(key)
    headings = [seen(line.value) for line in app.markdown if line.value.startswith("#### ")]
    return headings[at]
