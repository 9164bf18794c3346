"""Jobs as the reader sees them: a bar and Cancel while one runs, its result when it is done.

values = progress.result("influence", work, *plain_values)     # None: not there (yet); the page already says why
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.shared import errors, jobs

TICK = 0.3  # seconds between two looks at a running job
PATIENCE = 0.25  # seconds that a quick job gets before a bar is drawn


def result(
    key: str, function: Callable[..., Any], *arguments: Any, kind: str = "work", patience: float | None = None
) -> Any:
    """What `function(report, *arguments)` gives, computed once a request off the script thread.

    Draws a progress bar with Cancel while it runs, the error when it fails, "Run again" where that can help.
    `key` names the place on the page; a newer request under it replaces the older one. `patience` is how many seconds
    the page waits for it before it goes on without: longer where the bar and another run would cost more.
    """
    job = jobs.submit(key, function, *arguments, kind=kind)
    job.finished.wait(PATIENCE if patience is None else patience)
    if job.state == "done":
        return job.result
    if job.state in ("waiting", "running"):
        _watch(key, kind, job)
    else:
        _ended(key, job)
    return None


@st.fragment(run_every=TICK)
def _watch(key: str, kind: str, job: jobs.Job) -> None:
    """The bar and Cancel; one full rerun when the job is over."""
    job.beat()
    if job.state not in ("waiting", "running"):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.fraction, text=_text(job, kind))
        st.button("Cancel", key=f"cancel-{key}", on_click=jobs.cancel, args=(key,))


def _text(job: jobs.Job, kind: str) -> str:
    ahead = jobs.pool(kind).ahead(job)
    if job.state == "waiting":
        return f"Waiting; {ahead} before this one." if ahead else "Waiting for a free place."
    return errors.plain(job.text or "Computing.")


def _ended(key: str, job: jobs.Job) -> None:
    """A cancelled or failed job: its sentence, and a way to start it again where another try can differ."""
    if job.error:
        errors.show(job.error)
    else:
        st.info("Cancelled.", icon=":material/cancel:")
    if not isinstance(job.error, ValueError) or isinstance(job.error, jobs.Passing):
        st.button("Run again", key=f"again-{key}", on_click=jobs.forget, args=(key,))
