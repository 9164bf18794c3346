"""The session's run: started, paused, cancelled, found again after a page change, and what it has left so far."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from models.live.lessons import recorded
from models.live.record import Recording
from models.live.setup import Setup
from pages.shared import errors, jobs, loading
from pages.shared.settings import limits

KEY = "training"
TICK = 0.8  # seconds between two looks at a run


def train(report: Callable[..., None], setup: Setup, seconds: float) -> Recording:
    """The job: the whole run, off the script thread."""
    report(0.0, "Loading PyTorch")
    loading.prepare()
    from models.live.loop import train as run

    return run(report, setup, seconds)


def start(setup: Setup) -> None:
    """Begin a run; one that is under way in this session ends."""
    jobs.forget(KEY)
    jobs.submit(KEY, train, setup, float(limits().training_seconds), kind="training")


def job() -> jobs.Job | None:
    """The session's last run."""
    return jobs.latest(KEY)


def active() -> bool:
    """Whether a run waits or is under way."""
    found = job()
    return found is not None and found.state in ("waiting", "running")


def setup() -> Setup | None:
    """What the session's last run is of."""
    found = job()
    return found.arguments[0] if found else None


def done() -> Recording | None:
    """The last run as far as it came."""
    found = job()
    return (found.result or found.partial) if found else None


def shown(wanted: Setup | None) -> tuple[Recording | None, str]:
    """What to draw for the settings above, and where it comes from, in one sentence."""
    mine = done()
    if mine is not None and (active() or mine.setup == wanted):
        return mine, ended(mine)
    stored = recorded(wanted) if wanted is not None else None
    if stored is not None:
        return stored, "Recorded beforehand with these settings. Start runs it here and now."
    if mine is not None:
        return mine, "Below: your last run, with other settings than above. " + ended(mine)
    if active():
        return None, "The figure comes with the first step."
    return None, "Nothing has been trained with these settings yet. Press Start." if wanted else ""


def ended(recording: Recording) -> str:
    """How a run of this session came to its end, in one sentence; empty while it goes on."""
    found, steps = job(), recording.setup.steps
    reached = f"{recording.done:,} of {steps:,} steps"
    if found is not None and found.abandoned:
        return f"The run ended after {reached}: this page had lost its connection to the server."
    if found is not None and found.state == "cancelled":
        return f"Cancelled after {reached}."
    if recording.ended == "time":
        return f"The run ended at its limit of {limits().training_seconds} seconds, after {reached}."
    if recording.ended == "diverged":
        return f"The run stopped by itself after {recording.done:,} steps: every network diverged."
    return f"All {steps:,} steps in {recording.seconds:.1f} s." if recording.ended == "done" else ""


def bar() -> None:
    """Progress with Pause and Cancel; must be drawn within the fragment that looks again."""
    found = job()
    if found is None:
        return
    found.beat()
    waits = found.paused.is_set()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(found.fraction, text=errors.plain(_said(found)))
        st.button(
            "Go on" if waits else "Pause",
            key="training-pause",
            on_click=found.paused.clear if waits else found.paused.set,
            disabled=found.state == "waiting",
        )
        st.button("Cancel", key="training-cancel", on_click=jobs.cancel, args=(KEY,))


def _said(found: jobs.Job) -> str:
    """Where the run is: its place in the queue, or its step and the time left."""
    if found.state == "waiting":
        place = jobs.pool("training").ahead(found) + 1
        at_once = limits().training_at_once
        return f"Waiting: place {place} in the queue; {at_once} run{'s' if at_once > 1 else ''} at a time."
    if found.paused.is_set():
        return f"Paused. {found.text}. A pause ends when somebody waits for the place."
    return found.text or "Starting"


def problem() -> Any:
    """The error of a run that failed, None otherwise."""
    found = job()
    return found.error if found else None
