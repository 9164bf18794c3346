"""The numbers behind a figure, as files: CSV, NPZ and a page that opens with no network."""

import csv
import html
import io
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
import plotly.io

Table = Mapping[str, Sequence]
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

PRINTED = go.layout.Template(
    layout={
        "font": {"family": "system-ui, sans-serif", "color": "#3B4552"},
        "paper_bgcolor": "#FFFFFF",
        "plot_bgcolor": "#FFFFFF",
        "xaxis": {"linecolor": "#C3CAD2"},
        "yaxis": {"linecolor": "#C3CAD2"},
    }
)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>
body {{ font: 16px/1.45 system-ui, sans-serif; color: #0e1620; background: #fff; margin: 2rem auto; max-width: 1280px;
  padding: 0 1rem }}
h1 {{ font-size: 1.25rem; margin: 0 0 1rem }}
p.not {{ color: #4a5563; white-space: pre-line }}
</style></head><body>
<h1>{title}</h1>
{figure}
<p>{sentence}</p>
<p class="not"><strong>What this does not show.</strong> {warning}</p>
<p><button data-format="png">Save as PNG</button> <button data-format="svg">Save as SVG</button></p>
<script>
for (const button of document.querySelectorAll("button[data-format]")) button.onclick = () =>
  Plotly.downloadImage("figure", {{ format: button.dataset.format, filename: {stem} }});
</script>
</body></html>
"""


def to_csv(table: Table) -> bytes:
    """A table of columns as CSV; a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    lengths = {name: len(column) for name, column in table.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"wanted columns of one length; got {lengths}")
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_inert(name) for name in table])
    writer.writerows([_inert(value) for value in row] for row in zip(*table.values(), strict=True))
    return out.getvalue().encode("utf-8")


def to_npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Named arrays, whole and exact, as a compressed NPZ file that needs no pickle to open."""
    out = io.BytesIO()
    plain = {name: np.asarray(array) for name, array in arrays.items()}
    for name, array in plain.items():
        if array.dtype == object:
            raise ValueError(f"{name}: wanted numbers or text; got an array of objects")
    np.savez_compressed(out, allow_pickle=False, **plain)
    return out.getvalue()


def to_html(figure: go.Figure, title: str, sentence: str, warning: str, stem: str) -> bytes:
    """One page with the figure, its sentence and its warning; plotly's code is inside, so it opens with no network."""
    drawn = go.Figure(figure)
    drawn.update_layout(template=PRINTED, autosize=True)
    drawn.update_yaxes(scaleanchor=None)  # the window may be wider than the page was: panels then widen alike
    config = {"responsive": True, "displaylogo": False}
    body = plotly.io.to_html(
        drawn,
        full_html=False,
        include_plotlyjs=True,
        div_id="figure",
        config=config,
    )
    texts = {"title": title, "sentence": sentence, "warning": warning}
    return PAGE.format(figure=body, stem=_script_text(stem), **{k: html.escape(v) for k, v in texts.items()}).encode()


def resolve(table: Table | Callable[[], Table]) -> Table:
    """A table, built now if it was given as a function."""
    return table() if callable(table) else table


def _inert(value: object) -> object:
    """Text that a spreadsheet shows and does not run; numbers stay numbers."""
    if isinstance(value, str) and value.lstrip(" \n").startswith(FORMULA):
        return "'" + value
    return value


def _script_text(text: str) -> str:
    """A JavaScript string that cannot end its script element."""
    kept = "".join(character if character.isalnum() or character in "-_" else "-" for character in text)
    return f'"{kept}"'
