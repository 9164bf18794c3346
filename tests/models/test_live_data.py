"""The training page's data: what each task asks, against its own definition."""

import itertools

import numpy as np
import pytest

from models.live import data
from models.live.data import ADDENDS, FAR, LONGEST, SYMBOLS, TASKS, TOLERANCE, draw
from models.live.setup import Setup


@pytest.mark.parametrize("name", TASKS)
def test_the_same_seed_draws_the_same_and_another_seed_does_not(name: str) -> None:
    one, again, other = draw(name, 101, 3), draw(name, 101, 3), draw(name, 101, 4)
    assert np.array_equal(one.train_x, again.train_x)
    assert np.array_equal(one.validation_y, again.validation_y)
    assert not np.array_equal(one.train_x, other.train_x)
    assert len(one.train_x) == len(one.train_y) == 101


@pytest.mark.parametrize("name", ["and", "or", "xor"])
def test_the_corners_follow_their_truth_table(name: str) -> None:
    found = draw(name, 400, 0)
    high = found.train_x > 0
    rule = {"and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor}[name]
    assert np.array_equal(found.train_y == 1, rule(high[:, 0], high[:, 1]))
    counts = np.bincount(2 * high[:, 1] + high[:, 0])
    assert counts.tolist() == [100] * 4


def test_no_line_parts_one_point_of_each_corner_of_xor() -> None:
    """The diagonals of any four points, one a cluster, cross; so no line has more than 75 % of XOR right."""
    points, labels = draw("xor", 48, 1).train_x.astype(float), draw("xor", 48, 1).train_y
    four = [points[np.arange(48) % 4 == corner][:7] for corner in range(4)]

    def side(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> float:
        return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))

    for low_left, low_right, up_left, up_right in itertools.product(*four):
        assert side(low_left, up_right, low_right) * side(low_left, up_right, up_left) < 0
        assert side(low_right, up_left, low_left) * side(low_right, up_left, up_right) < 0
    assert sorted(set(labels)) == [0, 1]


@pytest.mark.parametrize(("name", "radii"), [("rings", (0.5, 1.1)), ("moons", None), ("spirals", None)])
def test_points_have_two_equal_classes_and_stay_on_the_map(name: str, radii: tuple | None) -> None:
    found = draw(name, 1000, 0)
    assert np.bincount(found.train_y).tolist() == [500, 500]
    assert np.abs(found.train_x).max() < 1.8
    if radii:
        lengths = np.linalg.norm(found.train_x, axis=1)
        assert [lengths[found.train_y == label].mean() for label in (0, 1)] == pytest.approx(radii, abs=0.02)


@pytest.mark.parametrize(("name", "nearest"), [("recall", 0), ("recall-far", FAR)])
def test_recall_has_one_symbol_at_the_promised_distance(name: str, nearest: int) -> None:
    found = draw(name, 2000, 0)
    for rows, labels, low in (
        (found.train_x, found.train_y, nearest),
        (found.validation_x, found.validation_y, FAR),
    ):
        symbols = rows < SYMBOLS
        assert (symbols.sum(axis=1) == 1).all()
        back = LONGEST - symbols.argmax(axis=1)
        assert np.array_equal(rows[symbols], labels)
        assert back.min() == low
        assert back.max() == LONGEST
        assert np.bincount(labels).min() == len(labels) // SYMBOLS


def test_adding_asks_for_the_sum_of_two_marked_numbers() -> None:
    found = draw("adding", 3000, 0)
    numbers, marks = found.train_x[..., 0], found.train_x[..., 1]
    assert (marks.sum(axis=1) == 2).all()
    assert (marks[:, : ADDENDS // 2].sum(axis=1) == 1).all()
    assert found.train_y == pytest.approx((numbers * marks).sum(axis=1))
    assert np.mean((found.train_y - 1) ** 2) == pytest.approx(1 / 6, abs=0.01)
    always_one = np.mean(np.abs(found.train_y - 1) < TOLERANCE)
    assert always_one == pytest.approx(TASKS["adding"].chance, abs=0.012)


def test_digits_are_scikit_learns_and_their_patches_put_the_picture_together_again() -> None:
    from sklearn.datasets import load_digits

    theirs = load_digits()
    pixels, labels = data.pictures()
    assert sorted(map(bytes, pixels)) == sorted(map(bytes, theirs.images.astype(np.uint8)))
    assert np.bincount(labels).tolist() == np.bincount(theirs.target).tolist()
    found = draw("digits", 211, 0)
    whole = ((found.validation_x + 1) * 8).reshape(-1, 4, 4, 2, 2).transpose(0, 1, 3, 2, 4).reshape(-1, 8, 8)
    assert np.array_equal(whole, pixels[: len(whole)])
    train = {bytes(row) for row in found.train_x}
    assert sum(bytes(row) in train for row in found.validation_x) <= 1  # two digits may be drawn alike


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rate": -0.1}, "learning rate must be 0 or more"),
        ({"rate": float("nan")}, "learning rate"),
        ({"batch": 201}, "1 to 200 examples"),
        ({"batch": 0}, "1 to 200 examples"),
        ({"width": 0}, "Width must be between 1"),
        ({"depth": 31}, "Depth must be between 1 and 30"),
        ({"networks": ()}, "one to 5 networks"),
        ({"networks": ("lstm",)}, "takes the networks perceptron"),
        ({"data": "mnist"}, "data set must be one of"),
        ({"examples": 3}, "Training examples must be between 4"),
        ({"optimizer": "lion"}, "optimizer must be one of sgd"),
        ({"epochs": 20_000, "batch": 1}, "at most 20,000"),
        ({"seed": -1}, "Seed"),
    ],
)
def test_what_cannot_be_run_is_said(changed: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Setup(**{**Setup().__dict__, **changed}).checked()


def test_a_run_has_all_steps_of_its_epochs() -> None:
    assert Setup(examples=200, batch=20, epochs=3).steps == 30
    assert Setup(examples=201, batch=20, epochs=3).steps == 33
    assert Setup(examples=7, batch=7, epochs=5).steps == 5
