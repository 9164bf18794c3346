"""Boxes, pyramids, field maps and hops: what would be drawn, and what is refused."""

import tracemalloc

import numpy as np
import plotly.graph_objects as go
import pytest

from viz.boxes import Box, boxes
from viz.field_maps import FieldPanel, Square, field_maps
from viz.hops import HopPanel, hops
from viz.pyramid import Reads, Row, perspective, pyramid, thinned

PICTURE = np.zeros((13, 13, 3), dtype=np.uint8)
# two layers of kernel 3, the second of stride 2, on 13 positions: 13 -> 11 -> 5
ROWS = [Row("input", 13, 4, 8, 0.0, 1, 1), Row("<a>", 11, 4, 6, 1.0, 1, 3), Row("b", 5, 2, 2, 2.0, 2, 5)]
READS = [Reads(3, 1, 0, 1), Reads(3, 2, 0, 1)]
WORDS = ("the", "cat", "the", "<s>", "dog")


def rectangles(figure: go.Figure) -> list[tuple[float, float]]:
    return [(shape.x0, shape.x1) for shape in figure.layout.shapes if shape.type == "rect"]


def test_boxes_stand_where_the_unit_looks() -> None:
    figure = boxes(PICTURE, 13, [Box("conv", 5, 7), Box("pool", 4, 8)], 1, 2)
    drawn = rectangles(figure)
    assert drawn[:2] == [(5, 8), (4, 9)]  # pixel i covers i to i + 1
    assert (6, 11) in drawn  # the next unit's box, one stride to the right
    assert "pool: 5 × 5 px" in figure.data[1].customdata
    assert figure.layout.images[0].sizex == 13


def test_a_box_larger_than_the_picture_is_drawn_beyond_it_up_to_a_bound() -> None:
    low, high = boxes(PICTURE, 13, [Box("conv", -7, 19)], 0, 1).layout.xaxis.range
    assert low < -7 and high > 20
    low, high = boxes(PICTURE, 13, [Box("conv", -700, 719)], 0, 1).layout.xaxis.range
    assert (low, high) == (-13, 26)


def test_a_box_that_the_drawing_cuts_off_is_told() -> None:
    large = [Box("conv", 4, 8), Box("conv", -700, 719)]
    (note,) = boxes(PICTURE, 13, large, 1, 1).layout.annotations
    assert note.text.endswith("1,420 × 1,420 px, from −700 to 719")
    assert not boxes(PICTURE, 13, large, 0, 1).layout.annotations
    assert not boxes(PICTURE, 13, [Box("conv", -7, 19)], 0, 1).layout.annotations
    (one_side,) = boxes(PICTURE, 13, [Box("conv", -25, 3)], 0, 1).layout.annotations
    assert "29 × 29 px" in one_side.text


def test_a_small_picture_is_stretched_over_its_positions() -> None:
    figure = boxes(PICTURE, 4096, [Box("conv", 5, 7)], 0, 1)
    assert (figure.layout.images[0].sizex, figure.layout.xaxis.range[1] > 4096) == (4096, True)


def test_boxes_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="wanted the current box among 1; got 1"):
        boxes(PICTURE, 13, [Box("conv", 0, 2)], 1, 1)
    with pytest.raises(ValueError, match="wanted a square picture"):
        boxes(PICTURE[:5], 13, [Box("conv", 0, 2)], 0, 1)


def test_the_pyramid_draws_every_feeding_unit_at_its_place() -> None:
    figure = pyramid(ROWS, READS)
    feeding = {
        trace.y[0]: list(trace.x)
        for trace in figure.data
        if trace.mode == "markers" and "feeds<" in trace.hovertemplate
    }
    assert feeding == {0: [4, 5, 6, 7, 8], 1: [5, 6, 7], 2: [6]}
    links = [trace for trace in figure.data if trace.mode == "lines"]
    assert sum(len(trace.x) for trace in links) == 3 * (3 * 3 + 3)
    assert list(figure.layout.yaxis.ticktext) == ["input", "&lt;a&gt;", "b"]
    assert any(note.text == "5 units, sees 1" for note in figure.layout.annotations)


