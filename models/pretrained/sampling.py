"""How the next token is drawn: greedy, temperature, top-k, top-p, a seed; and what each step had to choose from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from models.pretrained.tokens import BLANKS
from models.pretrained.wishes import Settings

SHOWN = 50


@dataclass(frozen=True)
class Step:
    """One next-token distribution.

    ids, texts     the SHOWN likeliest tokens, best first
    model          their probabilities as the model gives them (temperature 1, nothing cut); `rest` is on all others
    drawn          their probabilities after temperature, top-k, top-p and what the model forbids itself
    entropy        of the model's distribution, in bits
    chosen, rank   the token that was taken, and its place in the model's order, 0 = likeliest
    """

    ids: tuple[int, ...]
    texts: tuple[str, ...]
    model: tuple[float, ...]
    drawn: tuple[float, ...]
    rest: float
    entropy: float
    chosen: int
    rank: int


def chances(logits: Tensor, settings: Settings, forbidden: Sequence[int] = ()) -> Tensor:
    """The distribution [V] that is drawn from, float64: softmax(logits / temperature), cut to top-k, then to top-p.

    top-p keeps the fewest likeliest tokens that together reach p (Holtzman et al. 2020).
    """
    scores = logits.double().cpu().clone()
    scores[[token for token in forbidden if token < len(scores)]] = -math.inf
    if settings.temperature == 0:
        return torch.nn.functional.one_hot(scores.argmax(), len(scores)).double()
    scores = scores / settings.temperature
    if 0 < settings.top_k < len(scores):
        scores[scores < scores.topk(settings.top_k).values[-1]] = -math.inf
    share = scores.softmax(dim=-1)
    if settings.top_p < 1:
        ordered, order = share.sort(descending=True)
        late = ordered.cumsum(dim=-1) - ordered >= settings.top_p
        share[order[late]] = 0.0
    return share / share.sum()


def step(logits: Tensor, settings: Settings, draw: torch.Generator, forbidden: Sequence[int], tokenizer: Any) -> Step:
    """Draw one token from logits [V]."""
    share = chances(logits, settings, forbidden)
    greedy = settings.temperature == 0
    chosen = int(share.argmax()) if greedy else int(torch.multinomial(share, 1, generator=draw))
    model = logits.double().cpu().softmax(dim=-1)
    best = model.topk(min(SHOWN, len(model)))
    ids = tuple(int(one) for one in best.indices)
    return Step(
        ids=ids,
        texts=tuple(_text(tokenizer, one) for one in ids),
        model=tuple(best.values.tolist()),
        drawn=tuple(share[list(ids)].tolist()),
        rest=float(1 - best.values.sum()),
        entropy=float(-(model * model.clamp_min(1e-300).log2()).sum()),
        chosen=chosen,
        rank=int((model > model[chosen]).sum()),
    )


def _text(tokenizer: Any, token: int) -> str:
    """What a token writes; where that is nothing (a blank at the start, say), its raw piece, blanks as signs."""
    if tokenizer is None:
        return str(token)
    return str(tokenizer.decode([token])) or str(tokenizer.convert_ids_to_tokens(token)).translate(BLANKS)
