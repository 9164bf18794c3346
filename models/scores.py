"""How sure a measured share is."""

import math


def interval(correct: float, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (Wilson 1927)."""
    z = 1.959964
    centre = (correct + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(correct * (1 - correct) / count + z * z / (4 * count * count))
    return centre - half, centre + half
