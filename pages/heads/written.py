"""The job behind "Generate": wishes as plain values, the model's text with every step."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from models.pretrained.wishes import Settings
from pages.heads import work
from pages.heads.subject import Request, Upload


def generated(report: Callable[..., None], request: Request, wishes: Settings) -> Any:
    """What the model writes after the prompt, or in answer to the source."""
    source = request.given[0] if isinstance(request.given, tuple) else request.given
    source = replace(source, words="") if isinstance(source, Upload) else source
    model = work.loaded(report, request.model, request.device)
    with work.said():
        return model.generate(work.decoded(model, source), wishes, work.stop(report, 0.6, "Writing"))


def text_of(step: Any) -> str:
    """The chosen token of a step; its number where it is not among the likeliest."""
    known = dict(zip(step.ids, step.texts, strict=True))
    return str(known.get(step.chosen, f"token {step.chosen}"))
