"""The agreement test against distance: accuracy, flips of the head noun, and the head's share of the gradient."""

import numpy as np
import streamlit as st

from models.cards import ModelCard
from models.scores import interval
from pages.rows import tested_runs
from pages.rows.view import article, names, percent, sentence
from pages.shared.figure import figure_block
from viz.curves import Line
from viz.lines import lines
from viz.theme import OUTLINE, Look, look

WEIGHTS = ("trained", "untrained")
BUCKET_ENDS = 10  # words: the sentences that were disturbed are those to the second bucket's end
WINDOW = 5  # distances
BASELINES = {"last_noun": ("nearest noun", "dash", "x"), "majority": ("commoner answer", "longdashdot", "cross")}


def draw(cards: dict[str, ModelCard]) -> None:
    """Three figures on one axis, words between the head noun and the verb, and what every training run reached."""
    _distance(cards)
    _flips(cards)
    _gradients(cards)
    tested_runs.draw(cards)


def _buckets(card: ModelCard, key: str) -> tuple[np.ndarray, np.ndarray]:
    """Middle of each range of distances, and the value there (NaN where the model takes no such text)."""
    rows = card.metrics["buckets"]
    middle = np.array([(row["from"] + row["to"]) / 2 for row in rows])
    return middle, np.array([row.get(key, np.nan) for row in rows], dtype=float)


def _distance(cards: dict[str, ModelCard]) -> None:
    series = []
    for family, card in cards.items():
        x, y, low, high = smoothed(card)
        series.append(Line(family, look(family).title, x, 100 * y, 100 * low, 100 * high))
    trained = next(iter(cards.values()))
    series += baselines(trained)
    figure = lines(
        series,
        x_title="words between the head noun and the verb",
        y_title="accuracy in %",
        y_range=(40, 102),
        baselines=[("chance", 50.0)],
        band=(21, 40, "trained here") if trained.training_set == "far" else (0, 40, "trained here"),
        height=420,
    )
    figure_block(
        "tested_distance",
        distance_finding(cards),
        figure,
        f"Test sentences with unseen pairs of nouns; bands are 95 % intervals. {left_out(cards)}",
        lambda: _distance_table(cards),
        {f.replace("-", "_"): smoothed(card)[1] for f, card in cards.items()}
        | {f"baseline_{key}": line.y / 100 for key, line in zip(BASELINES, baselines(trained), strict=True)},
        "Generated sentences with a small vocabulary. A network that fails here failed to learn within this budget, "
        f"from these examples: that is not proof that its kind cannot. {beyond(cards)}",
        "accuracy-by-distance",
        question="Does accuracy fall with distance?",
    )


def smoothed(card: ModelCard) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Accuracy at distance 0, then over 1-5, 6-10, ..., 76-80, with its interval; the ends of the buckets, and of a
    convolution's reach, are ends of windows. Distances that the model cannot take are left out."""
    rows = card.metrics["by_distance"]
    found = []
    for start in (0, *range(1, len(rows), WINDOW)):
        part = rows[start : start + WINDOW] if start else rows[:1]
        count = sum(row["fits"] for row in part)
        if count:
            right = sum(row["right"] for row in part) / count
            found.append(((part[0]["distance"] + part[-1]["distance"]) / 2, right, *interval(right, count)))
    x, y, low, high = np.array(found, dtype=float).T
    return x, y, low, high


def distance_finding(cards: dict[str, ModelCard]) -> str:
    """Who still answers at 41 to 80 words, and who is at chance."""
    far = {family: _buckets(card, "accuracy")[1][-1] for family, card in cards.items()}
    keep = [family for family, share in far.items() if share >= 0.95]
    lost = [family for family, share in far.items() if share < 0.6]
    if keep:
        found = f"at 41 to 80 words {names(keep)} still {'answers' if len(keep) == 1 else 'answer'} right"
        return sentence(found + (f"; {names(lost)} {'is' if len(lost) == 1 else 'are'} near chance" if lost else ""))
    best = max(far, key=lambda f: -1 if np.isnan(far[f]) else far[f])
    return sentence(f"at 41 to 80 words the best is {article(best)} with {percent(far[best])}")


def beyond(cards: dict[str, ModelCard]) -> str:
    """What a high accuracy does not promise: how many are right when something new happens that is no distance."""
    found = {family: card.metrics["disturbed"] for family, card in cards.items()}
    front = ", ".join(
        f"{article(f)} {percent(d['in_front']['accuracy'])} (without {percent(undisturbed(cards[f]))})"
        for f, d in found.items()
    )
    adverbs = next(iter(found.values()))["in_front"]["adverbs"]
    said = f"Right answers to {BUCKET_ENDS} words with {adverbs} adverbs put in front, as never in training: {front}."
    for family, disturbed in found.items():
        if rows := disturbed.get("moved"):
            moved = " and ".join(f"{percent(row['accuracy'])} (moved by {row['places']})" for row in rows)
            said += f" Positions were never shifted in training: with all of them moved, {article(family)} has {moved}."
    return said


def undisturbed(card: ModelCard) -> float:
    """Accuracy on the same sentences, to BUCKET_ENDS words, as they are."""
    rows = [row for row in card.metrics["by_distance"] if row["distance"] <= BUCKET_ENDS]
    return sum(row["right"] for row in rows) / sum(row["fits"] for row in rows)


def left_out(cards: dict[str, ModelCard]) -> str:
    """Which networks take only a part of the farthest sentences, and how many; empty where all take all."""
    last = {family: card.metrics["buckets"][-1] for family, card in cards.items()}
    return " ".join(
        sentence(f"{article(family)} takes {row['fits']:,} of the {row['count']:,} beyond {row['from'] - 1} words.")
        for family, row in last.items()
        if row["fits"] < row["count"]
    )


