"""The example texts are what their names say, and what is stored of them is what the models say today."""

import numpy as np
import pytest

from models import load
from models.presets import SETS, models_of, path, presets, stored
from models.reading import MATRIX_LIMIT, Reading, read
from models.sources import tokenizer
from models.tokenizer import normal, pieces

TASKS = ("sentiment", "agreement")
CASES = [(group, preset) for group, (task, _) in SETS.items() for preset in presets(task)]
SHORT = {"sentiment": "repeated", "agreement": "clause", "agreement-far": "clause"}


@pytest.mark.parametrize("task", TASKS)
def test_there_are_six_examples_or_more_that_every_matrix_can_show(task: str) -> None:
    assert len(presets(task)) >= 6
    assert all(0 < len(pieces(text)) <= MATRIX_LIMIT for text in presets(task).values())


@pytest.mark.parametrize("task", TASKS)
def test_only_the_unseen_words_are_unseen(task: str) -> None:
    known = tokenizer(task)
    strange = {
        name: [s for s, k in zip(known(text).strings, known(text).known, strict=True) if not k]
        for name, text in presets(task).items()
    }
    wanted = {"sentiment": {"flumptious", "quandrific", "zibbly"}, "agreement": {"wugs", "blicket"}}[task]
    assert wanted <= set(strange.pop("unseen word"))
    assert not [name for name, words in strange.items() if len(words) > 1]


def test_lengths_and_repeats() -> None:
    words = [piece for piece in pieces(presets("sentiment")["sixty words"]) if piece.isalpha()]
    assert len(words) == 60
    assert len(pieces(presets("agreement")["forty words"])) >= 40
    for task in TASKS:
        found = [normal(piece) for piece in pieces(presets(task)["repeated"])]
        assert max(found.count(word) for word in found) >= 4


@pytest.mark.parametrize(("group", "preset"), CASES)
def test_every_example_is_stored_for_every_model(group: str, preset: str) -> None:
    assert path(group, preset).exists(), "run `make presets`"
    found = stored(group, preset)
    assert set(found) == set(models_of(group))
    text = presets(SETS[group][0])[preset]
    for architecture, reading in found.items():
        if isinstance(reading, str):
            assert architecture == "mlp"
            assert "at most 64 tokens" in reading
        else:
            assert reading.name == models_of(group)[architecture].name
            assert reading.trace.tokens == tuple(pieces(text))


@pytest.mark.parametrize("group", [group for group in SETS if path(group, SHORT[group]).exists()])
def test_what_is_stored_is_what_the_models_say(group: str) -> None:
    """To rounding, which differs between processors."""
    text = presets(SETS[group][0])[SHORT[group]]
    for facts in models_of(group).values():
        then, now = stored(group, SHORT[group])[facts.family], read(load(facts.name, "cpu"), text)
        assert isinstance(then, Reading)
        assert dict(then.trace.output) == pytest.approx(dict(now.trace.output), abs=1e-4)
        assert np.abs(then.trace.hidden - now.trace.hidden).max() < 1e-3
        for before, after in ((then.gradient, now.gradient), (then.substitution, now.substitution)):
            assert before is not None
            assert after is not None
            assert np.abs(before.values - after.values).max() <= 2e-3 * after.values.max()
        assert then.cost.macs == now.cost.macs
        assert np.isnan(then.cost.milliseconds)
