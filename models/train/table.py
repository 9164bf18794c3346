"""The table of bundled models in the README, made from their cards: `python -m models.train.table`."""

from typing import Any

from models.cards import TITLES, ModelCard
from models.presets import models_of


def percent(score: dict[str, Any]) -> str:
    """ "77 (74 to 79)": accuracy and its 95 % interval, in per cent."""
    low, high = score["interval"]
    return f"{100 * score['accuracy']:.1f} ({100 * low:.0f} to {100 * high:.0f})"


def bucket(card: ModelCard | None, start: int) -> str:
    """Accuracy in the range of distances that begins at `start`, in per cent; * where only a part of it fits."""
    if card is None:
        return ""
    row = next(row for row in card.metrics["buckets"] if row["from"] == start)
    part = " *" if row["fits"] < row["count"] else ""
    return f"{100 * row['accuracy']:.1f}{part}" if row["fits"] else "does not fit"


def table() -> str:
    """Markdown: test accuracies in per cent."""
    sentiment, mixed, far = (models_of(group) for group in ("sentiment", "agreement", "agreement-far"))
    lines = [
        "| network | film snippets | labelled sentences | agreement, 0-5 words | 21-40 | 41-80 | far, 21-40 | 41-80 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for family, title in TITLES.items():
        if not any(family in models for models in (sentiment, mixed, far)):
            continue
        scores = [percent(sentiment[family].metrics[part]) if family in sentiment else "" for part in PARTS]
        cells = [bucket(mixed.get(family), start) for start in (0, 21, 41)]
        cells += [bucket(far.get(family), start) for start in (21, 41)]
        lines.append(f"| {' | '.join([title, *scores, *cells])} |")
    reference = next(iter(sentiment.values())).metrics["baselines"]
    for name, found in reference.items():
        lines.append(f"| baseline: {name} | {' | '.join(percent(found[part]) for part in PARTS)} | | | | | |")
    return "\n".join(lines)


PARTS = ("film-test", "sentences-test")

if __name__ == "__main__":
    print(table())
