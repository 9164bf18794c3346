"""The garbage collector beside many readers.

Streamlit runs a full collection after every run of a script. It looks at all that was made since the last freeze: the
imported libraries, the models, and what twenty sessions hold; with torch loaded that takes longer than the page.
What survives a long collection is therefore frozen, out of the collector's sight. Some of it dies later, in cycles
when a session ends: now and then everything is looked at again.
"""

import gc
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

LONG = 0.003  # seconds of processor time for one full collection
FREEZES = 50  # after so many everything is looked at again, some 0.2 s; about one freeze a new reader


def settle() -> None:
    """Look once at everything, drop what is unreachable, and freeze the rest."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@cache
def watch() -> None:
    """Keep full collections short from now on, in the whole process."""
    gc.freeze()  # what is imported so far is not looked through after each of the first runs
    gc.callbacks.append(Watch())


class Watch:
    """A callback of the collector: freezes what outlives a full collection that was long."""

    def __init__(self) -> None:
        self.started = 0.0
        self.freezes = 0

    def __call__(self, phase: str, info: Mapping[str, Any]) -> None:
        """`phase` is start or stop; `info` holds the generation, 2 for a full collection."""
        if info["generation"] < 2:
            return
        if phase == "start":
            self.started = time.thread_time()
        elif time.thread_time() - self.started > LONG:
            self.freezes += 1
            (gc.freeze if self.freezes % FREEZES else gc.unfreeze)()
