"""Loaded models: one for all, others leave in order, and what stays is out of the garbage collector's sight."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from models import cards, pretrained
from pages.heads import work
from pages.shared import jobs, loading
from pages.shared.limits import HOSTED, LOCAL
from pages.shared.settings import limits
from tests.models.pretrained_folders import byte_tokenizer, classifier, save


class Loaded:
    """A stand-in that contains itself, as modules with hooks do: only the garbage collector can free it."""

    def __init__(self, name: str) -> None:
        self.name, self.self = name, self


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    """The calls of `load`, which gives stand-ins; both caches are empty before and after."""
    calls: list[tuple[str, str]] = []

    def load(name: str, device: str, permitted: pretrained.Limits) -> Loaded:
        assert permitted == loading.permitted(limits())
        calls.append((name, device))
        return Loaded(name)

    def empty() -> None:
        loading._other.clear()
        loading._bundled.clear()
        loading._recent.clear()

    empty()
    monkeypatch.setattr(loading.pretrained, "load", load)
    monkeypatch.setattr(loading, "free_share", lambda: 1.0)
    yield calls
    empty()


def test_a_model_is_loaded_once_and_auto_shares_it(loads: list[tuple[str, str]]) -> None:
    first = loading.model("hub:a/b", "cpu")
    assert loading.model("hub:a/b", "auto") is first
    assert loading.model("hub:a/c", "cpu") is not first
    assert loads == [("hub:a/b", "cpu"), ("hub:a/c", "cpu")]


def test_when_memory_is_short_the_longest_unused_leave(
    loads: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two", "three", "one"):
        loading.model(name, "cpu")
    left = weakref.ref(loading.model("two", "cpu"))
    loading.model("one", "cpu")
    monkeypatch.setattr(loading, "free_share", lambda: 0.9 if len(loading._recent) < 2 else 0.1)
    loading.model("four", "cpu")
    assert list(loading._recent) == [("one", "cpu"), ("four", "cpu")]
    assert left() is None
    loading.model("one", "cpu")
    loading.model("two", "cpu")
    assert [name for name, _ in loads] == ["one", "two", "three", "four", "two"]


def test_a_refused_model_leaves_memory_while_its_sentence_stands(tmp_path: Path) -> None:
    import torch

    def held() -> int:
        gc.unfreeze()
        gc.collect()
        return sum(type(one) is torch.nn.Parameter for one in gc.get_objects())

    folder = save(tmp_path / "mixed", classifier(), byte_tokenizer())
    before = held()
    job = jobs.Job(work.about, (str(folder), "cpu"))
    job.run()
    assert str(job.error).startswith("The tokenizer and the model do not belong together")
    assert isinstance(job.error, jobs.Passing)
    assert held() == before


def test_the_threads_of_torch_are_bounded() -> None:
    import torch

    loading.prepare()
    assert torch.get_num_threads() == loading.threads()


def test_the_profiles_say_the_same_to_models() -> None:
    assert loading.permitted(LOCAL) == pretrained.LOCAL
    assert loading.permitted(HOSTED) == pretrained.HOSTED


def test_a_bundled_model_is_loaded_by_its_card_and_stays() -> None:
    name = cards()[0].name
    first = loading.model(name, "cpu")
    assert first.card.name == name
    assert loading.model(name, "cpu") is first
    assert (name, "cpu") not in loading._recent
