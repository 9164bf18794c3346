"""Long work off the script thread: a job with progress and a stop, a bounded pool, and newest wins.

`work(report, *plain_values)` runs in one of a few threads, lives in a module, and calls `report(fraction, text)` at
each step; that call ends the work when a newer request came, Cancel was pressed, the browser has been disconnected for
`GONE` seconds, or nobody has looked for `ABANDONED`; training goes on unseen while its browser is connected. Work that
never reports cannot be stopped. It makes no `st.` call and changes nothing shared.
`report(fraction, text, partial)` also publishes what there is so far, and waits while the job is paused.
pages/shared/progress.py draws jobs.
"""

import time
from collections import deque
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from threading import Condition, Event, Lock, Thread
from traceback import clear_frames
from typing import Any

import streamlit as st

from pages.shared import presence
from pages.shared.settings import limits

GONE = 8.0  # seconds without a connection to the browser: a closed tab, not a network that stumbled
ABANDONED = 90.0  # seconds without a sign of the page; browsers slow the timers of hidden tabs to one a minute
WORKERS = 2
BREATH = 0.05  # seconds between two looks of a paused job
_PREFIX = "_job:"


class Cancelled(Exception):
    """Raised inside the work by `report` when its result is no longer wanted."""


class Passing(ValueError):
    """A fault that may pass by itself (a download, a folder, a full memory): the same request can be tried again."""


@dataclass(eq=False)
class Job:
    """One request: what was asked, how far it is, and what came of it."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    fraction: float = 0.0
    text: str = ""
    result: Any = None
    partial: Any = None  # what the work published last; stays when it is cancelled
    error: Exception | None = None
    abandoned: bool = False
    stop: Event = field(default_factory=Event)
    paused: Event = field(default_factory=Event)
    crowded: Callable[[], bool] = bool  # whether others wait for this job's place; then a pause ends
    started: Event = field(default_factory=Event)
    finished: Event = field(default_factory=Event)
    seen: float = field(default_factory=time.monotonic)
    session: str | None = None  # whose browser it is for, where that is known
    lasts: bool = False  # whether any page of the session is a sign that it is wanted
    linked: float = field(default_factory=time.monotonic)  # when the browser was last known to be connected

    @property
    def state(self) -> str:
        """One of waiting, running, done, failed, cancelled."""
        if self.stop.is_set():
            return "cancelled"
        if self.finished.is_set():
            return "failed" if self.error else "done"
        return "running" if self.started.is_set() else "waiting"

    def report(self, fraction: float, text: str = "", partial: Any = None) -> None:
        """Note progress in [0, 1] and what there is so far; wait while paused; raise `Cancelled` to end the work."""
        if partial is not None:
            self.partial = partial
        self._check()
        self.fraction, self.text = min(max(float(fraction), 0.0), 1.0), text
        while self.paused.is_set():
            if self.crowded():
                self.paused.clear()
            self.stop.wait(BREATH)
            self._check()

    def _check(self) -> None:
        """Raise `Cancelled` when the work should end."""
        if not self.wanted():
            raise Cancelled

    def wanted(self) -> bool:
        """Whether the work should go on; it is given up when its browser is gone or nobody has looked for long."""
        there, now = presence.connected(self.session), time.monotonic()
        self.linked = self.linked if there is False else now
        self.seen = now if there and self.lasts else self.seen
        if not self.finished.is_set() and (now - self.linked > GONE or now - self.seen > ABANDONED):
            self.abandoned = True
            self.stop.set()
        return not self.stop.is_set()

    def beat(self) -> None:
        """Say that somebody still looks at this job."""
        self.seen = self.linked = time.monotonic()

    def run(self) -> None:
        """Do the work in the calling thread and keep its result or its error; a cancelled job keeps neither."""
        try:
            self.report(0.0)
            self.started.set()
            self.result = self.function(self.report, *self.arguments)
        except Cancelled:
            self.stop.set()
        except Exception as error:  # noqa: BLE001 - carried to the page, which shows and logs it
            self.error = _carried(error)
        if self.stop.is_set():
            self.result = self.error = None
        self.finished.set()


def _carried(error: Exception) -> Exception:
    """What the page needs of an error, and nothing of what the work held: a refused model leaves memory at once.

    A `ValueError` is its sentence; any other keeps its traceback for the log, its frames emptied.
    """
    if isinstance(error, ValueError):
        return (Passing if isinstance(error, Passing) else ValueError)(str(error))
    link: BaseException | None = error
    while link is not None:
        clear_frames(link.__traceback__)
        link = link.__cause__ or link.__context__
    return error


class Pool:
    """A few daemon threads that take jobs in order of arrival; daemon, so that the server can always be stopped."""

    def __init__(self, workers: int) -> None:
        self._waiting: deque[Job] = deque()
        self._changed = Condition()
        for number in range(workers):
            Thread(target=self._serve, name=f"job-{number}", daemon=True).start()

    def start(self, job: Job) -> None:
        job.crowded = self.crowded
        with self._changed:
            self._waiting.append(job)
            self._changed.notify()

    def crowded(self) -> bool:
        """Whether a wanted job waits for a place."""
        with self._changed:
            return any(job.wanted() for job in self._waiting)

    def ahead(self, job: Job) -> int:
        """How many wanted jobs wait before this one."""
        with self._changed:
            waiting = list(self._waiting)
        before = waiting[: waiting.index(job)] if job in waiting else []
        return sum(other.wanted() for other in before)

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                job = self._waiting.popleft()
            job.run()
            del job  # or the idle thread would keep the last result alive


_making = Lock()
_pools: dict[str, Pool] = {}


def pool(kind: str = "work") -> Pool:
    """The process's one pool of a kind: `work`, or `training`, which the profile bounds."""
    with _making:  # two first readers at once would each get a pool, and twice as many threads
        if kind not in _pools:
            _pools[kind] = Pool(limits().training_at_once if kind == "training" else WORKERS)
        return _pools[kind]


def submit(
    key: str,
    function: Callable[..., Any],
    *arguments: Any,
    kind: str = "work",
    store: MutableMapping[Any, Any] | None = None,
) -> Job:
    """The session's job under `key` for this request. Another request there is cancelled and its result dropped.

    The same request (same function, equal plain values) is the same job, cancelled or not; `forget` starts it afresh.
    """
    jobs = st.session_state if store is None else store
    latest: Job | None = jobs.get(_PREFIX + key)
    if latest and not latest.abandoned and (latest.function, latest.arguments) == (function, arguments):
        latest.beat()
        return latest
    forget(key, jobs)
    job = jobs[_PREFIX + key] = Job(function, arguments, session=presence.session(), lasts=kind == "training")
    pool(kind).start(job)
    return job


def latest(key: str, store: MutableMapping[Any, Any] | None = None) -> Job | None:
    """The session's job under `key`, whatever its state."""
    found: Job | None = (st.session_state if store is None else store).get(_PREFIX + key)
    return found


def cancel(key: str, store: MutableMapping[Any, Any] | None = None) -> None:
    """Stop the job under `key` at its next step; it stays there as cancelled."""
    if job := (st.session_state if store is None else store).get(_PREFIX + key):
        job.stop.set()


def forget(key: str, store: MutableMapping[Any, Any] | None = None) -> None:
    """Stop the job under `key` and drop it, so that the next `submit` starts one."""
    if job := (st.session_state if store is None else store).pop(_PREFIX + key, None):
        job.stop.set()
