"""What each scheme does at so many times the trained length: keys read, weight beyond, new angles, in words."""

from dataclasses import dataclass, replace

import numpy as np

from models.lens import positional
from models.lens.positional import nearness
from models.lens.positional.nearness import Settings
from pages.codes.schemes import ALIBI, LEARNED, NONE, ROPE, SINUSOIDAL, T5, Scheme
from viz.theme import Look

TIMES = (1, 2, 4, 8)
SCALED = Scheme(
    "rope",
    "RoPE, interpolated",
    "",
    "",
    "",
    "",
    Look("RoPE, interpolated", "#7A5CC9", "dash", "diamond-open"),
)
RAISED = replace(SCALED, title="RoPE, base raised", look=Look("RoPE, base raised", "#7A5CC9", "dot", "diamond-tall"))
STATED_T5 = replace(T5, title="T5, example biases", look=replace(T5.look, title="T5 example"))
ROWS = (NONE, SINUSOIDAL, LEARNED, ROPE, SCALED, RAISED, ALIBI, STATED_T5)


@dataclass(frozen=True)
class Row:
    """One scheme at one length: keys read, weight beyond the trained length (NaN: undefined), share of new angles."""

    scheme: Scheme
    length: int
    keys: float
    beyond: float
    angles: float


def row(scheme: Scheme, trained: int, times: int, settings: Settings) -> Row:
    """One cell: a longer text changes what is scaled by its factor, and a table ends where training did."""
    length, own = trained * times, of_length(scheme, settings, times)
    if scheme is LEARNED and times > 1:
        own = replace(own, learned=None)
    shares = nearness.weights(scheme.key, length, own)
    angles = new_angles(scheme, trained, times, settings)
    if np.isnan(shares).any():
        return Row(scheme, length, float("nan"), float("nan"), angles)
    return Row(scheme, length, nearness.keys_read(shares), nearness.beyond(shares, trained), angles)


def new_angles(scheme: Scheme, trained: int, times: int, settings: Settings) -> float:
    """Share of pairs that meet an angle which training had not; NaN for a scheme without angles."""
    if scheme.key not in ("rope", "sinusoidal"):
        return float("nan")
    own = of_length(scheme, settings, times)
    return nearness.new_angles(settings.width, settings.base, trained, trained * times, own.scale, own.base)


def of_length(scheme: Scheme, settings: Settings, times: int) -> Settings:
    """What is changed for a text so many times as long."""
    if scheme is SCALED:
        return replace(settings, scale=float(times))
    if scheme is RAISED:
        return replace(settings, base=positional.raised_base(settings.base, settings.width, times))
    return settings


def saturation(length: int) -> str:
    """How many distances T5 cannot tell apart."""
    buckets = positional.t5_bucket(-np.arange(length), bidirectional=False)
    last = int((buckets == buckets.max()).argmax())
    if buckets.max() < 31:
        return f"T5 uses {buckets.max() + 1} of its 32 buckets at {length:,} positions."
    return f"T5 gives one bias to all {length - last:,} distances from {last} to {length - 1:,}."


def told(found: list[Row], settings: Settings, trained: int) -> dict[str, list[str]]:
    """A line a scheme: what happens at 2x and at 8x, measured."""
    table: dict[str, list[str]] = {"scheme": [scheme.title for scheme in ROWS]}
    for times in (2, 8):
        cells = [each for scheme in ROWS for each in found if each.scheme is scheme and each.length == trained * times]
        table[f"{times} × {trained} = {trained * times:,}"] = [_words(each, settings, trained) for each in cells]
    return table


def _words(each: Row, settings: Settings, trained: int) -> str:
    """One cell of the table."""
    if np.isnan(each.keys):
        return "undefined: the table has no such row"
    parts = [f"{each.beyond:.0%} of the weight beyond {trained}", f"{each.keys:.0f} keys read"]
    if each.scheme is SCALED:
        parts.append(f"neighbours {each.length // trained} times closer")
    elif np.isfinite(each.angles):
        parts.append(f"{each.angles:.0%} of pairs at new angles")
    if each.scheme is ALIBI:
        farthest = -positional.alibi_slopes(settings.heads)[settings.head] * (each.length - 1)
        parts.append(f"{farthest:.1f} on the farthest key".replace("-", "−"))
    if each.scheme is STATED_T5:
        used, met = (positional.t5_met(length, bidirectional=False).sum() for length in (each.length, trained))
        parts.append(f"{used} of 32 buckets in use, {used - met} of them never met in training")
    return ", ".join(parts)
