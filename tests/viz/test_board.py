"""The board's payload, and scripts that never read data as markup."""

from pathlib import Path

import pytest

from viz.board import FOLDER, Cell, Column, Row, asset, payload
from viz.grid import GAP, LEFT, RIGHT

COLUMNS = [Column("cnn", "Convolution", "#E69F00", ["0.47 M parameters"]), Column("gru", "GRU", "#882255")]


def test_the_payload_carries_texts_as_they_are_and_the_figures_columns():
    row = Row("What does it say?", [Cell("positive .61", 0.61, True), Cell("<b>$x$")], reading=":red[x]")
    data = payload(COLUMNS, [row], 7, 1050)
    assert data["layout"] == {"left": LEFT, "right": RIGHT, "gap": GAP}
    assert data["perLine"] == 2
    assert data["rows"][0]["cells"][1]["text"] == "<b>$x$" and data["rows"][0]["reading"] == ":red[x]"
    assert data["rows"][0]["cells"][0] == {"text": "positive .61", "value": 0.61, "bar": True, "pairs": ()}


def test_a_row_has_a_cell_for_each_model_and_bars_are_shares():
    with pytest.raises(ValueError, match="Q: wanted 2 cells; got 1"):
        payload(COLUMNS, [Row("Q", [Cell("a")])], 7, 1000)
    with pytest.raises(ValueError, match=r"Q: wanted a bar from 0 to 1; got 1\.5"):
        payload(COLUMNS, [Row("Q", [Cell("a", 1.5, True), Cell("b")])], 7, 1000)


@pytest.mark.parametrize("script", sorted(FOLDER.rglob("*.js")), ids=lambda path: Path(path).stem)
def test_scripts_set_text_only_and_load_nothing(script):
    code = script.read_text(encoding="utf-8")
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http://", "https://"):
        assert word not in code


def test_assets_are_local_files():
    assert "export default" in asset("js", "board") and "--st-text-color" in asset("css", "board")
