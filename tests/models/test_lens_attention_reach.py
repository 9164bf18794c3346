"""What a tile hatches is what the mask forbids, in the bins of the overview itself."""

import numpy as np
import pytest

from models.lens.attention_reach import pooled, reach
from models.trace import AttentionLayer, AttentionRecord


def layer(length: int, allowed: np.ndarray | None) -> AttentionLayer:
    random = np.random.default_rng(3)
    query, key = (random.standard_normal((2, length, 5)).astype(np.float32) for _ in range(2))
    return AttentionLayer("decoder", query, key, allowed=allowed)


@pytest.mark.parametrize("length", [5, 7, 16, 61, 130])
def test_a_cell_is_closed_exactly_where_no_weight_of_its_bin_is_allowed(length: int) -> None:
    window = np.tri(length, dtype=bool) & ~np.tri(length, k=-4, dtype=bool)
    layers = (layer(length, np.tri(length, dtype=bool)), layer(length, window), layer(length, None))
    found = reach(layers, 16)
    assert found is not None
    assert found.shape == (3, 16, 16)
    even = [AttentionLayer("decoder", None, None, exact=one.allowed[None].astype(np.float32)) for one in layers[:2]]  # type: ignore[index]
    tiles = AttentionRecord({"decoder": tuple(even)}).overview(16)[:, 0]
    np.testing.assert_array_equal(found[:2].astype(bool), tiles > 0)
    assert found[2].all()


def test_few_tokens_keep_their_triangle() -> None:
    np.testing.assert_array_equal(pooled(np.tri(2, dtype=bool), 4), np.kron(np.tri(2), np.ones((2, 2))).astype(bool))


def test_nothing_is_hatched_where_everything_is_allowed() -> None:
    assert reach((layer(5, None), layer(5, np.ones((5, 5), bool))), 16) is None
