"""A figure with larger type, for a projector."""

from typing import Any

import plotly.graph_objects as go

FONT = 12  # pixels, where a figure leaves the size to plotly


def enlarge(figure: go.Figure, factor: float) -> go.Figure:
    """A copy whose type, height and margins are `factor` times as large; what is drawn stays the same."""
    if factor <= 0:
        raise ValueError(f"factor must be above 0; got {factor:g}")
    larger = go.Figure(figure)
    if factor == 1:
        return larger
    layout = _scaled(larger.layout.to_plotly_json(), factor)
    layout["height"] = round((figure.layout.height or 450) * factor)
    layout["margin"] = {side: _pixels(value, factor) for side, value in layout.get("margin", {}).items()}
    layout["font"] = {**layout.get("font", {}), "size": FONT * factor}
    larger.update_layout(layout)
    return larger


def _scaled(part: Any, factor: float) -> Any:
    """Every font size below `part`, multiplied."""
    if isinstance(part, list | tuple):
        return [_scaled(item, factor) for item in part]
    if not isinstance(part, dict):
        return part
    found = {name: _scaled(value, factor) for name, value in part.items() if name != "template"}
    for name, value in found.items():
        if name.endswith("font") and isinstance(value, dict) and "size" in value:
            found[name] = {**value, "size": value["size"] * factor}
    return found


def _pixels(value: Any, factor: float) -> Any:
    """A margin; the switch among them, autoexpand, stays as it is."""
    return value if isinstance(value, bool) or not isinstance(value, int | float) else round(value * factor)
