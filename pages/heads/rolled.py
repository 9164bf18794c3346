"""Attention rollout: where a stack of layers looks in the end, by weights alone, by values, and by gradients."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from models.lens import attention_flow
from models.lens.attention import rollout
from models.pretrained.stopping import asking
from models.trace import AttentionLayer
from pages.heads import room, work
from pages.heads.choice import Choice
from pages.heads.subject import Request, Subject
from pages.shared import progress
from pages.shared.figure import figure_block
from viz.heatmap import name_tokens
from viz.matrices import Panel, matrices
from viz.pooled import View, pooling, view

LONGEST = 1024  # tokens
TITLES = {"weights": "weights alone", "values": "weights × values", "gradients": "weights × gradients"}
WARNING = (
    "Rollout follows weights, not values: on a causal model it piles up on the first token whatever the text says. "
    "Values are measured before the output matrix. Gradients speak of one answer, in the row that it is read from. "
    "None of the three is what the model would answer without a word: that is substitution."
)


@dataclass(frozen=True, eq=False)
class Rolled:
    """Each way's map [T, T], or None with the reason in `notes`; `read`: the row the answer is read from, None where
    it pools all rows."""

    maps: dict[str, np.ndarray | None]
    notes: dict[str, str]
    read: int | None

    def answered(self) -> np.ndarray | None:
        """By gradients, the share [T] of each input in the answer: its row, or the mean of the rows that it pools."""
        slopes = self.maps["gradients"]
        return slopes if slopes is None else slopes.mean(axis=0) if self.read is None else slopes[self.read]


def rolled(report: Callable[..., None], request: Request, kind: str) -> Rolled:
    """The job: one run with values, one with gradients."""
    with work.said():
        layers = work.traced(report, request, True).attention.of(kind)
        maps: dict[str, np.ndarray | None] = {"weights": rollout(_stacked(report, layers, _mean, 0.4))}
        notes: dict[str, str] = {}
        read = None
        try:
            maps["values"] = rollout(_stacked(report, layers, attention_flow.by_value, 0.6))
        except ValueError as fault:
            maps["values"], notes["values"] = None, _sentence(fault)
        report(0.8, "Asking the gradient")
        try:
            model = work.loaded(report, request.model, request.device)
            with asking(work.stop(report, 0.8, "Asking the gradient")):
                weights, slopes, read = attention_flow.gradients(model, work.decoded(model, request.given))
            maps["gradients"] = attention_flow.relevance(weights, slopes)
        except ValueError as fault:
            maps["gradients"], notes["gradients"] = None, _sentence(fault)
    return Rolled(maps, notes, read)


def _mean(layer: AttentionLayer) -> np.ndarray:
    return np.mean([layer.map(head) for head in range(layer.heads)], axis=0)


def _stacked(
    report: Callable[..., None],
    layers: tuple[AttentionLayer, ...],
    one: Callable[[AttentionLayer], np.ndarray],
    start: float,
) -> np.ndarray:
    """[L, T, T]; a sentence for maps that do not fit."""
    found = []
    for layer in layers:
        report(start, "Multiplying layers")
        found.append(one(layer))
    return np.stack(found)


def _sentence(fault: ValueError) -> str:
    text = str(fault)
    return text[:1].upper() + text[1:] + "."


def draw(subject: Subject, choice: Choice) -> None:
    """The toggle, and the maps when it is on."""
    if not st.toggle("Rollout through all layers", key="rollout", bind="query-params"):
        return
    layers = subject.attention.of(choice.kind)
    if choice.kind == "cross":
        raise ValueError("Rollout multiplies maps of one side; cross-attention joins two.")
    if [layer.index for layer in layers] != list(range(len(layers))) or _skips(subject, len(layers)):
        raise ValueError("Rollout needs a map in every layer; this model has layers without one.")
    length = len(subject.trace.sides(choice.kind)[0].tokens)
    if length > LONGEST:
        raise ValueError(f"Rollout is computed to {LONGEST:,} tokens; this input has {length:,}.")
    found: Rolled | None = progress.result("rolled", rolled, subject.request, choice.kind)
    if found is not None:
        _draw(subject, choice, found)


def _draw(subject: Subject, choice: Choice, found: Rolled) -> None:
    """Three panels under one scale."""
    total = found.maps["weights"]
    assert total is not None
    queries, keys = subject.sides(choice.kind, (total.shape[0], total.shape[1]))
    known = {name: map_ for name, map_ in found.maps.items() if map_ is not None}
    top = max(float(np.percentile(map_, 99)) for map_ in known.values())
    seen = {name: view(map_, queries.tokens, keys.tokens) for name, map_ in known.items()}
    column = total.mean(axis=0)
    at = int(column.argmax())
    figure_block(
        "rollout",
        f"By weights alone, “{keys.tokens[at]}” gets the largest share, {column[at]:.0%} on average",
        _figure(found, seen, round(max(0.1, top), 2)),
        f"{sentence(found, keys.tokens)} {pooling(len(total), len(total), 'the greatest', opens=False)}".strip(),
        lambda: table(found, keys.tokens),
        dict(known),
        WARNING,
        "attention-rollout",
    )


def _figure(found: Rolled, seen: dict[str, View], top: float) -> go.Figure:
    """A panel a way; the ways that could not be had say why."""
    any_ = seen["weights"]
    figure = matrices(
        [
            Panel(
                "transformer" if name in seen else "",
                TITLES[name],
                seen[name].values if name in seen else None,
                found.notes.get(name, ""),
            )
            for name in found.maps
        ],
        any_.rows,
        any_.columns,
        limits=(0.0, top),
        per_line=3,
        colour_title="share" if any_.blocks == (1, 1) else "greatest share",
        axes=("output", "input"),
        width=room.whole(),
    )
    name_tokens(figure, any_)
    return figure


def sentence(found: Rolled, tokens: tuple[str, ...]) -> str:
    """Where each way puts the most, and what each is."""
    parts = ["Product of (I + A) / 2 over the layers (Abnar and Zuidema 2020)."]
    values, row = found.maps["values"], found.answered()
    if values is not None:
        best = int(values.mean(axis=0).argmax())
        parts.append(f"By values: “{tokens[best]}”, {values.mean(axis=0)[best]:.0%} (after Kobayashi et al. 2020).")
    if row is not None:
        best, where = (
            int(row.argmax()),
            "over the rows it pools" if found.read is None else "in the row it is read from",
        )
        parts.append(f"By the answer's gradient, {where}: “{tokens[best]}”, {row[best]:.0%} (Chefer et al. 2021).")
    return " ".join(parts)


def table(found: Rolled, tokens: tuple[str, ...]) -> dict[str, list]:
    """Mean share of each input by each way; for gradients also the row of the answer."""
    columns: dict[str, list] = {"input": list(tokens)}
    for name, map_ in found.maps.items():
        if map_ is not None:
            columns[f"mean share, {TITLES[name]}"] = [float(value) for value in map_.mean(axis=0)]
    row = found.answered()
    if row is not None:
        columns["share in the answer, gradients"] = [float(value) for value in row]
    return columns


def _skips(subject: Subject, count: int) -> bool:
    """Whether a bundled hybrid has more layers than maps; for others the trace says so in a note."""
    if subject.about.task:
        return len(subject.trace.hidden) - 1 != count
    return any("no attention map" in note for note in subject.trace.notes)
