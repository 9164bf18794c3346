"""What the paths show, in words computed from them."""

from collections.abc import Sequence

import numpy as np

from viz.tracks import Track

CLOSE = 0.01  # of the way down: a run that came so near to the lowest value has arrived


def finding(tracks: Sequence[Track], lowest: float) -> str:
    """Who comes lowest, and who diverges."""
    lost = [track for track in tracks if track.diverged is not None]
    ended = [track for track in tracks if track.diverged is None]
    if not ended:
        return f"{'Every run diverges' if len(lost) > 1 else f'{lost[0].look.title} diverges'}: the rate is too large"
    if all(np.ptp(track.points, axis=0).max() == 0 for track in ended):
        return "Nothing moves: the rate or the slope is zero"
    first = min(ended, key=lambda track: track.values[-1])
    end = f"{first.look.title} ends lowest, {first.values[-1] - lowest:.2g} above the lowest point"
    if lost:
        return f"{names(lost)} {'diverges' if len(lost) == 1 else 'diverge'}; {end}"
    return end


def names(tracks: Sequence[Track]) -> str:
    """ "SGD", "SGD and Adam", "SGD, Adam and AdamW"."""
    words = [track.look.title for track in tracks]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def arrival(track: Track, lowest: float) -> int | None:
    """The first step from which the height stays within `CLOSE` of the start's; None if it never does."""
    height = track.values - lowest
    high = np.flatnonzero(~(height <= CLOSE * height[0]))
    at = int(high[-1]) + 1 if len(high) else 0
    return at if at < len(height) else None


def sentence(tracks: Sequence[Track], lowest: float) -> str:
    """Steps to 1 % of the height at the start, for each that gets there."""
    found = {track.look.title: arrival(track, lowest) for track in tracks}
    there = {name: at for name, at in found.items() if at is not None}
    if not there:
        return "None comes within 1 % of the height at the start."
    said = ", ".join(f"{name} {at}" for name, at in sorted(there.items(), key=lambda pair: pair[1]))
    never = [name for name, at in found.items() if at is None]
    return f"Steps to 1 % of the height at the start: {said}{'; not: ' + ', '.join(never) if never else ''}."


def diverged(tracks: Sequence[Track]) -> str:
    """At which step each run that diverged was stopped; empty where none was."""
    lost = [f"{track.look.title} at step {track.diverged}" for track in tracks if track.diverged is not None]
    return f" Diverged: {', '.join(lost)}." if lost else ""


def outside(tracks: Sequence[Track], box: tuple[float, float, float, float]) -> str:
    """How many points of each run lie beyond the drawn ground, where no line shows them; empty where none does."""
    low, high = np.array(box[::2]), np.array(box[1::2])
    found = [(track, int((~((track.points >= low) & (track.points <= high)).all(axis=1)).sum())) for track in tracks]
    said = [f"{track.look.title} {count} of {len(track.points)} points" for track, count in found if count]
    return f" Outside what is drawn: {', '.join(said)}." if said else ""


def moment(tracks: Sequence[Track], step: int) -> str:
    """The value of each run at one step; a run that was stopped before it has none."""
    said = [f"{track.look.title} {track.values[step]:.3g}" for track in tracks if step < len(track.values)]
    return f" At step {step}: {', '.join(said)}." if said else ""


def table(tracks: Sequence[Track], rates: Sequence[np.ndarray]) -> dict[str, list]:
    """Every point of every run."""
    rows = [
        (track.look.title, step, *point, value, rate[step - 1] if step else float("nan"))
        for track, rate in zip(tracks, rates, strict=True)
        for step, (point, value) in enumerate(zip(track.points.tolist(), track.values.tolist(), strict=True))
    ]
    columns = ("optimizer", "step", "x", "y", "value", "learning rate of the step")
    return {name: [row[i] for row in rows] for i, name in enumerate(columns)}


def arrays(tracks: Sequence[Track]) -> dict[str, np.ndarray]:
    """Points with their values, [k + 1, 3], by optimizer."""
    return {track.key: np.column_stack([track.points, track.values]) for track in tracks}
