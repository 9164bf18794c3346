"""Intervals of shares against the published ones."""

import pytest

from models.scores import interval


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_has_newcombes_values(right: int, count: int, low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 1998, Table I, method 3."""
    assert interval(right / count, count) == pytest.approx((low, high), abs=5e-5)
    mirrored = interval(1 - right / count, count)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=5e-5)
