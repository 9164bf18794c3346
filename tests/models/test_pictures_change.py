"""Shift, turn, cover and noise against their definitions, on one picture and on a stack."""

import numpy as np
import pytest

from models.pictures_change import Change, apply, covered, noisy, shifted, turned

PICTURES = np.random.default_rng(0).random((3, 28, 28)).astype(np.float32)


@pytest.mark.parametrize(("right", "down"), [(3, 0), (-5, 2), (0, -7), (11, 13)])
def test_a_shift_is_a_roll_whose_wrapped_part_is_black(right: int, down: int):
    wanted = np.roll(PICTURES, (down, right), axis=(1, 2))
    rows, columns = np.arange(28) - down, np.arange(28) - right
    inside = ((rows >= 0) & (rows < 28))[:, None] & ((columns >= 0) & (columns < 28))
    assert (shifted(PICTURES, right, down) == wanted * inside).all()


def test_a_shift_beyond_the_frame_leaves_nothing():
    assert shifted(PICTURES, 28, 0).max() == 0


@pytest.mark.parametrize(("degrees", "quarter_turns"), [(90, -1), (180, 2), (270, 1), (360, 0)])
def test_quarter_turns_are_exact_and_clockwise(degrees: float, quarter_turns: int):
    assert turned(PICTURES, degrees) == pytest.approx(np.rot90(PICTURES, quarter_turns, axes=(1, 2)), abs=1e-6)


def test_a_small_turn_keeps_the_mass_of_a_centred_disc():
    away = np.hypot(*np.meshgrid(np.arange(28) - 13.5, np.arange(28) - 13.5))
    disc = np.clip((11 - away) / 4, 0, 1).astype(np.float32)  # four pixels of slope: bilinear keeps it
    assert turned(disc, 17).sum() == pytest.approx(disc.sum(), rel=2e-3)
    assert np.abs(turned(disc, 17) - disc).max() < 0.08


def test_a_square_covers_its_pixels_and_is_cut_at_the_edge():
    found = covered(PICTURES, 6, 14, 2, 0.5)
    assert (found[:, 11:17, 0:5] == 0.5).all()
    assert (found != PICTURES).sum() == 3 * 6 * 5
    with pytest.raises(ValueError, match=r"fill must lie in 0\.\.1, got 2"):
        covered(PICTURES, 6, 14, 2, 2.0)


def test_noise_has_its_deviation_and_repeats():
    grey = np.full((200, 28, 28), 0.5, np.float32)
    found = noisy(grey, 0.1, seed=3)
    assert found.std() == pytest.approx(0.1, rel=0.01)
    assert (found == noisy(grey, 0.1, seed=3)).all()
    assert noisy(grey, 5.0).min() == 0 and noisy(grey, 5.0).max() == 1


def test_no_change_changes_nothing_and_nothing_touches_its_input():
    before = PICTURES.copy()
    assert Change().none and (apply(PICTURES, Change()) == PICTURES).all()
    apply(PICTURES, Change(right=2, turn=10, square=5, noise=0.2))
    assert (before == PICTURES).all()
