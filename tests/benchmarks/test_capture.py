"""What recording costs over a plain forward pass: processor time, and peak memory in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from models.pretrained import MINILM, offline
from tests.benchmarks.one_pass import WITH_STATES
from tests.benchmarks.report import median, repeats, table, verdict

ROOT = Path(__file__).resolve().parents[2]
TOKENS = 512
KINDS = {"sentiment-transformer": ("plain", "capture"), MINILM: ("plain", "capture", WITH_STATES, "eager maps")}
TIME_BUDGET, MEMORY_BUDGET = 1.05, 1.5


@pytest.mark.parametrize("name", KINDS)
def test_capture_over_a_plain_pass(name: str) -> None:
    if name == MINILM and MINILM not in offline():
        pytest.skip("the MiniLM package is not installed")
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS[name]}
    for _ in range(repeats(3)):
        for kind, runs in found.items():
            runs.append(measure(name, kind, TOKENS, repeats(15, 3)))
    seconds, memory = (
        {k: median([run[of] for run in runs]) for k, runs in found.items()} for of in ("seconds", "bytes")
    )
    table(
        f"Capture over a plain pass, {name}, {TOKENS} tokens",
        ("what", "processor ms", "over plain", "extra memory, MB", "over plain"),
        [
            (
                kind,
                f"{1e3 * seconds[kind]:.1f}",
                _against(kind, seconds[kind] / seconds["plain"], TIME_BUDGET),
                f"{1e-6 * memory[kind]:.1f}",
                _against(kind, memory[kind] / memory["plain"], MEMORY_BUDGET),
            )
            for kind in found
        ],
        "Medians of processes of their own, one thread. Memory: how far a pass rises above the loaded model. Capture "
        "keeps queries and keys; the bundled model's also its hidden states.",
    )
    assert all(run["tokens"] == TOKENS for runs in found.values() for run in runs)


def _against(kind: str, ratio: float, budget: float) -> str:
    return verdict(ratio, budget) if kind == "capture" else f"{ratio:.2f}x"


def measure(name: str, kind: str, tokens: int, passes: int) -> dict[str, float]:
    """Processor seconds of a pass, how far memory rises, and the tokens that it read, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.one_pass", name, kind, str(tokens), str(passes)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])
