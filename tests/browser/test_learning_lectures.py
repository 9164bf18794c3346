"""Training, gradient flow and optimizers in a lecture, and what they let a reader save: the numbers that are drawn."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from models.lens import gradient_flow_stack, optimizers
from models.lens.surfaces import surface
from models.live.lessons import LESSONS, recorded
from models.zoo.stack import Shape
from tests.browser.harness import PATIENCE, Reader, Server
from tests.browser.test_figures import saved

MILLISECONDS = 2 * PATIENCE * 1000
CHART = ".st-key-figure_%s .js-plotly-plot"


def trained() -> tuple[str, np.ndarray]:
    found = recorded(next(iter(LESSONS.values())).setup)
    assert found is not None
    return "mlp_loss", found.tracks[1].loss


def flowed() -> tuple[str, np.ndarray]:
    return "gradient", gradient_flow_stack.through(Shape(depth=9, activation="tanh")).gradient


def descended() -> tuple[str, np.ndarray]:
    ground = surface("bowl")
    points = optimizers.path("adam", ground.gradient, ground.start, 20, lr=0.02)
    return "adam", np.column_stack([points, ground.value(points)])


PAGES = {  # address, key of its figure, words of its table, an array of its file
    "training": ("/training?", "curves", "validation loss", trained),
    "gradients": ("/gradients?depth=9&activation=tanh&", "stack", "parameter gradient", flowed),
    "optimizers": ("/optimizers?surface=bowl&steps=20&", "paths", "learning rate of the step", descended),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_lecture_enlarges_the_figure_and_its_files_hold_what_is_drawn(
    page: str, server: Server, readers: Callable[..., Reader], tmp_path: Path
) -> None:
    address, key, column, wanted = PAGES[page]
    heights = []
    for lecture in ("false", "true"):
        reader = readers(server.url).open(f"{address}lecture={lecture}")
        chart = reader.page.locator(CHART % key)
        expect(chart).to_be_visible(timeout=MILLISECONDS)
        heights.append(
            reader.idle().page.evaluate("key => document.querySelector(key)._fullLayout.height", CHART % key)
        )
    assert heights[1] > heights[0]
    expect(reader.page.get_by_test_id("stSidebar")).to_have_count(0)
    expect(reader.page.get_by_role("button", name="Menu", exact=True)).to_be_visible()
    block = reader.page.locator(f".st-key-figure_{key}")
    with saved(block, "CSV", tmp_path).open(encoding="utf-8", newline="") as file:
        assert column in next(csv.reader(file))
    name, values = wanted()
    with np.load(saved(block, "NPZ", tmp_path)) as arrays:
        assert arrays[name] == pytest.approx(values, rel=1e-9)
    assert saved(block, "HTML", tmp_path).stat().st_size > 10_000
    assert saved(block, "PNG", tmp_path).read_bytes()[:4] == b"\x89PNG"
    assert reader.complaints == []
