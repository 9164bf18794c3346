"""Jobs: newest wins, cancel stops, errors are carried, nobody's work goes on when nobody looks."""

import time
import traceback
import weakref
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import jobs
from tests.pages.helper import gone

PATIENCE = 20.0


def counting(report, gate: Event, steps: int) -> int:
    """Sum 0 .. steps - 1, waiting for the gate before each step."""
    total = 0
    for step in range(steps):
        gate.wait(PATIENCE)
        report(step / steps, f"step {step}")
        total += step
    return total


def endless(report) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        report(0.5)
        time.sleep(0.005)


def failing(report) -> None:
    raise ValueError("wanted 2, got 3")


def open_gate() -> Event:
    gate = Event()
    gate.set()
    return gate


def test_a_job_gives_its_result_and_its_progress() -> None:
    store: dict = {}
    job = jobs.submit("sum", counting, open_gate(), 7, store=store)
    assert job.finished.wait(PATIENCE)
    assert (job.state, job.result, job.error) == ("done", 21, None)
    assert (job.fraction, job.text) == (6 / 7, "step 6")


def test_the_same_request_is_the_same_job() -> None:
    store: dict = {}
    gate = open_gate()
    first = jobs.submit("sum", counting, gate, 5, store=store)
    assert jobs.submit("sum", counting, gate, 5, store=store) is first
    assert jobs.submit("sum", counting, gate, 3, store=store) is not first
    assert jobs.submit("another", counting, gate, 3, store=store) is not jobs.submit(
        "sum", counting, gate, 3, store=store
    )


def test_the_newest_request_wins_and_stale_results_are_dropped() -> None:
    store: dict = {}
    gate = Event()
    made = [jobs.submit("sum", counting, gate, steps, store=store) for steps in (2, 3, 5, 7, 11)]
    gate.set()
    assert all(job.finished.wait(PATIENCE) for job in made)
    assert [job.state for job in made] == ["cancelled"] * 4 + ["done"]
    assert [job.result for job in made] == [None] * 4 + [55]
    assert jobs.submit("sum", counting, gate, 11, store=store).result == 55


def test_a_result_that_comes_after_the_stop_is_dropped() -> None:
    job = jobs.Job(lambda report: job.stop.set() or 13)
    job.run()
    assert (job.state, job.result) == ("cancelled", None)


def test_sessions_do_not_cancel_each_other() -> None:
    one, other = {}, {}
    first = jobs.submit("sum", counting, open_gate(), 5, store=one)
    second = jobs.submit("sum", counting, open_gate(), 7, store=other)
    assert first.finished.wait(PATIENCE)
    assert second.finished.wait(PATIENCE)
    assert (first.result, second.result) == (10, 21)


def test_cancel_stops_the_work_and_it_stays_cancelled_until_forgotten() -> None:
    store: dict = {}
    job = jobs.submit("long", endless, store=store)
    assert job.started.wait(PATIENCE)
    jobs.cancel("long", store)
    assert job.finished.wait(PATIENCE / 4)
    assert job.state == "cancelled"
    assert jobs.submit("long", endless, store=store) is job
    jobs.forget("long", store)
    again = jobs.submit("long", endless, store=store)
    assert again is not job
    jobs.forget("long", store)


def test_an_error_is_carried() -> None:
    job = jobs.submit("fails", failing, store={})
    assert job.finished.wait(PATIENCE)
    assert job.state == "failed"
    assert str(job.error) == "wanted 2, got 3"


def test_an_abandoned_job_stops_and_starts_again_when_asked() -> None:
    store: dict = {}
    job = jobs.submit("long", endless, store=store)
    assert job.started.wait(PATIENCE)
    job.seen -= jobs.ABANDONED + 1
    assert job.finished.wait(PATIENCE / 4)
    assert (job.state, job.abandoned) == ("cancelled", True)
    again = jobs.submit("long", endless, store=store)
    assert again is not job
    jobs.forget("long", store)


def test_a_heartbeat_keeps_a_job_alive() -> None:
    job = jobs.Job(lambda report: None)
    job.seen -= jobs.ABANDONED + 1
    job.beat()
    job.report(2.0)
    assert job.fraction == 1.0
    job.seen -= jobs.ABANDONED + 1
    with pytest.raises(jobs.Cancelled):
        job.report(0.5)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """Which sessions have a browser, in place of the runtime's answer."""
    there = {"reader": True}
    monkeypatch.setattr(jobs.presence, "connected", lambda name: there.get(name))
    return there


