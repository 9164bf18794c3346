"""Full collections stay short beside many readers, and what dies while frozen still leaves memory in the end."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from pages.shared import collector


class Cycle:
    """Refers to itself: only the collector frees it."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[collector.Watch]:
    """A watch to which every full collection is too long."""
    monkeypatch.setattr(collector, "LONG", -1.0)
    watch = collector.Watch()
    gc.callbacks.append(watch)
    yield watch
    gc.callbacks.remove(watch)
    gc.unfreeze()


def test_what_is_loaded_is_frozen() -> None:
    gc.unfreeze()
    collector.settle()
    assert gc.get_freeze_count() > 10_000
    gc.unfreeze()


def test_what_outlives_a_long_collection_is_frozen_and_its_garbage_is_not(watch: collector.Watch) -> None:
    kept, dead = Cycle(), weakref.ref(Cycle())
    gc.collect()
    assert dead() is None and watch.freezes == 1
    assert not any(one is kept for one in gc.get_objects())


def test_a_short_collection_freezes_nothing(watch: collector.Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "LONG", 60.0)
    gc.unfreeze()
    gc.collect()
    gc.collect(0)
    assert watch.freezes == 0 and gc.get_freeze_count() == 0


def test_what_dies_while_it_is_frozen_leaves_memory_in_the_end(watch: collector.Watch) -> None:
    kept = Cycle()
    gc.collect()
    left = weakref.ref(kept)
    del kept
    gc.collect()
    assert left() is not None, "frozen: out of the collector's sight"
    while watch.freezes < collector.FREEZES:
        gc.collect()
    gc.collect()
    assert left() is None
