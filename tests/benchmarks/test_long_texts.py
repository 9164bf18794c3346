"""Long texts through a small Llama-like model of random weights: what recording costs, and what a view of it costs."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import models
from models.trace import AttentionRecord
from tests.benchmarks.report import median, repeats, table, verdict
from tests.benchmarks.test_capture import MEMORY_BUDGET, TIME_BUDGET, measure
from tests.models.pretrained_folders import WORDS, save, word_tokenizer

LENGTHS = (1024, 2048, 4096)
HEAD_BUDGET = 0.5  # seconds, at 4,096 tokens


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six layers, eight heads in two key groups, width 512."""
    import torch
    import transformers as hf

    torch.manual_seed(0)
    sizes = {"hidden_size": 512, "intermediate_size": 1024, "num_hidden_layers": 6, "num_attention_heads": 8}
    config = hf.LlamaConfig(**sizes, num_key_value_heads=2, vocab_size=len(WORDS), max_position_embeddings=max(LENGTHS))
    return save(tmp_path_factory.mktemp("llama"), hf.LlamaForCausalLM(config), word_tokenizer())


def test_long_texts(folder: Path) -> None:
    rows = []
    for tokens in LENGTHS:
        plain, capture = (
            [measure(str(folder), kind, tokens, repeats(5, 1)) for _ in range(repeats(3))]
            for kind in ("plain", "capture")
        )
        seconds, memory = (
            median([run[of] for run in capture]) / median([run[of] for run in plain]) for of in ("seconds", "bytes")
        )
        head, overview = _views(folder, tokens)
        rows.append(
            (
                f"{tokens:,}",
                f"{median([run['seconds'] for run in plain]):.2f}",
                verdict(seconds, TIME_BUDGET),
                verdict(memory, MEMORY_BUDGET),
                f"{head:.3f}" + (f" (budget {HEAD_BUDGET:g})" if tokens == max(LENGTHS) else ""),
                f"{overview:.3f}",
            )
        )
        assert all(run["tokens"] == tokens for run in (*plain, *capture))
    table(
        "Long texts, random Llama-like model of 6 layers and 8 heads",
        ("tokens", "plain pass, s", "capture, time", "capture, memory", "one head, s", "one layer's overview, s"),
        rows,
        "Processor seconds of one thread. A head and an overview are computed from the recorded queries and keys.",
    )


def _views(folder: Path, tokens: int) -> tuple[float, float]:
    model: Any = models.load(str(folder), device="cpu")
    record = model.trace("the " * (tokens - 2)).attention
    kind = record.kinds[0]
    layer = AttentionRecord({kind: (record.of(kind)[0],)})
    return _timed(lambda: record.map(0, 0)), _timed(lambda: layer.overview(64))


def _timed(work: Callable[[], Any]) -> float:
    work()
    found = []
    for _ in range(repeats(5, 1)):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return median(found)