@pytest.mark.parametrize("lasts", [False, True])
@pytest.mark.parametrize("paused", [False, True])
def test_a_closed_tab_ends_its_job_within_seconds(browser: dict[str, bool], lasts: bool, paused: bool) -> None:
    job = jobs.Job(publishing, (open_gate(),), session="reader", lasts=lasts)
    jobs.Pool(1).start(job)
    assert waited(lambda: job.partial)
    if paused:
        job.paused.set()
    browser["reader"] = False
    time.sleep(4 * jobs.BREATH)
    assert job.state == "running", "a connection that stumbles ends nothing"
    job.linked -= jobs.GONE
    assert job.finished.wait(PATIENCE / 4)
    assert (job.state, job.abandoned) == ("cancelled", True)


def test_training_goes_on_behind_another_page_and_other_work_does_not(browser: dict[str, bool]) -> None:
    training, other = (jobs.Job(len, session="reader", lasts=lasts) for lasts in (True, False))
    for job in (training, other):
        job.seen -= jobs.ABANDONED + 1
    training.report(0.5)
    assert training.state == "waiting"
    with pytest.raises(jobs.Cancelled):
        other.report(0.5)


def test_who_has_left_counts_in_no_queue(browser: dict[str, bool]) -> None:
    pool, gate = jobs.Pool(1), Event()
    made = [jobs.Job(counting, (gate, 3), session=name) for name in ("reader", "other", "reader")]
    browser["other"] = True
    for job in made:
        pool.start(job)
    assert made[0].started.wait(PATIENCE)
    assert pool.ahead(made[2]) == 1
    browser["other"] = False
    made[1].linked -= jobs.GONE + 1
    assert pool.ahead(made[2]) == 0
    gate.set()
    assert all(job.finished.wait(PATIENCE) for job in made)
    assert [job.result for job in made] == [3, None, 3]


def test_without_a_server_nobody_knows_who_is_there() -> None:
    assert jobs.presence.session() is None
    assert jobs.presence.connected(None) is None
    assert jobs.presence.connected("reader") is None


def test_the_pool_is_bounded_and_knows_its_queue() -> None:
    pool = jobs.Pool(2)
    gate = Event()
    made = [jobs.Job(counting, (gate, steps)) for steps in (2, 3, 5, 7, 11)]
    for job in made:
        pool.start(job)
    assert made[0].started.wait(PATIENCE)
    assert made[1].started.wait(PATIENCE)
    assert [job.state for job in made] == ["running"] * 2 + ["waiting"] * 3
    assert [pool.ahead(job) for job in made] == [0, 0, 0, 1, 2]
    made[2].stop.set()
    assert pool.ahead(made[4]) == 1
    gate.set()
    assert all(job.finished.wait(PATIENCE) for job in made)
    assert made[4].result == 55


def test_first_readers_at_once_get_one_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pool:
        def __init__(self, workers: int) -> None:
            time.sleep(0.01)

    monkeypatch.setattr(jobs, "Pool", Pool)
    monkeypatch.setattr(jobs, "_pools", {}, raising=False)
    together = Barrier(6)

    def ask(kind: str) -> jobs.Pool:
        together.wait(PATIENCE)
        return jobs.pool(kind)

    for kind in ("first kind", "second kind", "third kind"):
        with ThreadPoolExecutor(6) as readers:
            assert len({id(pool) for pool in readers.map(ask, [kind] * 6)}) == 1


def test_an_idle_pool_keeps_no_result_alive() -> None:
    class Big:
        pass

    pool = jobs.Pool(1)
    job = jobs.Job(lambda report: Big())
    pool.start(job)
    assert job.finished.wait(PATIENCE)
    alive = weakref.ref(job.result)
    del job
    assert gone(alive)


class Held:
    """Something large that a piece of work holds when it fails."""


