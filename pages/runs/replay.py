"""The run again, moment by moment: where each network draws the line, or how far back its gradient reaches."""

import numpy as np

from models.live.data import FAR, LONGEST
from models.live.data import draw as drawn
from models.live.record import EDGE, Recording, Track, chances
from pages.runs import words
from pages.shared.figure import figure_block
from viz import back, boundary
from viz.replay import add_replay
from viz.table import Table

LIMITS = (1e-8, 1e1)
POINTS = 240  # training points drawn in each panel
UNSURE = 0.1
PLANE_WARNING = (
    "A map of probabilities says what the network answers, not why, and far from the training points nothing has told "
    "it what is right. Pale means undecided between these two classes, not unfamiliar."
)
BACK_WARNING = (
    "A gradient at a position is how the loss moves for a small nudge there. Where units are saturated it is near zero "
    "although another symbol would change the answer; after learning it is small everywhere because the loss is."
)


def draw(recording: Recording) -> None:
    """The view that fits the data; the player appears when the run is over."""
    (_plane if recording.setup.task.kind == "plane" else _back)(recording)


def _plane(recording: Recording) -> None:
    setup = recording.setup
    data = drawn(setup.data, setup.examples, setup.seed)
    maps = [(track, chances(track.map)) for track in recording.tracks if track.map is not None]
    planes = [boundary.Plane(t.name, chance, stopped(t) or f"{t.accuracy[1, -1]:.0%} right") for t, chance in maps]
    figure = boundary.boundary(planes, data.train_x[:POINTS], data.train_y[:POINTS], EDGE)
    _play(figure, recording, *boundary.moving(planes, _moments(recording)))
    unsure = ", ".join(f"{words.name(t)} {np.mean(np.abs(chance[-1] - 0.5) < UNSURE):.0%}" for t, chance in maps)
    figure_block(
        "replay",
        words.finding(recording),
        figure,
        f"Undecided (probability within {UNSURE:g} of a half), as a share of the square: {unsure}. "
        f"Blue leans to ●, orange to ◆. Marks are {min(POINTS, setup.examples)} of {setup.examples} training points."
        f"{_undefined(maps)}",
        lambda: _plane_table(recording),
        lambda: {f"{t.name}_map": chance for t, chance in maps} | {"points": data.train_x, "labels": data.train_y},
        PLANE_WARNING,
        f"training-map-{setup.data}",
        question="Where is the line drawn?",
    )


def _undefined(maps: list[tuple[Track, np.ndarray]]) -> str:
    """Whose last map is not a number somewhere, and in how much of the square; empty where all are numbers."""
    shares = [(words.name(track), float(np.isnan(chance[-1]).mean())) for track, chance in maps]
    said = ", ".join(f"{name} in {share:.0%} of the square" for name, share in shares if share)
    return f" Hatched, not a number: {said}." if said else ""


def stopped(track: Track) -> str:
    """ "diverged at step 7" of a network that stopped before the others, else nothing."""
    return track.ended.partition(":")[0]


def _back(recording: Recording) -> None:
    places = [(track, track.places[:, ::-1]) for track in recording.tracks if track.places is not None]
    reaches = [back.Reach(track.name, sizes, stopped(track)) for track, sizes in places]
    far = recording.setup.data.startswith("recall")
    x = np.arange(places[0][1].shape[1])
    digits = recording.setup.data == "digits"
    figure = back.back(
        reaches,
        limits=LIMITS,
        x=x,
        x_title="patches before the last" if digits else "positions before the last",
        y_title="gradient (log)",
        band=(FAR - 0.5, LONGEST + 0.5, "the symbol of validation stands here") if far else None,
    )
    _play(figure, recording, *back.moving(reaches, _moments(recording), LIMITS, x))
    where = slice(FAR, LONGEST + 1) if far else slice(len(x) // 2, None)
    shares = "; ".join(f"{words.name(track)} {_range(track, sizes[:, where].mean(axis=1))}" for track, sizes in places)
    figure_block(
        "replay",
        f"Mean gradient {'where the symbol stands' if far else 'in the first half of the input'}: {shares}",
        figure,
        "Root mean square over the batch of the gradient of each example's loss with respect to the input at a "
        "position, at the chosen moment. Values below the axis lie on its floor; a triangle stands for one above it, a "
        "cross for none.",
        lambda: _back_table(recording),
        lambda: {f"{track.name}_places": sizes for track, sizes in places},
        BACK_WARNING,
        f"training-reach-{recording.setup.data}",
        question="How far back does it reach?",
    )


def _range(track: Track, sizes: np.ndarray) -> str:
    """The first value, the largest that is a number, and how it ended where it diverged."""
    known = sizes[np.isfinite(sizes)]
    most = f", {words.factor(float(known.max()))} at most" if len(known) else ""
    end = f", {stopped(track)}" if track.ended else ""
    return f"{words.factor(float(sizes[0]))} at the start{most}{end}"


def _moments(recording: Recording) -> int:
    return max(track.moments for track in recording.tracks)


def _play(figure, recording: Recording, traces: list[int], frames: list[list[dict]]) -> None:
    """Frames travel with the figure once the run is over; while it goes on, the last moment is drawn."""
    longest = max(recording.tracks, key=lambda track: track.moments)
    if recording.ended and longest.moments > 1:
        add_replay(figure, longest.steps.tolist(), traces, frames)


def _plane_table(recording: Recording) -> Table:
    """The decision maps' summary: one row a network and moment."""
    columns: dict[str, list] = {"network": [], "step": [], "share given to class 1": [], "undecided": []}
    columns["not a number"] = []
    for track in recording.tracks:
        for step, share in zip(track.steps, chances(track.map) if track.map is not None else (), strict=True):
            parts = (share > 0.5, abs(share - 0.5) < UNSURE, np.isnan(share))
            row = (words.name(track), int(step), *(float(part.mean()) for part in parts))
            for column, value in zip(columns.values(), row, strict=True):
                column.append(value)
    return columns


def _back_table(recording: Recording) -> Table:
    """One row a network, moment and position."""
    columns: dict[str, list] = {"network": [], "step": [], "positions back": [], "gradient": []}
    for track in recording.tracks:
        for step, sizes in zip(track.steps, track.places if track.places is not None else (), strict=True):
            for at, size in enumerate(sizes[::-1]):
                row = (words.name(track), int(step), at, float(size))
                for column, value in zip(columns.values(), row, strict=True):
                    column.append(value)
    return columns
