"""The truth of the position tasks, worked out from tokens, against the data that the models were trained on."""

import pytest
import torch

from models.lens import asked
from models.train.positions import settings
from models.train.positions_data import SILENT, TASKS
from models.train.positions_measures import any_value, held_rows, logits, measure, right
from models.zoo import build


@pytest.mark.parametrize("task", TASKS)
def test_the_training_data_agree_with_the_truth(task: str) -> None:
    about = TASKS[task]
    drawn = about.draw(101, 23, torch.Generator().manual_seed(7))
    for ids, labels in zip(drawn.ids.tolist(), drawn.labels.tolist(), strict=True):
        found = asked.truth(task, [about.words[i] for i in ids])
        assert found == tuple(None if label == SILENT else about.labels[label] for label in labels)


def test_the_truth_by_hand() -> None:
    assert asked.truth("order", list("cBda")) == (None, None, None, "b first")
    assert asked.truth("back", list("cabde")) == (None, None, None, None, "c")
    assert asked.truth("latest", ["a1", "b", "a", "a7", "A", "b"]) == (None, None, "1", None, "7", None)
    assert asked.source("back", list("cabdef"), 5) == 1
    assert asked.source("latest", ["a1", "a7", "b3", "a", "a"], 4) == 1
    assert asked.source("order", list("ab"), 1) is None


@pytest.mark.parametrize(
    ("task", "text", "message"),
    [
        ("order", "a c d", "exactly one a and one b in the row; got 1 and 0"),
        ("order", "a b a", "got 2 and 1"),
        ("back", "a b c d", "at least 5 symbols; got 4"),
        ("latest", "a b0 c", "asked after it was given a value"),
        ("sorting", "a", "task must be one of order, back, latest, got 'sorting'"),
    ],
)
def test_a_row_that_asks_nothing_is_refused(task: str, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        asked.truth(task, text.split())


@pytest.mark.parametrize("task", TASKS)
def test_labels_are_evenly_common(task: str) -> None:
    """So chance is one over the number of labels; four standard errors."""
    about = TASKS[task]
    labels = held_rows(about, 64).labels
    counts = torch.bincount(labels[labels != SILENT], minlength=len(about.labels)).double()
    share = counts / counts.sum()
    spread = (about.chance * (1 - about.chance) / counts.sum()) ** 0.5
    assert ((share - about.chance).abs() < 4 * spread).all()


@pytest.mark.parametrize("task", TASKS)
def test_inside_and_beyond_add_up_to_all(task: str) -> None:
    about = TASKS[task]
    network = build(settings(task, "alibi"), seed=1).eval()
    for row in measure(network, about):
        drawn = held_rows(about, row["length"])
        hits = right(network, drawn, about.causal)
        parts = [part for part in (row["inside"], row["beyond"]) if part]
        assert sum(part["count"] for part in parts) == len(hits)
        assert sum(part["count"] * part["accuracy"] for part in parts) == pytest.approx(float(hits.sum()))
        assert (row["beyond"] is None) == (row["length"] == 32)


def test_answers_of_a_row_are_the_last_states_read_one_by_one() -> None:
    about = TASKS["back"]
    network = build(settings("back", "rope"), seed=1).eval()
    drawn = about.draw(3, 11, torch.Generator().manual_seed(0))
    score, label = logits(network, drawn, causal=True)
    ends = [network(network.embedding(drawn.ids[:, : at + 1])).logits for at in range(4, 11)]
    assert torch.allclose(score, torch.stack(ends, dim=1).flatten(0, 1), atol=1e-5)
    assert label.tolist() == (drawn.ids[:, :7] - 1).flatten().tolist()


def test_a_random_earlier_value_is_right_about_as_often_as_it_is_the_latest() -> None:
    """With n earlier writes of a key one is the latest, and each other is equal to it with chance 1/8."""
    found = [any_value(length, TASKS["latest"]) for length in (32, 64, 128)]
    assert 0.125 < found[2] < found[1] < found[0] < 0.65
