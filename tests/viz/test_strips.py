"""Strips: models down, words across."""

import numpy as np
import pytest

from viz.matrices import Panel
from viz.strips import strips


def test_rows_are_models_in_order_and_a_missing_one_is_hatched_with_its_reason():
    given = [Panel("cnn", "CNN", np.array([0.2, 0.3, 0.5])), Panel("mlp", "MLP", None, "Too long.")]
    figure = strips(given, ["the", "cat", "the"], limits=(0, 1), colour_title="share")
    hatched, cells = figure.data
    np.testing.assert_array_equal(cells.z[0], np.float32([0.2, 0.3, 0.5]))
    assert np.isnan(cells.z[1]).all()
    assert (min(hatched.y), max(hatched.y)) == (0.56, 1.44)
    assert "Too long." in [note.text for note in figure.layout.annotations]
    assert dict(figure.layout.xaxis.labelalias) == {"0": "the", "1": "cat", "2": "the"}
    assert list(figure.layout.yaxis.range) == [1.5, -0.5]


def test_wrong_length_says_wanted_and_got():
    with pytest.raises(ValueError, match=r"CNN: wanted values of shape \(3,\); got \(2,\)"):
        strips([Panel("cnn", "CNN", np.ones(2))], list("abc"), limits=(0, 1), colour_title="share")
