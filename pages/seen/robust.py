"""Who is robust to what: accuracy over test pictures as they are moved, turned, covered or made noisy."""

from typing import Any

import numpy as np
import streamlit as st

from models.cards import ModelCard
from pages.seen.asked import STILL, known, title
from pages.shared.figure import figure_block
from viz.lines import Line, lines
from viz.theme import Look, look

KINDS = {
    "Shift": ("shift", "pixels that every picture is moved", "moved by {:g} pixels"),
    "Rotation": ("rotation", "degrees that every picture is turned", "turned by {:g}°"),
    "Occlusion": ("occlusion", "side of a black square, pixels", "covered by a square of {:g} pixels"),
    "Noise": ("noise", "deviation of the noise (white is 1)", "under noise of {:g}"),
}
OLD = 2_000  # test pictures of a card that does not say
TRAINED = 3  # pixels of shift in training


def draw(task: str) -> None:
    """One kind of change at a time, measured when the networks were bundled."""
    cards = known(task)
    if not cards or not all(one.metrics for one in cards.values()):
        raise ValueError("No test set of photographs is here, so nothing was measured over one.")
    chosen = st.segmented_control(
        "Change", KINDS, default="Shift", required=True, key="harm", bind="query-params", label_visibility="collapsed"
    )
    kind, x_title, phrase = KINDS[chosen or "Shift"]
    curves = {name: one.metrics["robustness"][kind] for name, one in cards.items()}
    figure = lines(
        [_line(one, curves[name]) for name, one in cards.items()],
        x_title=x_title,
        y_title="accuracy in %",
        y_range=(0, 100),
        baselines=[("chance", 10.0)],
        band=(0, TRAINED, "moved so far in training") if kind == "shift" else None,
    )
    figure_block(
        f"pictures_robust_{kind}",
        finding(curves, phrase),
        figure,
        sentence(cards, curves, kind),
        lambda: table(curves, kind),
        {name: np.array([[row["level"], row["accuracy"]] for row in rows]) for name, rows in curves.items()},
        "One training run a network, small pictures, one object in the middle. Robustness here mostly follows what was "
        "in training (shifts and, for clothes, mirror images); it is no property of an architecture as such, and the "
        "ranking turns over from one kind of change to the next.",
        f"robustness-{task}-{kind}",
        question="Who is robust to what?",
    )


def _line(one: ModelCard, rows: list[dict[str, Any]]) -> Line:
    share, low, high = 100 * np.array([[row["accuracy"], *row["interval"]] for row in rows]).T
    style = look(one.family)
    if one.training_set == STILL:
        style = Look(title(one.name), style.colour, "dot", "x", style.outlined)
    return Line(one.family, title(one.name), np.array([row["level"] for row in rows]), share, low, high, style)


def finding(curves: dict[str, list[dict[str, Any]]], phrase: str) -> str:
    """Best and worst at the level where they lie furthest apart."""
    shares = np.array([[row["accuracy"] for row in rows] for rows in curves.values()])
    at = int(np.ptp(shares, axis=0).argmax())
    names = list(curves)
    best, worst = int(shares[:, at].argmax()), int(shares[:, at].argmin())
    where = phrase.format(curves[names[0]][at]["level"])
    if len(names) == 1:
        return f"{title(names[0])}: {shares[0, at]:.0%} {where}"
    return (
        f"{where[:1].upper() + where[1:]}: {title(names[best])} {shares[best, at]:.0%}, "
        f"{title(names[worst])} {shares[worst, at]:.0%}"
    )


def sentence(cards: dict[str, ModelCard], curves: dict[str, list[dict[str, Any]]], kind: str) -> str:
    """What is drawn, and what shifts in training are worth."""
    pairs = [(name.removesuffix("-still"), name) for name, one in cards.items() if one.training_set == STILL]
    worth = [
        f"{title(moved)} {100 * (curves[moved][-1]['accuracy'] - curves[still][-1]['accuracy']):+.0f}"
        for moved, still in pairs
        if moved in curves
    ]
    tail = " No network of this set was trained without shifts, so what they are worth is not measured here."
    if worth:
        tail = f" Shifts in training are worth, at the far end, in points: {', '.join(worth)}."
    counts = sorted({one.metrics.get("robustness_count", OLD) for one in cards.values()})
    many = " or ".join(f"{count:,}" for count in counts)
    return f"Share of {many} test pictures that stay right, with 95 % intervals (Wilson), {kind} alone.{tail}"


def table(curves: dict[str, list[dict[str, Any]]], kind: str) -> dict[str, list]:
    """One row a network and level."""
    rows = [(title(name), row["level"], row["accuracy"], *row["interval"]) for name in curves for row in curves[name]]
    return dict(zip(("network", kind, "accuracy", "low", "high"), map(list, zip(*rows, strict=True)), strict=True))
