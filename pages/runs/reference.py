"""The reference run of recall: five networks, three seeds, made beforehand by models/train/recall.py."""

from typing import Any

import numpy as np
import streamlit as st

from models.live.data import TASKS, VALIDATION
from models.live.lessons import REFERENCE, reference
from models.scores import interval
from pages.runs.words import LEARNED, listed, spoken
from pages.shared.figure import figure_block
from viz.curves import Line
from viz.seeds import Condition, seeds
from viz.table import Table
from viz.variants import variant

DATA = {"recall-far": "far examples only", "recall": "near and far examples"}  # what training saw
Runs = dict[str, dict[str, Any]]  # network -> {"rate", "rates", "seeds"}
WARNING = (
    "Three seeds, three learning rates and one number of steps: a network at chance may learn with more steps, another "
    "rate or another start. The rate was chosen for each network by its mean validation accuracy over the recorded "
    "moments with the first seed, so that another rate may have ended higher: the table has all. "
    "This task is one symbol among random fillers; how far a memory reaches in other tasks is another question."
)


def draw() -> None:
    """The figure block: training on far examples only, beside training on near ones as well."""
    if not REFERENCE.exists():
        st.info("The reference run has not been made: make train-recall.")
        return
    found = reference()
    runs: dict[str, Runs] = {data: found["runs"][data] for data in DATA if data in found["runs"]}
    panels = [Condition(DATA[data], [_line(*pair) for pair in networks.items()]) for data, networks in runs.items()]
    (chance,) = {TASKS[data].chance for data in runs}
    figure_block(
        "reference",
        finding(runs, chance),
        seeds(panels, chance=chance),
        "Trained on what the panel says, asked 31 to 50 steps back. Line: middle of three seeds; band: lowest to "
        f"highest. {_settings(runs, found['setup'])}",
        lambda: table(runs),
        lambda: _arrays(runs),
        WARNING,
        "training-reference-recall",
        question="Who learns to recall?",
    )


def _line(name: str, found: dict[str, Any]) -> Line:
    curves = np.array([run["validation"] for run in found["seeds"]])
    look, steps = variant(name), np.array(found["seeds"][0]["steps"])
    return Line(name, look.title, steps, np.median(curves, 0), curves.min(0), curves.max(0), look)


def finding(runs: dict[str, Runs], chance: float) -> str:
    """What each training set led to: who learned with every seed, who is between, who never left chance."""
    return ". ".join(f"{DATA[data].capitalize()}: {_outcome(networks, chance)}" for data, networks in runs.items())


def _outcome(networks: Runs, chance: float) -> str:
    ends = {name: [run["validation"][-1] for run in found["seeds"]] for name, found in networks.items()}
    every = [name for name, found in ends.items() if min(found) >= LEARNED]
    never = [name for name, found in ends.items() if interval(max(found), VALIDATION)[0] <= chance]
    rest = [name for name in ends if name not in every and name not in never]
    between = (f"{spoken(name)} {_span(ends[name])}" for name in rest)
    parts = [
        f"{_titles(every)} learn{'s' if len(every) == 1 else ''} with every seed" if every else "",
        f"{listed(between)} right" if rest else "",
        f"{_titles(never)} stay{'s' if len(never) == 1 else ''} at chance" if never else "",
    ]
    return "; ".join(part for part in parts if part)


def _span(ends: list[float]) -> str:
    return f"{min(ends):.0%} to {max(ends):.0%}"


def _titles(names: list[str]) -> str:
    return listed(spoken(name) for name in names)


def _settings(runs: dict[str, Runs], setup: dict[str, Any]) -> str:
    """Sizes and settings of all runs, each network's learning rate by training set."""
    first = next(iter(runs.values()))
    sizes = [found["seeds"][0]["parameters"] for found in first.values()]
    steps = next(iter(first.values()))["seeds"][0]["steps"][-1]
    chosen = [
        " and ".join(dict.fromkeys(f"{networks[name]['rate']:g}" for networks in runs.values())) for name in first
    ]
    rates = ", ".join(f"{spoken(name)} {rate}" for name, rate in zip(first, chosen, strict=True))
    return (
        f"{min(sizes):,} to {max(sizes):,} parameters, width {setup['width']}, {setup['examples']:,} examples, "
        f"batches of {setup['batch']}, {steps:,} steps of {setup['optimizer']}, gradients clipped to norm 1. "
        f"Learning rates, of three each the one with the best mean accuracy over the run: {rates}."
    )


def table(runs: dict[str, Runs]) -> Table:
    """One row a run, the tried rates with it."""
    rows = [
        (data, name, found, run)
        for data, networks in runs.items()
        for name, found in networks.items()
        for run in found["seeds"]
    ]
    return {
        "training": [DATA[data] for data, *_ in rows],
        "network": [variant(name).title for _, name, *_ in rows],
        "seed": [run["seed"] for *_, run in rows],
        "rate": [run["rate"] for *_, run in rows],
        "parameters": [run["parameters"] for *_, run in rows],
        "training accuracy": [run["training"][-1] for *_, run in rows],
        "validation accuracy": [run["validation"][-1] for *_, run in rows],
        "tried rates, first seed": [
            ", ".join(f"{rate}: {end:.0%}" for rate, end in found["rates"].items()) for _, _, found, _ in rows
        ],
    }


def _arrays(runs: dict[str, Runs]) -> dict[str, np.ndarray]:
    return {
        f"{data}_{name}_validation": np.array([run["validation"] for run in found["seeds"]])
        for data, networks in runs.items()
        for name, found in networks.items()
    }
