"""What does it cost? Operations by formula, steps that wait for each other, and the time on this machine."""

from collections.abc import Callable
from math import isfinite
from typing import Any

import streamlit as st

from models.lens.cost import Cost
from pages.rows import board_numbers, says
from pages.rows.view import View, article, names, sentence
from pages.shared import device, loading, progress
from pages.shared.board import board
from viz.board import Cell, Row

ALIKE = 1.1  # times closer than this are no difference


def draw(view: View) -> None:
    """The price row. A stored example has no times: they belong to this machine and are measured when asked for."""
    measured = times(view)
    request = (tuple((f, view.request.cards[f].name) for f in view.readings), view.request.text, view.request.device)
    if not measured and st.session_state.get("_timed") == request:
        measured = progress.result("times", measure, *request) or {}
    board(says.columns(view.request.cards), [row(view, measured)], key="board_cost", header=False)
    board_numbers.draw(view, measured)
    if not measured and st.session_state.get("_timed") != request:
        st.button("Measure the time on this machine", on_click=st.session_state.update, args=({"_timed": request},))


def times(view: View) -> dict[str, float]:
    """Milliseconds that were measured here while the text was read; empty for a stored example."""
    found = {family: reading.cost.milliseconds for family, reading in view.readings.items()}
    return found if all(isfinite(value) for value in found.values()) else {}


def row(view: View, times: dict[str, float]) -> Row:
    """Numbers a model; `times` are milliseconds measured here, empty before they are."""
    cells = []
    for family, _, reading, _ in view.titled():
        cells.append(Cell(pairs=_pairs(reading.cost, times.get(family))) if reading else Cell("—"))
    where = device.title(view.request.device)
    return Row("What does it cost?", cells, f"one pass over this text · {where}", reading_of(view, times))


def _pairs(cost: Cost, milliseconds: float | None) -> list[tuple[str, str]]:
    time = "—" if milliseconds is None else f"{digits(milliseconds)} ms"
    return [("operations", f"{digits(cost.macs / 1e6)} M"), ("steps in a row", str(cost.steps)), ("time", time)]


def digits(value: float) -> str:
    """Two digits, without a power of ten: .012, 1.2, 12, 120, 1,200."""
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:.2g}" if rounded >= 1e-4 else f"{rounded:g}"


def reading_of(view: View, times: dict[str, float]) -> str:
    """Operations are alike by design; steps and time are not."""
    steps = {f: r.cost.steps for f, r in view.readings.items()}
    most, least = max(steps.values()), min(steps.values())
    if most == least:
        who = "both need" if len(steps) == 2 else "all need" if len(steps) > 1 else f"{names(list(steps))} needs"
        text = f"{who} {most} steps one after the other"
    else:
        slowest, quickest = ([f for f in steps if steps[f] == bound] for bound in (most, least))
        needs = "needs" if len(slowest) == 1 else "need"
        text = f"{names(slowest)} {needs} {most} steps one after the other, {names(quickest)} {least}"
    slow, quick = (pick(times, key=lambda f: times[f]) if times else "" for pick in (max, min))
    if times and (ratio := times[slow] / times[quick]) >= ALIKE:
        text += f"; {article(slow)} takes {ratio:.1f} times as long as {article(quick)}"
    return sentence(text + ". One operation is one multiply-accumulate.")


def measure(report: Callable[..., None], models: tuple[tuple[str, str], ...], text: str, where: str) -> dict[str, Any]:
    """The job: median milliseconds of each model on this machine."""
    from models.lens import cost

    loading.prepare()
    found = {}
    for at, (family, name) in enumerate(models):
        report(at / len(models), "Measuring the time of one pass")
        found[family] = cost.of_model(loading.model(name, where), text).milliseconds
    return found
