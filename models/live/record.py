"""What a run leaves behind: a Recording of one Track a network, frozen, numpy only."""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.live.setup import Setup

RECORDS = 48  # recorded moments after the start
BINS, REACH = 200, 2.5  # the weights' histogram: bins over [-REACH, REACH]; the outermost hold what lies beyond
LEVELS, UNDEFINED = 254, 255  # the decision map: 0 to 254 for a probability of 0 to 1; one that is not a number
GRID, EDGE = 41, 1.8  # the decision map: points a side of the square [-EDGE, EDGE]
BY_MOMENT = ("steps", "states", "weights", "places", "histogram", "map", "read")


@dataclass(frozen=True)
class Track:
    """One network's run; n recorded moments, each BEFORE the step of its number in `steps`.

    loss and accuracy [2, n]: on (up to 256) training examples and on validation, in one pass without updates.
    states [n, L + 1]: root mean square over the batch of || d l / d h_l ||, l the example's own loss, h_0 the input.
    weights [n, P]: || d L / d W_p || of the batch's mean loss, before any clipping, by group of weights `groups`.
    places [n, T]: as `states` for each position of the input; None for points.
    histogram [n, P, BINS]: how many weights of a group lie in each bin. map [n, GRID, GRID]: probability of class 1 in
    254ths as uint8 (255: not a number), row 0 at the bottom, see `chances`; None where the data is not 2-D.
    read [n, blocks]: from how many places a query reads, see mixers.WideHead; None for all other networks.
    ended: the sentence that says why this network stopped before the others, else "".
    """

    name: str
    parameters: int
    layers: tuple[str, ...]
    groups: tuple[str, ...]
    steps: NDArray[np.int64]
    loss: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    states: NDArray[np.float64]
    weights: NDArray[np.float64]
    histogram: NDArray[np.uint32]
    places: NDArray[np.float64] | None = None
    map: NDArray[np.uint8] | None = None
    read: NDArray[np.float64] | None = None
    seconds: float = 0.0  # a step, the network's own share
    ended: str = ""

    @property
    def moments(self) -> int:
        return len(self.steps)


@dataclass(frozen=True)
class Recording:
    """A whole run, or as much of it as has happened; `ended` is done, time, diverged, or "" while it runs."""

    setup: Setup
    tracks: tuple[Track, ...]
    seconds: float
    ended: str = ""

    @property
    def done(self) -> int:
        """Steps that were made at the last recorded moment."""
        return max(int(track.steps[-1]) for track in self.tracks)


def moments(steps: int, records: int = RECORDS) -> NDArray[np.int64]:
    """The steps at which a run of `steps` steps is recorded: the start, the end, and evenly between."""
    return np.unique(np.round(np.linspace(0, steps, min(steps, records) + 1))).astype(np.int64)


def lattice() -> NDArray[np.float32]:
    """The points [GRID * GRID, 2] of the decision map, x quickest, from the lower left."""
    side = np.linspace(-EDGE, EDGE, GRID)
    x, y = np.meshgrid(side, side)
    return np.stack([x.ravel(), y.ravel()], 1).astype(np.float32)


def levels(chance: NDArray) -> NDArray[np.uint8]:
    """Probabilities in 254ths, `UNDEFINED` where they are not numbers."""
    known = np.isfinite(chance)
    return np.where(known, np.round(np.where(known, chance, 0) * LEVELS), UNDEFINED).astype(np.uint8)


def chances(levels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The probabilities of a decision map, NaN where the network's answer was not a number."""
    return np.where(levels == UNDEFINED, np.nan, levels / LEVELS).astype(np.float32)


def binned(values: NDArray) -> NDArray[np.uint32]:
    """How many values lie in each bin; not-a-numbers are in none."""
    finite = values[np.isfinite(values)]
    found, _ = np.histogram(np.clip(finite, -REACH, REACH), BINS, (-REACH, REACH))
    return found.astype(np.uint32)


class Recorder:
    """Fills one network's arrays moment by moment; `track` gives what is there so far, without copying.

    What a track shows is never written again, so that a page may read it while the run goes on.
    """

    def __init__(self, empty: Track, room: int) -> None:
        self._room = {
            name: np.zeros((room, *np.shape(value)), value.dtype)
            for name in BY_MOMENT
            if (value := getattr(empty, name)) is not None
        }
        self._pairs = {name: np.zeros((2, room)) for name in ("loss", "accuracy")}
        self._empty, self._count = empty, 0

    def add(self, **values: Any) -> None:
        """One moment: loss and accuracy as (training, validation), and the rows of what is kept by moment."""
        for name, pair in self._pairs.items():
            pair[:, self._count] = values[name]
        for name, room in self._room.items():
            room[self._count] = values[name]
        self._count += 1

    def track(self, seconds: float, ended: str) -> Track:
        """What has been recorded so far."""
        shown: dict[str, Any] = {name: _locked(room[: self._count]) for name, room in self._room.items()}
        shown |= {name: _locked(pair[:, : self._count]) for name, pair in self._pairs.items()}
        return replace(self._empty, **shown, seconds=seconds, ended=ended)


def _locked(view: NDArray) -> NDArray:
    view.setflags(write=False)
    return view


def same(one: Track, other: Track) -> bool:
    """Whether two tracks hold the same numbers; the time of a step may differ."""
    for field in fields(Track):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if field.name != "seconds" and not (
            np.array_equal(a, b, equal_nan=a.dtype.kind == "f") if isinstance(a, np.ndarray) else a == b
        ):
            return False
    return True
