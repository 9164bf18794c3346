"""The job behind "Generate": wishes as plain values, the model's text with every step."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from pages.heads import work
from pages.heads.subject import Request, Upload
from pages.shared import loading


@dataclass(frozen=True)
class Wishes:
    """How to write; temperature 0 is greedy, top_k 0 and top_p 1 keep every token."""

    tokens: int = 24
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0


def generated(report: Callable[..., None], request: Request, wishes: Wishes) -> Any:
    """What the model writes after the prompt, or in answer to the source."""
    from models.pretrained.sampling import Settings

    report(0.1, "Writing")
    source = request.given[0] if isinstance(request.given, tuple) else request.given
    source = replace(source, words="") if isinstance(source, Upload) else source
    with work.said():
        model = loading.model(request.model, request.device)
        return model.generate(work.decoded(model, source), Settings(**asdict(wishes)), work.stop(report))


def text_of(step: Any) -> str:
    """The chosen token of a step; its number where it is not among the likeliest."""
    known = dict(zip(step.ids, step.texts, strict=True))
    return str(known.get(step.chosen, f"token {step.chosen}"))
