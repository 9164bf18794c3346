"""The contract of the bundled picture models, and what was measured of them, read from their cards."""

import hashlib
from functools import cache

import numpy as np
import pytest
import torch

from models import cards, load
from models.cards import PICTURE_TASKS, TITLES, WEIGHTS, card
from models.pictures import PictureModel
from models.pictures_fit import fitted
from models.presets.pictures import pictures
from models.scores import interval
from models.sources import untrained
from models.train.pictures_data import LABELS
from models.train.pictures_measures import LEVELS

FAMILIES = ("mlp", "cnn", "vit", "hybrid")
ALL = [one.name for task in PICTURE_TASKS for one in cards(task)]
CHANCE = 0.1
FLOORS = {"mlp": 0.88, "cnn": 0.915, "vit": 0.86, "hybrid": 0.87}  # on all test pictures of Fashion-MNIST
each = pytest.mark.parametrize("name", ALL)


@cache
def model(name: str) -> PictureModel:
    return load(name, "cpu")


@pytest.mark.parametrize("task", PICTURE_TASKS)
def test_all_families_are_there(task: str):
    found = {one.name for one in cards(task)}
    still = {f"fashion-{family}-still" for family in ("cnn", "vit")} if task == "fashion" else set()
    assert found == {f"{task}-{family}" for family in FAMILIES} | still


@each
def test_the_facts_on_a_card_are_there_and_true(name: str):
    facts = card(name)
    assert facts.sha256 == hashlib.sha256((WEIGHTS / f"{name}.safetensors").read_bytes()).hexdigest()
    assert facts.parameters == sum(p.numel() for p in model(name).network.parameters())
    assert facts.licence == "Apache-2.0" and facts.data and facts.limits
    assert facts.title == TITLES[facts.family]
    assert name == f"{facts.task}-{facts.family}{'-still' if facts.training_set == 'still' else ''}"
    assert facts.trained["shift"] == (0 if facts.training_set == "still" else 3)
    assert model(name).labels == LABELS[facts.task]
    assert facts.command == (
        f"python -m models.train.{facts.task} {'--still ' if facts.training_set else ''}--architecture {facts.family}"
    )


@pytest.mark.parametrize("task", PICTURE_TASKS)
def test_models_of_a_task_are_matched(task: str):
    found = cards(task)
    sizes = [one.parameters for one in found]
    assert max(sizes) / min(sizes) < 1.1
    assert len({one.data for one in found}) == 1
    assert len({(one.trained["flip"], one.trained["pictures"]) for one in found}) == 1
    assert len({(one.trained["batch"], one.trained["passes"]) for one in found if one.family != "mlp"}) <= 1


@each
def test_accuracy_has_its_interval_and_beats_chance(name: str):
    metrics = card(name).metrics
    assert metrics["count"] == (10_000 if name.startswith("fashion") else 2_000)
    assert metrics["interval"] == pytest.approx(interval(metrics["accuracy"], metrics["count"]))
    assert metrics["interval"][0] > 5 * CHANCE
    assert sorted(run["seed"] for run in metrics["seeds"]) == [0, 1, 2]
    assert max(metrics["seeds"], key=lambda run: run["validation"])["seed"] == card(name).trained["seed"]
    for kind, rows in metrics["robustness"].items():
        assert [row["level"] for row in rows] == list(LEVELS[kind])
        assert rows[0]["accuracy"] > rows[-1]["accuracy"]


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_is_trained_well_enough_to_be_looked_into(family: str):
    assert card(f"fashion-{family}").metrics["accuracy"] >= FLOORS[family]


@each
def test_the_stored_pictures_are_answered_about_as_well_as_the_test_set(name: str):
    """Thirty pictures that were in no training: the share that is right lies in a wide interval round the card's."""
    task = card(name).task
    stack = (pictures(task) / np.float32(255)).reshape(-1, 28, 28)
    said = model(name).probabilities(stack).argmax(axis=1)
    right = (said == np.repeat(np.arange(10), 3)).mean()
    assert abs(right - card(name).metrics["accuracy"]) < 0.2


@pytest.mark.parametrize("family", FAMILIES)
def test_a_digit_drawn_in_the_corner_is_answered_as_well_as_one_in_the_middle(family: str):
    """The stored digits, cut out and set into the corner of the pad: unfitted, the fully connected network reads 27 %
    of them."""
    network, middle = model(f"digits-{family}"), pictures("digits").reshape(-1, 28, 28)
    corner = np.zeros_like(middle)
    for pad, digit in zip(corner, middle, strict=True):
        rows, columns = (np.flatnonzero((digit > 25).any(axis=axis)) for axis in (1, 0))
        cut = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        pad[: cut.shape[0], : cut.shape[1]] = cut
    read = np.stack([fitted(pad, "digits", drawn=True).pixels for pad in corner])
    right, wanted = (
        (network.probabilities(stack).argmax(axis=1) == np.repeat(np.arange(10), 3)).mean()
        for stack in (read, middle / np.float32(255))
    )
    assert right >= wanted - 1 / 30


@each
def test_training_changed_what_it_started_from(name: str):
    before, again = (untrained(name, "cpu").network.state_dict() for _ in range(2))
    after = model(name).network.state_dict()
    assert all(torch.equal(before[key], again[key]) for key in before)
    assert not torch.equal(before["head.weight"], after["head.weight"])


def test_shifts_in_training_are_what_makes_shifts_bearable():
    """The one claim of the page that rests on both kinds of training: moved by 6 pixels, with and without shifts."""
    for family in ("cnn", "vit"):
        moved, still = (card(f"fashion-{family}{kind}").metrics["robustness"]["shift"] for kind in ("", "-still"))
        at = LEVELS["shift"].index(6)
        assert moved[at]["interval"][0] > still[at]["interval"][1]
