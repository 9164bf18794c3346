"""What a recording shows, in words: computed from its numbers, never from what a lesson expects."""

from collections.abc import Iterable, Sequence

import numpy as np

from models.live.data import VALIDATION
from models.live.record import Recording, Track
from models.scores import interval
from viz.variants import variant

LEARNED = 0.9  # validation accuracy from which a network is said to have learned
GAP = 0.1


def name(track: Track) -> str:
    return spoken(track.name)


def spoken(key: str) -> str:
    """A network's title within a sentence, where a comma would part it: "LSTM (forget bias 4)"."""
    first, _, rest = variant(key).title.partition(", ")
    return f"{first} ({rest})" if rest else first


def listed(names: Iterable[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    found = list(names)
    return found[0] if len(found) == 1 else ", ".join(found[:-1]) + " and " + found[-1]


def at_chance(track: Track, chance: float) -> bool:
    """Whether the 95 % interval of the validation accuracy reaches down to chance."""
    return interval(float(track.accuracy[1, -1]), VALIDATION)[0] <= chance


def finding(recording: Recording) -> str:
    """Who learned it, who stayed at chance, who diverged."""
    chance = recording.setup.task.chance
    diverged = [track for track in recording.tracks if track.ended]
    whole = [track for track in recording.tracks if not track.ended]
    good = [track for track in whole if track.accuracy[1, -1] >= LEARNED]
    stuck = [track for track in whole if track not in good and at_chance(track, chance)]
    rest = [track for track in whole if track not in good and track not in stuck]
    parts = [
        f"{listed(map(name, good))} learn{'s' if len(good) == 1 else ''} it" if good else "",
        f"{listed(f'{name(track)} {track.accuracy[1, -1]:.0%}' for track in rest)} right" if rest else "",
        f"{listed(map(name, stuck))} stay{'s' if len(stuck) == 1 else ''} at chance" if stuck else "",
        f"{listed(map(name, diverged))} diverge{'s' if len(diverged) == 1 else ''}" if diverged else "",
    ]
    parts += [_behind(whole)] if recording.ended else []
    said = "; ".join(part for part in parts if part)
    if not recording.setup.rate:
        said = "Nothing moves: the learning rate is 0"
    return (f"So far: {said}" if not recording.ended else said) + f" ({recording.done:,} steps)"


def _behind(tracks: Sequence[Track]) -> str:
    """The largest gap between training and validation accuracy, where there is one worth a word."""
    gaps = {track.name: float(track.accuracy[0, -1] - track.accuracy[1, -1]) for track in tracks}
    widest = max(gaps, key=lambda key: gaps[key], default="")
    if not widest or gaps[widest] < GAP:
        return ""
    return f"validation is up to {100 * gaps[widest]:.0f} points behind training ({spoken(widest)})"


def scores(recording: Recording) -> str:
    """Validation accuracy with its interval, the gap to training, sizes and speed."""
    parts = []
    for track in recording.tracks:
        train, held = (float(value) for value in track.accuracy[:, -1])
        low, high = interval(held, VALIDATION)
        parts.append(f"{name(track)} {held:.0%} ({low:.0%} to {high:.0%}; training {train:.0%})")
    lines = "Validation (thick lines; thin: training)"
    said = f"{lines}: {', '.join(parts)}; chance {recording.setup.task.chance:.0%}. {sizes(recording.tracks)}"
    stopped = " ".join(f"{name(track)} {track.ended}." for track in recording.tracks if track.ended)
    return " ".join(part for part in (said, read(recording), stopped) if part)


def read(recording: Recording) -> str:
    """From how many places the wide heads read, first and last; empty where there are none."""
    parts = [
        f"{name(t)} {t.read[0].mean():.1f}, then {t.read[-1].mean():.1f}"
        for t in recording.tracks
        if t.read is not None
    ]
    return f"Places that a query reads from (1: a saturated softmax): {'; '.join(parts)}." if parts else ""


def sizes(tracks: Sequence[Track]) -> str:
    """The numbers of parameters: one range where they agree within 10 %, else one by one, with the reason."""
    counts = [track.parameters for track in tracks]
    if max(counts) <= 1.1 * min(counts):
        span = f"{min(counts):,}" if min(counts) == max(counts) else f"{min(counts):,} to {max(counts):,}"
        return f"Parameters: {span}."
    why = " A perceptron has no hidden layer to widen." if any(track.name == "perceptron" for track in tracks) else ""
    return "Parameters: " + ", ".join(f"{name(track)} {track.parameters:,}" for track in tracks) + f".{why}"


def factor(value: float) -> str:
    """A ratio in words a reader can compare: "0.4", or "10^-9" where it is far from one."""
    if not np.isfinite(value):
        return "not a number" if np.isnan(value) else "infinite"
    if value == 0:
        return "0"
    power = int(np.floor(np.log10(value)))
    if -3 < power < 4:
        return f"{value:.2g}"
    return f"{value / 10.0**power:.1f}e{power}"
