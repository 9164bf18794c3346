"""What a pretrained model answers: classes, the next token, or nothing where it has no task."""

from typing import Any

from torch import Tensor

TOP = 10
WRITES = ("CausalLM", "LMHeadModel", "Generation", "MTModel")


def answer(network: Any, tokenizer: Any, outputs: Any) -> tuple[dict[str, float], tuple[str, ...]]:
    """label -> probability, and a note that says how much is left out."""
    logits = outputs.get("logits")
    task = type(network).__name__
    if logits is None:
        return {}, ()
    if task.endswith("Classification") and logits.dim() == 2:
        return _classes(network.config, logits[0]), ()
    if tokenizer is not None and logits.dim() == 3 and task.endswith(WRITES):
        return _next(tokenizer, logits[0, -1])
    return {}, ()


def _classes(config: Any, logits: Tensor) -> dict[str, float]:
    """One label: a sigmoid each where labels do not exclude one another, else a softmax; the TOP likeliest."""
    several = config.problem_type == "multi_label_classification"
    chances = logits.float().sigmoid() if several else logits.float().softmax(dim=-1)
    best = chances.topk(min(TOP, len(chances)))
    return {str(config.id2label[int(i)]): float(p) for p, i in zip(best.values, best.indices, strict=True)}


def _next(tokenizer: Any, logits: Tensor) -> tuple[dict[str, float], tuple[str, ...]]:
    best = logits.float().softmax(dim=-1).topk(min(TOP, len(logits)))
    chances: dict[str, float] = {}
    for chance, token in zip(best.values.tolist(), best.indices.tolist(), strict=True):
        text = str(tokenizer.decode([token]))
        chances[text if text not in chances else f"{text} (id {token})"] = chance
    left = 1 - sum(chances.values())
    return chances, (f"The answer is the next token; {len(chances)} are listed, {left:.1%} lies on the others.",)
