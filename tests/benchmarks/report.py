"""How a benchmark reports: a markdown table on standard output, medians and percentiles, a budget beside each ratio."""

import os
import statistics
from collections.abc import Sequence


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]], note: str = "") -> None:
    """One markdown table with its title, and a line on how it was measured."""
    lines = [f"\n## {title}", note, "", _line(header), _line(["---"] * len(header)), *map(_line, rows)]
    print("\n".join(line for at, line in enumerate(lines) if line or at > 1), flush=True)


def _line(values: Sequence[object]) -> str:
    return "| " + " | ".join(map(str, values)) + " |"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie, by nearest rank."""
    if not values:
        raise ValueError("wanted at least one value; got none")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


median = statistics.median


def repeats(usual: int, least: int = 1) -> int:
    """How often to measure: `usual`, or less with BENCH_SHARE=0.2 in the environment, to try a benchmark out."""
    return max(least, round(usual * float(os.environ.get("BENCH_SHARE", "1"))))


def verdict(ratio: float, budget: float) -> str:
    """A ratio beside its budget."""
    return f"{ratio:.2f}x, {'within' if ratio <= budget else 'OVER'} {budget:g}x"
