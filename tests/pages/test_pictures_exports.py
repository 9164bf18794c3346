"""What the figures of the page "Pictures" give away: every table, array and standalone page, in lecture mode."""

import csv
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from models import load
from models.lens import picture_attention
from models.presets.pictures import pictures
from pages.shared import figure, shell
from tests.pages import helper
from tests.pages.test_pictures import opened
from viz.table import Table, resolve, to_csv, to_html, to_npz

pytestmark = pytest.mark.usefixtures("patient")


@dataclass(frozen=True)
class Given:
    """What one figure block hands to its downloads."""

    title: str
    table: Table
    csv: list[list[str]]
    arrays: dict[str, np.ndarray]
    page: str


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, Given]:
    """Key of a figure block -> its downloads, built as clicks on all of them would."""
    found: dict[str, Given] = {}
    own = figure._controls

    def built(key: str, title: str, drawn: Any, said: str, table: Any, arrays: Any, warning: str, stem: str) -> None:
        own(key, title, drawn, said, table, arrays, warning, stem)
        if not key.startswith("pictures_"):  # of the front page, which the app opens with
            return
        whole = resolve(table)
        packed = np.load(io.BytesIO(to_npz(arrays() if callable(arrays) else arrays)), allow_pickle=False)
        lines = list(csv.reader(io.StringIO(to_csv(whole).decode())))
        page = to_html(drawn, title, said, warning, stem).decode()
        found[key] = Given(title, whole, lines, dict(packed), page)

    monkeypatch.setattr(figure, "_controls", built)
    return found


@pytest.mark.parametrize(
    ("keys", "query"),
    [
        (["pictures_saliency"], {}),
        (["pictures_saliency"], {"set": "Digits", "fill": "grey", "turn": "30"}),
        (["pictures_cam"], {"seen": "Grad-CAM"}),
        (["pictures_attention", "pictures_rollout"], {"seen": "Attention", "looking": "row 2, column 6"}),
        (["pictures_features"], {"seen": "Features"}),
        (["pictures_deleted"], {"seen": "Deletion", "deleting": "Hybrid"}),
        (["pictures_deleted_many"], {"seen": "Deletion", "deleting": "Convolution", "over": "test pictures"}),
        (["pictures_robust_noise"], {"seen": "Robustness", "harm": "Noise"}),
        (["pictures_robust_shift"], {"seen": "Robustness", "set": "Digits"}),
        (["pictures_features"], {"seen": "Features", "set": "Photographs"}),
    ],
)
def test_every_figure_gives_its_numbers(given: dict[str, Given], keys: list[str], query: dict[str, str]) -> None:
    app = opened(lecture="true", **query)
    assert not app.warning and helper.figures(app) == keys == list(given)
    for one in given.values():
        rows = {len(column) for column in one.table.values()}
        assert len(rows) == 1 and rows != {0}
        assert one.csv[0] == list(one.table) and len(one.csv) == 1 + rows.pop()
        assert one.arrays and all(np.isfinite(values).all() and values.size for values in one.arrays.values())
        assert one.title in helper.seen(" ".join(item.value for item in app.markdown))
        assert "<html" in one.page and "Plotly" in one.page


def test_the_arrays_are_those_of_the_lens(given: dict[str, Given]) -> None:
    opened(seen="Attention", looking="row 2, column 6")
    pixels = pictures("fashion")[9, 0] / np.float32(255)
    for name in ("fashion-vit", "fashion-hybrid"):
        wanted = picture_attention.looks(load(name, "cpu").trace(pixels), 1 + 7 + 5)
        assert given["pictures_attention"].arrays[f"attention_{name}"] == pytest.approx(wanted.maps)
        assert given["pictures_rollout"].arrays[f"rollout_{name}"] == pytest.approx(wanted.rolled)
    assert set(given["pictures_rollout"].table["looking"]) == {"row 2, column 6"}


def test_a_lecture_enlarges_the_maps_margin_and_takes_the_sidebar_away() -> None:
    plain, large = (opened(seen="Features", fashion_nets="Convolution", **more) for more in ({}, {"lecture": "true"}))
    margins = [helper.figure(app, "pictures_features")["layout"]["margin"]["l"] for app in (plain, large)]
    assert margins[1] == pytest.approx(shell.LARGE * margins[0], abs=1)
    assert [bool(app.sidebar.button_group) for app in (plain, large)] == [True, False]