def baselines(card: ModelCard) -> list[Line]:
    """What the nearest noun and the commoner answer give in each bucket, in per cent."""
    rows = card.metrics["baselines"]["buckets"]
    middle = np.array([(row["from"] + row["to"]) / 2 for row in rows])
    return [
        Line("", name, middle, 100 * np.array([row[key] for row in rows]), look=Look(name, OUTLINE, dash, symbol))
        for key, (name, dash, symbol) in BASELINES.items()
    ]


def _distance_table(cards: dict[str, ModelCard]) -> dict[str, list]:
    rows = [
        (look(family).title, r["distance"], r["distance"], r["count"], r["fits"], r["right"])
        for family, card in cards.items()
        for r in card.metrics["by_distance"]
    ]
    first = next(iter(cards.values())).metrics
    for key, (name, *_) in BASELINES.items():
        for r, asked in zip(first["baselines"]["buckets"], first["buckets"], strict=True):
            count = asked["count"]
            rows.append((name, r["from"], r["to"], count, count, round(r[key] * count)))
    columns = ("model", "from", "to", "sentences", "fit", "right")
    return {name: [row[i] for row in rows] for i, name in enumerate(columns)}


def _flips(cards: dict[str, ModelCard]) -> None:
    series = [Line(f, look(f).title, *_scaled(card, "flips")) for f, card in cards.items()]
    figure = lines(
        series,
        x_title="words between the head noun and the verb",
        y_title="decisions that flip, in %",
        y_range=(-2, 102),
        height=360,
    )
    far = {f: _buckets(card, "flips")[1][-1] for f, card in cards.items()}
    holds = [f for f, share in far.items() if share > 0.9]
    figure_block(
        "tested_flips",
        sentence(f"flipping the head noun flips {names(holds)} even at 41 to 80 words")
        if holds
        else "No network follows the head noun at 41 to 80 words",
        figure,
        "Share of decisions that turn when the head noun changes its number and nothing else does.",
        lambda: _bucket_table(cards, "flips"),
        {f.replace("-", "_"): _buckets(card, "flips")[1] for f, card in cards.items()},
        "A flip shows that the decision depends on the head, not how the network carries it.",
        "flips-by-distance",
        question="Does the decision follow the head noun?",
    )


def _scaled(card: ModelCard, key: str) -> tuple[np.ndarray, np.ndarray]:
    x, y = _buckets(card, key)
    return x, 100 * y


def _gradients(cards: dict[str, ModelCard]) -> None:
    which = st.segmented_control(
        "Weights", WEIGHTS, default="trained", required=True, key="weights", bind="query-params"
    )
    key = "gradient_share" if which == "trained" else "gradient_share_untrained"
    series = [Line(f, look(f).title, *_buckets(card, key)) for f, card in cards.items()]
    figure = lines(
        series,
        x_title="words between the head noun and the verb",
        y_title="head's share of the gradient",
        log_y=True,
        y_range=(1e-20, 1.0),
        height=380,
    )
    figure_block(
        "tested_gradient",
        gradient_finding(cards) if which == "trained" else untrained_finding(cards),
        figure,
        f"Mean share of the gradient of the decision that falls on the head noun, {which}.",
        lambda: _bucket_table(cards, key),
        {f.replace("-", "_"): _buckets(card, key)[1] for f, card in cards.items()},
        "A vanishing gradient is not a vanishing influence: set it beside the flips above. A saturated unit keeps the "
        "bit and passes no gradient.",
        "gradient-share-by-distance",
        question="How much of the gradient reaches the head noun?",
    )


def gradient_finding(cards: dict[str, ModelCard]) -> str:
    """The network whose gradient says least about what it does; "yet" only where it gets far below an even share."""
    gap = {}
    for family, card in cards.items():
        share, flips = _buckets(card, "gradient_share")[1][-1], _buckets(card, "flips")[1][-1]
        if flips > 0.5 and np.isfinite(share):
            gap[family] = share
    if not gap:
        return "The head's share of the gradient by distance"
    least = min(gap, key=lambda f: gap[f])
    flips = _buckets(cards[least], "flips")[1][-1]
    even = 1 / (_buckets(cards[least], "flips")[0][-1] + 2)  # of the words after the head, the head and an article
    if gap[least] > even / 10:
        return sentence(
            f"where decisions follow the far head, so does the gradient: {article(least)} gives it least, "
            f"{gap[least]:.2g}; an even share is about {even:.2g}"
        )
    return sentence(
        f"{article(least)} gives the far head {gap[least]:.0e} of its gradient, yet {percent(flips)} of its "
        "decisions follow it"
    )


def untrained_finding(cards: dict[str, ModelCard]) -> str:
    """Which network gives the far head most and least of its gradient at its random start."""
    last = {family: _buckets(card, "gradient_share_untrained")[1][-1] for family, card in cards.items()}
    known = {family: share for family, share in last.items() if np.isfinite(share)}
    if not known:
        return "No network takes the sentences of 41 to 80 words"
    most, least = max(known, key=lambda f: known[f]), min(known, key=lambda f: known[f])
    text = f"before training {article(most)} gives the far head {known[most]:.0e} of its gradient"
    return sentence(text + (f", {article(least)} {known[least]:.0e}" if least != most else ""))


def _bucket_table(cards: dict[str, ModelCard], key: str) -> dict[str, list]:
    rows = [
        (look(family).title, r["from"], r["to"], r.get(key, float("nan")), r["fits"])
        for family, c in cards.items()
        for r in c.metrics["buckets"]
    ]
    return {name: [row[i] for row in rows] for i, name in enumerate(("model", "from", "to", key, "sentences"))}
