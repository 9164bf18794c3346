"""From values to colour: limits that panels share, and the colour bar that says what they mean."""

import math

import numpy as np

from viz.labels import escape
from viz.theme import DIVERGING, SEQUENTIAL

SCALES = ("sequential", "diverging", "log")
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LEVELS = 255  # highest colour level of a log scale


def check_limits(limits: tuple[float, float], scale: str) -> tuple[float, float]:
    """Limits that fit the scale: rising and finite; above zero for log; (-m, m) for diverging."""
    if scale not in SCALES:
        raise ValueError(f"scale must be one of {', '.join(SCALES)}; got {scale!r}")
    low, high = float(limits[0]), float(limits[1])
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"limits must be finite with low < high; got {low:g} and {high:g}")
    if scale == "log" and low <= 0:
        raise ValueError(f"limits of a log scale must be above zero; got {low:g}")
    if scale == "diverging" and not math.isclose(low, -high):
        raise ValueError(f"limits of a diverging scale must be (-m, m); got {low:g} and {high:g}")
    return low, high


def colours(values: np.ndarray, limits: tuple[float, float], scale: str) -> np.ndarray:
    """What plotly colours by: the values as float32, or for a log scale one of 256 levels of log10(value).

    Contiguous, because plotly packs that as raw bytes. Levels are uint8 unless NaN, which is hatched, is among them;
    the exact values of a log scale go to the hover.
    """
    if scale != "log":
        return np.ascontiguousarray(values, dtype=np.float32)
    low, high = np.log10(limits)
    with np.errstate(invalid="ignore"):
        powers = np.log10(np.clip(np.asarray(values, dtype=np.float64), *limits))
    levels = np.round((powers - low) / (high - low) * LEVELS)
    return np.ascontiguousarray(levels, dtype=np.float32 if np.isnan(levels).any() else np.uint8)


def color_axis(limits: tuple[float, float], scale: str, title: str, beyond: tuple[bool, bool]) -> dict:
    """A shared plotly colour axis with a small bar in the figure's lower left corner, under the word labels.

    `beyond`: whether any value lies below or above the limits; the bar's ends then say "≤" and "≥".
    """
    values, texts = _bar_ticks(limits, scale)
    texts[0] = ("≤ " if beyond[0] else "") + texts[0]
    texts[-1] = ("≥ " if beyond[1] else "") + texts[-1]
    low, high = (0, LEVELS) if scale == "log" else limits
    bar = {
        "orientation": "h",
        "title": {"text": escape(title), "side": "top", "font": {"size": 11}},
        "x": 0,
        "xref": "container",
        "xanchor": "left",
        "xpad": 20,
        "y": 0,
        "yref": "container",
        "yanchor": "bottom",
        "ypad": 0,
        "lenmode": "pixels",
        "len": 104,
        "thickness": 8,
        "outlinewidth": 0,
        "tickvals": values,
        "ticktext": texts,
        "tickfont": {"size": 10},
        "ticklen": 2,
    }
    ramp = DIVERGING if scale == "diverging" else SEQUENTIAL
    return {"cmin": low, "cmax": high, "colorscale": ramp, "colorbar": bar}


def power(value: float) -> str:
    """A value as a power of ten where it is one and far from 1, such as 10⁻⁶; else with two digits."""
    exponent = round(math.log10(value))
    if abs(exponent) > 2 and math.isclose(value, 10.0**exponent):
        return "10" + str(exponent).translate(SUPERSCRIPTS)
    return f"{value:.2g}"


def _bar_ticks(limits: tuple[float, float], scale: str) -> tuple[list[float], list[str]]:
    """Ticks at both ends, and at zero for a diverging scale."""
    low, high = limits
    if scale == "log":
        return [0, LEVELS], [power(low), power(high)]
    if scale == "diverging":
        return [low, 0.0, high], [f"−{high:.2g}", "0", f"{high:.2g}"]
    return [low, high], [f"{low:.2g}".replace("-", "−"), f"{high:.2g}"]
