"""Scores and weights by offset against closed forms."""

import numpy as np
import pytest

from models.lens import positional
from models.lens.positional import nearness
from models.lens.positional.nearness import Settings

RANDOM = np.random.default_rng(11)
PLAIN = Settings(width=22, base=31.0, heads=8, head=1, draws=5)


def test_scores_by_offset_are_those_of_really_rotated_vectors() -> None:
    query, key = RANDOM.standard_normal((2, 3, 14))
    offsets = np.array([-40.0, -3.0, 0.0, 2.5])
    for layout in ("interleaved", "half"):
        settings = {"base": 20.0, "layout": layout, "rotated": 10, "scale": 3.0}
        wanted = [
            [float(q @ positional.rope(k[None], [at], **settings)[0]) for at in offsets]
            for q, k in zip(query, key, strict=True)
        ]
        found = positional.rope_scores(query, key, offsets, **settings)
        np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_changes_are_the_closed_forms() -> None:
    back = np.array([0, 1, 7, 200])
    assert not nearness.changes("none", back, PLAIN).any()
    rates = 31.0 ** (-np.arange(0, 22, 2) / 22)
    wave = np.cos(np.outer(rates, back)).sum(axis=0) / np.sqrt(22)
    np.testing.assert_allclose(nearness.changes("sinusoidal", back, PLAIN)[0], wave, atol=1e-13)
    assert nearness.changes("alibi", back, PLAIN).tolist() == [[0.0, -0.25, -1.75, -50.0]]
    np.testing.assert_allclose(nearness.changes("t5", back, PLAIN)[0], -0.25 * np.log1p([0, 1, 7, 113]), atol=1e-13)
    table = RANDOM.standard_normal((32, 3))
    own = Settings(biases=table, head=2)
    np.testing.assert_array_equal(nearness.changes("t5", back, own)[0], table[[0, 1, 7, 31], 2])


def test_rotation_of_alike_contents_follows_the_sum_of_cosines_on_average() -> None:
    many = Settings(width=22, base=31.0, draws=4000)
    back = np.array([0, 1, 7, 200])
    rates = 31.0 ** (-np.arange(0, 22, 2) / 22)
    wanted = 2 * (np.cos(np.outer(rates, back)) - 1).sum(axis=0) / np.sqrt(22)
    found = nearness.changes("rope", back, many)
    np.testing.assert_allclose(found.mean(axis=0), wanted, atol=4 * found.std(axis=0).max() / np.sqrt(4000))
    apart = nearness.changes("rope", back, Settings(width=22, base=31.0, draws=4000, alike=False))
    assert np.abs(apart.mean(axis=0)).max() < 4 * apart.std(axis=0).max() / np.sqrt(4000)
    assert np.abs(found[:, 0]).max() < 1e-14


def test_a_learned_table_is_averaged_over_its_positions_and_ends() -> None:
    table = RANDOM.standard_normal((5, 3))
    found = nearness.changes("learned", [0, 2, 4, 5], Settings(width=16, learned=table))
    size = (table**2).sum(axis=1).mean() * 2 / 4
    assert found.shape == (5, 4)
    assert found[3, 1] == pytest.approx(table[3] @ table[1] / size)
    assert np.isnan(found).sum(axis=0).tolist() == [0, 2, 4, 5]
    assert found[:, 0].mean() == pytest.approx(16**0.5 / 2), "as long as a sinusoid of that width"
    assert np.isnan(nearness.changes("learned", [0], PLAIN)).all(), "no table at hand"


def test_weights_are_the_softmax_and_their_keys_the_closed_forms() -> None:
    even = nearness.weights("none", 37, PLAIN)
    np.testing.assert_allclose(even, 1 / 37)
    assert nearness.keys_read(even) == pytest.approx(37)
    assert nearness.beyond(even, 30) == pytest.approx(7 / 37)
    slope = 0.25
    falling = nearness.weights("alibi", 400, PLAIN)
    np.testing.assert_allclose(falling[0, :3], (1 - np.exp(-slope)) * np.exp(-slope * np.arange(3)), rtol=1e-12)
    entropy = slope / np.expm1(slope) - np.log(-np.expm1(-slope))
    assert nearness.keys_read(falling) == pytest.approx(np.exp(entropy), rel=1e-9)
    assert nearness.beyond(falling, 10) == pytest.approx(np.exp(-10 * slope), rel=1e-9)
    assert np.isnan(nearness.weights("learned", 9, Settings(learned=np.ones((8, 2))))).all()
    assert nearness.keys_read(np.array([[1.0, 0.0, 0.0]])) == 1.0


def test_new_angles_count_the_waves_that_have_not_come_round() -> None:
    """Width 64, base 10000: 2 pi 10000^(2i/64) <= 64 for i = 0 .. 8, so 23 of 32 pairs are still on their way."""
    assert nearness.new_angles(64, 1e4, 64, 128) == 23 / 32
    assert nearness.new_angles(64, 1e4, 64, 64) == 0
    assert nearness.new_angles(64, 1e4, 64, 512, scale=8) == 0
    assert nearness.new_angles(64, 1e4, 64, 512, scale=4) == 23 / 32
    assert nearness.new_angles(64, 1e4, 64, 512, later=positional.raised_base(1e4, 64, 8)) == 22 / 32, (
        "all but the last"
    )
    assert nearness.new_angles(2, 1e4, 7, 900) == 0, "one pair of wavelength 6.28 has come round"


@pytest.mark.parametrize(
    ("scheme", "offsets", "settings", "said"),
    [
        ("rope", [-1], PLAIN, "offsets back must be at least 0, got -1"),
        ("xpos", [1], PLAIN, "scheme must be one of none, sinusoidal, .*, got 'xpos'"),
        ("alibi", [1], Settings(heads=4, head=4), "head must lie in 1..4, got 5"),
        ("t5", [0.5], PLAIN, "offsets must be whole numbers"),
    ],
)
def test_bad_questions_get_a_sentence(scheme: str, offsets: list[float], settings: Settings, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        nearness.changes(scheme, offsets, settings)
