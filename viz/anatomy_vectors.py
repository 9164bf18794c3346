"""The vectors of one query: q, k and their product, and what each key's value adds to the head's output.

Arrays come from `models.lens.attention.anatomy`: query [d], keys and product [Tk, d], weighted [Tk, dv], output [dv].
"""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from viz.anatomy import floats, number, paint
from viz.labels import escape
from viz.matrices import Panel, matrices
from viz.sheet import Sheet
from viz.theme import NEUTRAL


def gathered(weighted: np.ndarray, shown: np.ndarray, keys: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Rows [n, dv] of the `shown` keys with their names, and one more: the sum over all keys that are not shown."""
    labels = [keys[place] for place in shown]
    if len(shown) == len(keys):
        return weighted[shown], labels
    others = np.delete(weighted, shown, axis=0)
    return np.vstack([weighted[shown], others.sum(axis=0)]), [*labels, f"Σ {len(others):,} others"]


def mixture(
    weighted: np.ndarray, output: np.ndarray, keys: Sequence[str], *, width: int | None = None, title: str = ""
) -> go.Figure:
    """Weight × value, [Tk, dv], and below it the sum of all rows: what the head hands on for this query.

    `gathered` makes one row of the many keys that have none of their own.
    """
    if np.shape(output) != np.shape(weighted)[1:]:
        raise ValueError(f"wanted output of shape {np.shape(weighted)[1:]}; got {np.shape(output)}")
    rows = np.vstack([weighted, output])
    limit = float(np.abs(rows).max()) or 1.0
    return matrices(
        [Panel("", "", rows)],
        [*keys, "Σ sum"],
        [str(at) for at in range(rows.shape[1])],
        limits=(-limit, limit),
        scale="diverging",
        per_line=1,
        colour_title="weight × value",
        width=width,
        axes=("key", "dimension"),
        title=title,
        marked=(len(keys), None),
    )


def vectors(
    query: np.ndarray, key: np.ndarray, product: np.ndarray, names: tuple[str, str], *, title: str = ""
) -> go.Figure:
    """q, k and q × k of one pair, a bar a dimension; the third line's bars add up to the raw score."""
    sizes = {np.shape(each) for each in (query, key, product)}
    if len(sizes) != 1 or np.ndim(query) != 1:
        raise ValueError(
            f"wanted query, key and product of one shape [d]; got {[np.shape(e) for e in (query, key, product)]}"
        )
    sheet = Sheet(layout={"bargap": 0.15})
    heads = (f"q of {names[0]}", f"k of {names[1]}", f"q × k, adds up to {number(float(np.sum(product)))}")
    sheet.axis("x", title={"text": "dimension", "font": {"size": 11}}, showgrid=False, anchor="y3")
    for at, (head, values) in enumerate(zip(heads, (query, key, product), strict=True)):
        name, top = ("y" if at == 0 else f"y{at + 1}"), 1 - at * 0.35
        limit = float(np.abs(values).max()) or 1.0
        ticks = {"tickvals": [-limit, 0, limit], "ticktext": [number(each) for each in (-limit, 0.0, limit)]}
        sheet.axis(name, domain=[top - 0.24, top], range=[-1.1 * limit, 1.1 * limit], gridcolor=NEUTRAL, **ticks)
        sheet.trace(
            "bar",
            x=np.arange(len(values)),
            y=floats(values),
            yaxis=name,
            **paint(values),
            hovertemplate="%{x}: <b>%{y:.4f}</b><extra></extra>",
        )
        place = {"x": 0, "y": top, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
        sheet.text(text=escape(head), size=12, yshift=2, **place)
    return sheet.figure(title, 340, (64, 12, 24, 44))