def test_an_error_on_screen_keeps_nothing_of_what_its_work_held() -> None:
    alive: list[weakref.ref] = []

    def refusing(report, fault: type[Exception]) -> None:
        held = Held()
        alive.append(weakref.ref(held))
        try:
            raise KeyError(id(held))
        except KeyError as cause:
            raise fault("wanted 2, got 3") from cause

    for fault in (ValueError, jobs.Passing, RuntimeError):
        job = jobs.Job(refusing, (fault,))
        job.run()
        assert gone(alive[-1]), fault
        assert (type(job.error), str(job.error), job.state) == (fault, "wanted 2, got 3", "failed")
    where = [frame.name for frame in traceback.extract_tb(job.error.__traceback__)]
    assert where == ["run", "refusing"]  # for the log


def unreachable(report) -> None:
    raise jobs.Passing("the download broke off")


def test_a_fault_that_may_pass_can_be_tried_again() -> None:
    app = AppTest.from_function(page, default_timeout=PATIENCE).run()
    app.selectbox[0].set_value("unreachable").run()
    assert "broke off" in app.warning[0].value
    assert app.button(key="again-place").label == "Run again"
    app.selectbox[0].set_value("failing").run()
    assert "wanted 2" in app.warning[0].value
    assert not [button for button in app.button if button.label == "Run again"]


def page() -> None:
    import streamlit as st

    from pages.shared import progress
    from tests.pages import test_jobs

    which = st.selectbox("which", ["quick", "endless", "failing", "unreachable"])
    value = progress.result("place", getattr(test_jobs, which))
    st.text(f"value {value}")


def quick(report) -> int:
    return 17


def test_the_page_shows_results_progress_cancel_and_errors() -> None:
    app = AppTest.from_function(page, default_timeout=PATIENCE).run()
    assert app.text[0].value == "value 17"
    app.selectbox[0].set_value("endless").run()
    assert app.text[0].value == "value None"
    cancel = app.button(key="cancel-place")
    cancel.click().run()
    assert [box.value for box in app.info] == ["Cancelled."]
    assert app.button(key="again-place").label == "Run again"
    app.selectbox[0].set_value("failing").run()
    assert "wanted 2" in app.warning[0].value
    app.selectbox[0].set_value("quick").run()
    assert app.text[0].value == "value 17"
    assert not app.exception


def publishing(report, gate: Event) -> str:
    """Publish 0, 1, 2 ...; the gate is passed before each."""
    for step in range(100_000):
        gate.wait(PATIENCE)
        report(0.5, f"step {step}", step)
        time.sleep(0.002)
    return "end"


def waited(condition) -> bool:
    end = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def test_what_a_job_publishes_can_be_read_while_it_runs_and_after_it_was_cancelled() -> None:
    job = jobs.Job(publishing, (open_gate(),))
    jobs.Pool(1).start(job)
    assert waited(lambda: (job.partial or 0) > 3)
    job.stop.set()
    assert job.finished.wait(PATIENCE)
    assert job.result is None
    assert job.partial > 3


def test_a_paused_job_stands_still_goes_on_and_can_be_cancelled() -> None:
    job = jobs.Job(publishing, (open_gate(),))
    jobs.Pool(1).start(job)
    assert waited(lambda: job.partial)
    job.paused.set()
    time.sleep(4 * jobs.BREATH)
    stood = job.partial
    time.sleep(4 * jobs.BREATH)
    assert job.partial == stood
    assert job.state == "running"
    job.paused.clear()
    assert waited(lambda: job.partial > stood)
    job.paused.set()
    time.sleep(2 * jobs.BREATH)
    job.stop.set()
    assert job.finished.wait(PATIENCE / 4)


def test_a_pause_ends_when_somebody_waits_for_the_place() -> None:
    pool = jobs.Pool(1)
    job, other = jobs.Job(publishing, (open_gate(),)), jobs.Job(counting, (open_gate(), 3))
    pool.start(job)
    assert waited(lambda: job.partial)
    job.paused.set()
    time.sleep(2 * jobs.BREATH)
    stood = job.partial
    pool.start(other)
    assert waited(lambda: job.partial > stood + 1)
    assert not job.paused.is_set()
    job.stop.set()
    assert other.finished.wait(PATIENCE)
    assert other.result == 3


def test_a_paused_job_that_nobody_looks_at_ends() -> None:
    job = jobs.Job(publishing, (open_gate(),))
    jobs.Pool(1).start(job)
    assert waited(lambda: job.partial)
    job.paused.set()
    job.seen -= jobs.ABANDONED + 1
    assert job.finished.wait(PATIENCE / 4)
    assert job.abandoned
