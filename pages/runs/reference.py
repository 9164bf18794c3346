"""The reference run of recall: five networks, three seeds, made beforehand by models/train/recall.py."""

from typing import Any

import numpy as np
import streamlit as st

from models.live.data import TASKS, VALIDATION
from models.live.lessons import REFERENCE, reference
from models.scores import interval
from pages.runs.words import LEARNED, listed
from pages.shared.figure import figure_block
from viz.lines import Line, lines
from viz.table import Table
from viz.variants import variant

DATA = {"far examples only": "recall-far", "near and far": "recall"}
WARNING = (
    "Three seeds, three learning rates and one number of steps: a network at chance may learn with more steps, another "
    "rate or another start. The rate was chosen for each network by its mean validation accuracy with the first seed. "
    "This task is one symbol among random fillers; how far a memory reaches in other tasks is another question."
)


def draw() -> None:
    """The figure block, for training on far examples only or on all."""
    if not REFERENCE.exists():
        st.info("The reference run has not been made: make train-recall.")
        return
    found = reference()
    offered = {name: data for name, data in DATA.items() if data in found["runs"]}
    chosen = st.segmented_control(
        "Trained on", offered, default=next(iter(offered)), required=True, key="treference", bind="query-params"
    )
    data = offered[chosen or next(iter(offered))]
    runs, setup = found["runs"][data], found["setup"]
    series = [_line(name, found["seeds"]) for name, found in runs.items()]
    figure = lines(
        series,
        x_title="step",
        y_title="validation accuracy",
        y_range=(0.0, 1.03),
        baselines=[("chance", TASKS[data].chance)],
        height=340,
    )
    figure_block(
        "reference",
        finding(runs, TASKS[data].chance, chosen or ""),
        figure,
        f"Line: middle of three seeds; band: lowest to highest. {_settings(runs, setup)}",
        lambda: table(runs),
        lambda: _arrays(runs),
        WARNING,
        f"training-reference-{data}",
        question="Who learns to recall?",
    )


def _line(name: str, seeds: list[dict[str, Any]]) -> Line:
    curves = np.array([found["validation"] for found in seeds])
    look, steps = variant(name), np.array(seeds[0]["steps"])
    return Line(name, look.title, steps, np.median(curves, 0), curves.min(0), curves.max(0), look)


def finding(runs: dict[str, Any], chance: float, trained: str) -> str:
    """How many seeds of each network learned, and which networks never left chance."""
    ends = {name: [found["validation"][-1] for found in runs[name]["seeds"]] for name in runs}
    every = [name for name, found in ends.items() if min(found) >= LEARNED]
    never = [name for name, found in ends.items() if interval(max(found), VALIDATION)[0] <= chance]
    rest = [name for name in ends if name not in every and name not in never]
    between = (f"{variant(name).title} ends at {min(ends[name]):.0%} to {max(ends[name]):.0%}" for name in rest)
    parts = [
        f"{_titles(every)} learn{'s' if len(every) == 1 else ''} with every seed" if every else "",
        f"{listed(between)}" if rest else "",
        f"{_titles(never)} stay{'s' if len(never) == 1 else ''} at chance" if never else "",
    ]
    return f"Trained on {trained}: " + "; ".join(part for part in parts if part)


def _titles(names: list[str]) -> str:
    return listed(variant(name).title for name in names)


def _settings(runs: dict[str, Any], setup: dict[str, Any]) -> str:
    rates = ", ".join(f"{variant(name).title} {found['rate']:g}" for name, found in runs.items())
    sizes = [found["seeds"][0]["parameters"] for found in runs.values()]
    steps = next(iter(runs.values()))["seeds"][0]["steps"][-1]
    return (
        f"{min(sizes):,} to {max(sizes):,} parameters, width {setup['width']}, {setup['examples']:,} examples, "
        f"batches of {setup['batch']}, {steps:,} steps of {setup['optimizer']}, gradients clipped to norm 1. "
        f"Learning rates, the best of three each: {rates}."
    )


def table(runs: dict[str, Any]) -> Table:
    """One row a run, the tried rates with it."""
    rows = [(name, found, seed) for name, found in runs.items() for seed in found["seeds"]]
    return {
        "network": [variant(name).title for name, _, _ in rows],
        "seed": [seed["seed"] for _, _, seed in rows],
        "rate": [seed["rate"] for _, _, seed in rows],
        "parameters": [seed["parameters"] for _, _, seed in rows],
        "training accuracy": [seed["training"][-1] for _, _, seed in rows],
        "validation accuracy": [seed["validation"][-1] for _, _, seed in rows],
        "tried rates, first seed": [
            ", ".join(f"{rate}: {end:.0%}" for rate, end in found["rates"].items()) for _, found, _ in rows
        ],
    }


def _arrays(runs: dict[str, Any]) -> dict[str, np.ndarray]:
    return {f"{name}_validation": np.array([s["validation"] for s in found["seeds"]]) for name, found in runs.items()}
