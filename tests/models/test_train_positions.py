"""The trained position schemes: what their cards say, and the weights measured again on the same rows."""

import numpy as np
import pytest

from models import load
from models.cards import ModelCard, card
from models.train.positions import limits, settings
from models.train.positions_data import TASKS
from models.train.positions_measures import TESTED, any_value, measure
from models.zoo.schemes import SCHEMES

EACH = [(task, scheme) for task in TASKS for scheme in SCHEMES]
BLIND = ("none", "alibi")  # symmetric in direction: a and b can change places unseen
each = pytest.mark.parametrize(("task", "scheme"), EACH)


def of(task: str, scheme: str) -> ModelCard:
    return card(f"positions-{task}-{scheme}")


def accuracy(task: str, scheme: str, length: int, part: str = "beyond") -> float:
    rows = {row["length"]: row for row in of(task, scheme).metrics["lengths"]}
    return rows[length][part]["accuracy"]


@each
def test_three_seeds_are_on_the_card_and_validation_chose_among_them(task: str, scheme: str) -> None:
    facts = of(task, scheme)
    runs = facts.metrics["seeds"]
    assert [run["seed"] for run in runs] == [0, 1, 2]
    best = min(runs, key=lambda run: run["validation_loss"])
    assert facts.metrics["lengths"] == best["lengths"]
    assert facts.trained["seed"] == facts.settings["seed"] == best["seed"]
    assert {key: facts.settings[key] for key in settings(task, scheme)} == settings(task, scheme)
    assert 60_000 < facts.parameters < 110_000
    for run in runs:
        assert [row["length"] for row in run["lengths"]] == list(TESTED)


@each
def test_a_card_says_what_its_scheme_is_not(task: str, scheme: str) -> None:
    facts = of(task, scheme)
    assert list(facts.limits) == limits(scheme)
    assert any("Unlike T5 itself" in said for said in facts.limits) == (scheme == "t5")


@each
def test_intervals_are_wilsons(task: str, scheme: str) -> None:
    """The roots p of (share - p)^2 = z^2 p (1 - p) / count."""
    for row in of(task, scheme).metrics["lengths"]:
        for part in filter(None, (row["inside"], row["beyond"])):
            share, z = part["accuracy"], 1.959964**2 / part["count"]
            roots = sorted(np.roots([1 + z, -2 * share - z, share**2]).real)
            assert part["interval"] == pytest.approx(roots, abs=1e-6)
        shown = row["inside"] if row["length"] == 32 else row["beyond"]
        assert shown["count"] > 300, "what the page draws rests on many answers"


@pytest.mark.parametrize(("task", "scheme"), [("back", "rope"), ("latest", "alibi"), ("order", "t5")])
def test_the_weights_give_the_accuracy_of_the_card(task: str, scheme: str) -> None:
    found = measure(load(f"positions-{task}-{scheme}", "cpu").network, TASKS[task])
    for now, then in zip(found, of(task, scheme).metrics["lengths"], strict=True):
        for part in ("inside", "beyond"):
            if then[part]:
                assert now[part]["count"] == then[part]["count"]
                assert now[part]["accuracy"] == pytest.approx(then[part]["accuracy"], abs=2e-3)


def test_the_floors_at_four_times_the_trained_length() -> None:
    assert accuracy("back", "rope", 128) >= 0.9
    assert accuracy("latest", "alibi", 128) >= 0.9


def test_added_codes_do_not_carry_over() -> None:
    """Solved where trained, lost beyond: a sinusoid no less than a table."""
    for scheme in ("sinusoidal", "learned"):
        assert accuracy("back", scheme, 32, "inside") > 0.95
        assert accuracy("back", scheme, 128) < 0.5


def test_order_is_invisible_without_direction_and_not_behind_a_causal_mask() -> None:
    for scheme in BLIND:
        assert accuracy("order", scheme, 32, "inside") == pytest.approx(0.5, abs=0.1)
    for scheme in ("sinusoidal", "learned", "rope"):
        assert accuracy("order", scheme, 32, "inside") > 0.9
    assert accuracy("latest", "none", 32, "inside") > any_value(32, TASKS["latest"]) + 0.1


def test_alibi_is_blind_to_reversal_in_both_directions() -> None:
    """|i - j| is symmetric: the row read backwards gives the same pooled answer."""
    row = "c d a e f b p n"
    backwards = " ".join(reversed(row.split()))
    for scheme, same in (("alibi", True), ("none", True), ("rope", False), ("learned", False)):
        model = load(f"positions-order-{scheme}", "cpu")
        first, second = (model.trace(text).output["a first"] for text in (row, backwards))
        assert (abs(first - second) < 1e-5) == same
