"""A figure that plotly checks late, when somebody looks inside it, and not at all on its way to the browser.

Checking seven heat maps takes plotly ten times as long as gathering them. The tests look inside every figure, so that
every setting is checked there once; a page only sends it on.
"""

import base64
from functools import cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io

PACKED = {"float32": "f4", "float64": "f8", "uint8": "u1", "int8": "i1", "int16": "i2", "uint16": "u2", "int32": "i4"}


class Late(go.Figure):
    """A figure of plain traces, frames and layout; anything but `to_dict` turns it into plotly's own objects first."""

    def __init__(self, data: Any = None, layout: Any = None, **more: Any) -> None:
        if isinstance(data, list) and isinstance(layout, dict) and not set(more) - {"frames"}:
            self.__dict__["_plain"] = {"data": data, "layout": layout, **more}
        else:
            super().__init__(data, layout, **more)

    def __getattr__(self, name: str) -> Any:
        if "_plain" not in self.__dict__:
            raise AttributeError(name)
        super().__init__(**self.__dict__.pop("_plain"))
        return getattr(self, name)

    def to_dict(self) -> dict[str, Any]:
        """The figure as plotly's plain values, a copy; its arrays are packed as raw bytes."""
        if "_plain" not in self.__dict__:
            return super().to_dict()
        plain = packed(self.__dict__["_plain"])
        plain["layout"].setdefault("template", _template(plotly.io.templates.default))
        return plain


def packed(value: Any) -> Any:
    """A copy without what is None, its arrays as plotly's {dtype, bdata, shape}; a type that has none as a list."""
    if isinstance(value, dict):
        return {key: packed(part) for key, part in value.items() if part is not None}
    if isinstance(value, list | tuple):
        return [packed(part) for part in value]
    if not isinstance(value, np.ndarray):
        return value
    if value.dtype.name not in PACKED or not value.size or value.ndim > 3:
        return value.tolist()
    found = {
        "dtype": PACKED[value.dtype.name],
        "bdata": base64.b64encode(value.tobytes()).decode("ascii"),
    }
    return found if value.ndim == 1 else {**found, "shape": ", ".join(map(str, value.shape))}


@cache
def _template(name: str | None) -> dict[str, Any]:
    """The template that plotly gives every new figure; Streamlit registers its own under `name`."""
    return go.Figure().to_dict()["layout"].get("template", {})
