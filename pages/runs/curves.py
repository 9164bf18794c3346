"""Who learns, and how fast? Loss and accuracy against the step, on training and on validation examples."""

import numpy as np

from models.live.record import Recording
from pages.runs import words
from pages.shared.figure import figure_block
from viz.learning import Learner, learning
from viz.table import Table

WARNING = (
    "One seed, one size, one learning rate: another seed or rate can turn the order over, and a network that stays at "
    "chance here may learn with more steps. Validation is 256 examples, so that accuracies a few per cent apart are "
    "not different. All networks share the settings; each might have better ones of its own."
)


def draw(recording: Recording) -> None:
    """The figure block of the curves."""
    learners = [Learner(t.name, t.steps, t.loss, t.accuracy, t.ended) for t in recording.tracks]
    task = recording.setup.task
    counted = "accuracy" if task.classes else "share within 0.04"
    figure = learning(learners, last=recording.setup.steps, chance=task.chance, accuracy=counted)
    figure_block(
        "curves",
        words.finding(recording),
        figure,
        words.scores(recording),
        lambda: table(recording),
        lambda: arrays(recording),
        WARNING,
        f"training-{recording.setup.data}",
        question="Who learns, and how fast?",
    )


def table(recording: Recording) -> Table:
    """One row a network and recorded moment."""
    columns: dict[str, list] = {
        "network": [],
        "step": [],
        "training loss": [],
        "validation loss": [],
        "training accuracy": [],
        "validation accuracy": [],
    }
    for track in recording.tracks:
        for at, step in enumerate(track.steps):
            row = (words.name(track), int(step), *track.loss[:, at].tolist(), *track.accuracy[:, at].tolist())
            for column, value in zip(columns.values(), row, strict=True):
                column.append(value)
    return columns


def arrays(recording: Recording) -> dict[str, np.ndarray]:
    """Every recorded array of every network, whole."""
    fields = ("steps", "loss", "accuracy", "states", "weights", "places", "histogram", "map", "read")
    found = {
        f"{track.name}_{field}": value
        for track in recording.tracks
        for field in fields
        if (value := getattr(track, field)) is not None
    }
    return found | {"settings": np.array(repr(recording.setup))}
