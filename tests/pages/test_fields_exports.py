"""Every figure of the page "Receptive fields", in lecture mode: its table, its arrays and its HTML are really made."""

import html
import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from pages.shared import figure, shell
from tests.pages.helper import figures, open_app, problems, settled
from viz.table import resolve, to_csv, to_html, to_npz

PAGE = "pages/fields.py"
pytestmark = pytest.mark.usefixtures("patient")

VIEWS: list[tuple[dict[str, str], list[str]]] = [
    ({"fview": "Theory"}, ["field_box"]),
    ({"fview": "Theory", "fdraw": "Units", "flist": "-".join(["3.2.1.1"] * 18)}, ["field_units"]),
    ({"fview": "Theory", "fdraw": "Maps", "fnet": "EfficientNet-Lite0, loaded"}, ["field_maps", "field_branches"]),
    ({"fview": "Measured"}, ["field_map", "field_profile"]),
    ({"fview": "Attention", "fattn": "hybrid", "flay": "3"}, ["attended", "attention_distance", "moves"]),
    ({"fview": "By depth", "fdeep": "untrained"}, ["deep", "deep_maps"]),
    ({"fview": "Time"}, ["time_influence", "time_paths"]),
    ({"fview": "Time", "ftask": "Agreement"}, ["time_influence", "time_paths"]),
    ({"fview": "Becomes convolution"}, ["heads9", "becomes"]),
]


Saved = tuple[Mapping[str, Any], Mapping[str, np.ndarray]]


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[Any, ...]]:
    """key -> what every figure block that is drawn hands to its downloads."""
    found: dict[str, tuple[Any, ...]] = {}
    monkeypatch.setattr(figure, "_controls", lambda key, *parts: found.update({key: parts}))
    return found


def saved(parts: tuple[Any, ...]) -> Saved:
    """Table and arrays of a figure block, read back from the files that a reader would save."""
    title, drawn, sentence, table, arrays, warning, stem = parts
    rows = resolve(table)
    assert len(to_csv(rows).decode().strip().splitlines()) == 1 + len(next(iter(rows.values())))
    page = to_html(drawn, title, sentence, warning, stem).decode()
    assert title in html.unescape(page) and sentence in html.unescape(page)
    with np.load(io.BytesIO(to_npz(arrays() if callable(arrays) else arrays)), allow_pickle=False) as stored:
        return rows, {name: stored[name] for name in stored.files}


@pytest.mark.parametrize(("query", "keys"), VIEWS)
def test_what_can_be_saved_is_there_in_a_lecture(query: dict[str, str], keys: list[str], blocks: dict) -> None:
    app = settled(open_app(PAGE, timeout=240.0, lecture="true", **query))
    assert problems(app) == [] and not app.warning
    assert app.session_state[shell.LECTURE] is True and not app.sidebar.children
    assert figures(app) == keys
    for rows, arrays in (saved(blocks[key]) for key in keys):
        assert len({len(column) for column in rows.values()}) == 1
        assert arrays and all(values.size for values in arrays.values())


def test_saved_heads_are_the_tables_rows(blocks: dict) -> None:
    settled(open_app(PAGE, timeout=240.0, fview="Attention"))
    rows, arrays = saved(blocks["attention_distance"])
    assert arrays["trained"].shape == arrays["untrained"].shape == (4, 4)
    assert rows["distance"] == pytest.approx([*arrays["trained"].ravel(), *arrays["untrained"].ravel()])


def test_saved_depths_hold_both_weights_and_all_widths(blocks: dict) -> None:
    settled(open_app(PAGE, timeout=240.0, fview="By depth"))
    rows, arrays = saved(blocks["deep"])
    named = enumerate(zip(rows["network"], rows["weights"], strict=True))
    at = [place for place, key in named if key == ("CNN", "untrained")]
    assert [rows["sigma"][place] for place in at] == pytest.approx(arrays["cnn_untrained_sigma"])
    for column, share in enumerate(("50%", "90%", "99%")):
        kept = [rows[f"half side with {share}"][place] for place in at]
        assert kept == arrays["cnn_untrained_widths"][:, column].tolist()