def test_units_in_the_padding_are_hollow_and_many_units_are_a_bar() -> None:
    edge = [Row("input", 5, -2, 2, 0.0, 1, 1), Row("a", 5, 0, 0, 0.0, 1, 5)]
    hollow = [trace for trace in pyramid(edge, [Reads(5, 1, 2, 1)]).data if "padding" in (trace.hovertemplate or "")]
    assert [list(trace.customdata) for trace in hollow] == [[-2, -1]]
    wide = [Row("input", 300, 0, 255, 0.0, 1, 1), Row("a", 1, 0, 0, 127.5, 1, 256)]
    figure = pyramid(wide, [Reads(256, 1, 0, 1)])
    assert rectangles(figure) == [(-0.5, 255.5)] * 2


def test_a_huge_kernel_is_drawn_by_its_outer_lines_alone() -> None:
    """Nothing is made per tap of a kernel whose taps are not drawn."""
    kernel = 2_000_001
    rows = [Row("input", 13, -1_000_000, 1_000_000, 0.0, 1, 1), Row("a", 13, 0, 0, 0.0, 1, kernel)]
    tracemalloc.start()
    figure = pyramid(rows, [Reads(kernel, 1, 1_000_000, 1)])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000
    (links,) = [trace for trace in figure.data if trace.mode == "lines"]
    assert [x for x in links.x if x is not None] == [0, -1_000_000, 0, 1_000_000]


def test_long_lists_are_thinned_evenly() -> None:
    assert thinned(7) == list(range(7))
    kept = thinned(175)
    assert len(kept) == 40 and kept[0] == 0 and kept[-1] == 174
    assert max(np.diff(kept)) - min(np.diff(kept)) <= 1


def test_maps_in_perspective_name_their_squares() -> None:
    figure = perspective(ROWS)
    texts = [note.text for note in figure.layout.annotations]
    assert texts[0] == "<b>input</b><br>5 × 5 of 13 × 13"
    assert texts[1].startswith("<b>&lt;a&gt;</b>")
    filled = [trace for trace in figure.data if trace.fill == "toself"]
    assert len(filled) == 3
    with pytest.raises(ValueError, match="at least two maps; got 1"):
        perspective(ROWS[:1])
    with pytest.raises(ValueError, match="wanted rows and one way of reading less; got 3 and 1"):
        pyramid(ROWS, READS[:1])


def test_field_maps_share_their_colours_and_keep_their_values() -> None:
    values = np.arange(35, dtype=np.float64).reshape(5, 7) / 34
    before = values.copy()
    figure = field_maps(
        [
            FieldPanel("cnn", "a", values, [Square("all", (2.0, 3.0), 6.0, True)]),
            FieldPanel("", "b", None, note="none"),
        ],
        per_line=2,
        width=600,
    )
    (heat,) = figure.data
    assert np.asarray(heat.z) == pytest.approx(values.astype(np.float32))
    assert np.array_equal(values, before)
    assert heat.coloraxis == "coloraxis"
    low, high = figure.layout.xaxis.range
    assert low <= -3 and high >= 9  # the square leaves the map at both sides
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    with pytest.raises(ValueError, match=r"a: wanted a map \[H, W\]; got \(3,\)"):
        field_maps([FieldPanel("", "a", np.zeros(3))], per_line=1, width=300)
    with pytest.raises(ValueError, match="at least one panel"):
        field_maps([], per_line=1, width=300)


def test_a_path_is_drawn_hop_by_hop() -> None:
    figure = hops(
        [HopPanel("cnn", "CNN", 2, [((0, 1), (1, 2)), ((1, 2), (2, 3))]), HopPanel("gru", "GRU", 1, None, "No path.")],
        WORDS,
        1,
        3,
        per_line=2,
    )
    arrows = [trace for trace in figure.data if trace.mode == "lines+markers"]
    assert [(list(trace.x), list(trace.y)) for trace in arrows] == [([1, 2], [0, 1]), ([2, 3], [1, 2])]
    assert any("No path." in note.text for note in figure.layout.annotations)
    assert figure.layout.xaxis.labelalias["3"] == "&lt;s&gt;"


def test_staying_in_place_is_dotted() -> None:
    figure = hops([HopPanel("cnn", "CNN", 3, [((1, 1), (2, 3))])], WORDS, 1, 3, per_line=1)
    dotted = [(list(trace.x), list(trace.y)) for trace in figure.data if trace.line.dash == "dot"]
    assert dotted == [([1, 1], [0, 1]), ([3, 3], [2, 3])]
    with pytest.raises(ValueError, match=r"start must lie in 0..4; got 5"):
        hops([HopPanel("cnn", "CNN", 3, [])], WORDS, 5, 3, per_line=1)
