"""A figure with larger type, for a projector."""

from typing import Any

import plotly.graph_objects as go

from viz.late import Late
from viz.theme import ink

SHIFTS = ("xshift", "yshift")
FONT, HEIGHT = 12, 450  # pixels, where a figure leaves the size to plotly


def enlarge(figure: go.Figure, factor: float, colour: str = "") -> go.Figure:
    """A copy whose type, height and margins are `factor` times as large; what is drawn stays the same.

    `colour` is that of every text which has none of its own; without it the viewer's theme decides.
    """
    if factor <= 0:
        raise ValueError(f"factor must be above 0; got {factor:g}")
    plain = figure.to_dict()
    if factor != 1:
        plain["layout"] = _larger(plain["layout"], factor)
    if colour:
        ink(plain["layout"], colour)
    moving = {"frames": plain["frames"]} if plain.get("frames") else {}
    return Late(plain["data"], plain["layout"], **moving)


def _larger(layout: dict[str, Any], factor: float) -> dict[str, Any]:
    """A plain layout, enlarged; a template that it carries stays as it is."""
    kept = {"template": layout["template"]} if "template" in layout else {}
    layout = {**_scaled(layout, factor), **kept}
    layout["height"] = round((layout.get("height") or HEIGHT) * factor)
    layout["margin"] = {side: _pixels(value, factor) for side, value in layout.get("margin", {}).items()}
    layout["font"] = {**layout.get("font", {}), "size": FONT * factor}
    axes = {name for name in layout if name.startswith(("xaxis", "yaxis"))}
    return {**layout, **{name: _sized(layout[name], FONT * factor) for name in axes}}


def _sized(axis: dict[str, Any], size: float) -> dict[str, Any]:
    """An axis whose type has a size of its own: the viewer's theme would set one that knows of no projector."""
    title = axis.get("title") or {}
    named = {"title": {**title, "font": {"size": size, **title.get("font", {})}}} if title else {}
    return {**axis, **named, "tickfont": {"size": size, **axis.get("tickfont", {})}}


def _scaled(part: Any, factor: float) -> Any:
    """Every font size, and every shift of a text in pixels, below `part`, multiplied."""
    if isinstance(part, list | tuple):
        return [_scaled(item, factor) for item in part]
    if not isinstance(part, dict):
        return part
    found = {name: _scaled(value, factor) for name, value in part.items() if name != "template"}
    for name, value in found.items():
        if name in SHIFTS and isinstance(value, int | float):
            found[name] = value * factor
        if name.endswith("font") and isinstance(value, dict) and "size" in value:
            found[name] = {**value, "size": value["size"] * factor}
    if found.get("lenmode") == "pixels":
        found["len"] = found["len"] * factor  # a colour bar beside enlarged type
    return found


def _pixels(value: Any, factor: float) -> Any:
    """A margin; the switch among them, autoexpand, stays as it is."""
    return value if isinstance(value, bool) or not isinstance(value, int | float) else round(value * factor)
