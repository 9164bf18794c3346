"""Galleries of pictures and maps: true sizes, shared limits, captions under what they name."""

import numpy as np
import pytest

from viz.enlarge import enlarge
from viz.pictures import LEAST, Strip, Tile, gallery

NARROW = [np.full((side, 28), float(side)) for side in (28, 14, 7)]


def drawn():
    rows = [
        Strip(f"layer {side}", [Tile(values, caption=f"no. {side}")], (0.0, 28.0))
        for side, values in zip((28, 14, 7), NARROW, strict=True)
    ]
    return gallery([("cnn", "Convolution")], rows, width=620, most=112).to_dict()


def test_a_cell_is_as_large_in_every_row():
    layout = drawn()["layout"]
    pixels = [
        (layout[axis]["domain"][1] - layout[axis]["domain"][0]) * layout["height"] / side
        for axis, side in (("yaxis", 28), ("yaxis2", 14), ("yaxis3", 7))
    ]
    assert pixels == pytest.approx([4.0, 4.0, 4.0])


def test_rows_do_not_overlap_and_leave_room_for_their_name_and_colour_bar():
    layout = drawn()["layout"]
    tops = [(1 - layout[axis]["domain"][1]) * layout["height"] for axis in ("yaxis", "yaxis2", "yaxis3")]
    assert tops[1] - tops[0] > 112 and tops[2] - tops[1] >= LEAST
    assert layout["height"] - tops[2] >= LEAST


def test_a_caption_stands_at_the_foot_of_its_map():
    layout = drawn()["layout"]
    feet = {f"no. {side}": layout[axis]["domain"][0] for axis, side in (("yaxis", 28), ("yaxis2", 14), ("yaxis3", 7))}
    said = {each["text"]: each["y"] for each in layout["annotations"] if each["text"] in feet}
    assert said == pytest.approx(feet)


def test_rows_of_square_tiles_share_their_limits_and_their_size():
    rows = [
        Strip("a", [Tile(np.eye(7)), Tile(np.zeros((28, 28)))], (0.0, 2.0)),
        Strip("b", [Tile(None, "none")] * 2, (0.0, 1.0)),
    ]
    layout = gallery([("", "x"), ("", "y")], rows, width=1000).to_dict()["layout"]
    assert layout["coloraxis"]["cmax"] == 2.0 and layout["coloraxis2"]["cmax"] == 1.0
    assert layout["yaxis"]["domain"] == layout["yaxis2"]["domain"]


def test_the_bar_says_where_values_share_the_last_colour():
    rows = [
        Strip("a", [Tile(np.array([[0.0, 3.0]])), Tile(None, "none")], (0.0, 2.0)),
        Strip("b", [Tile(np.array([[-2.0, np.nan]])), Tile(np.eye(2))], (-1.0, 1.0), "diverging"),
        Strip("c", [Tile(np.eye(2)), Tile(np.eye(2))], (0.0, 1.0)),
    ]
    layout = gallery([("", "x"), ("", "y")], rows, width=1000).to_dict()["layout"]
    said = [layout[axis]["colorbar"]["ticktext"] for axis in ("coloraxis", "coloraxis2", "coloraxis3")]
    assert [list(ends) for ends in said] == [["0", "≥ 2"], ["≤ −1", "1"], ["0", "1"]]


def test_what_cannot_be_drawn():
    with pytest.raises(ValueError, match="at least one column and one row"):
        gallery([], [], width=600)
    with pytest.raises(ValueError, match=r"a: wanted maps \[h, w\]; got shape \(3,\)"):
        gallery([("", "x")], [Strip("a", [Tile(np.zeros(3))], (0.0, 1.0))], width=600)


def test_enlarged_labels_stay_at_the_margin_that_grew_with_them():
    rows = [Strip("a", [Tile(np.eye(7))], (0.0, 1.0))]
    figure = gallery([("", "x")], rows, width=600)
    large = enlarge(figure, 1.5).to_dict()["layout"]
    name = next(each for each in large["annotations"] if each["text"] == "a")
    assert name["xshift"] == -large["margin"]["l"]
    plain = figure.to_dict()["layout"]["coloraxis"]["colorbar"]
    assert large["coloraxis"]["colorbar"]["len"] == 1.5 * plain["len"]
