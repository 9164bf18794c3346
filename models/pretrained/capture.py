"""Record queries and keys while a transformers model runs, instead of its T x T maps.

A function registered with the library's attention interface sees every attention call after projection,
normalisation and rotation. It hands the call to the stock SDPA kernel, and, when a recorder is active in this
thread's context, keeps references to queries and keys: O(L H T d) memory instead of O(L H T T).
Two things that stock SDPA refuses or silently drops are computed here: soft-capped scores (Gemma 2) and
attention sinks (gpt-oss).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

NAME = "sightlines"


@dataclass(frozen=True)
class Call:
    """One attention call: query [B, H, Tq, d], key and value [B, Hk, Tk, d], and all that shapes the softmax."""

    module: nn.Module
    query: Tensor
    key: Tensor
    value: Tensor | None
    mask: Tensor | None
    scale: float
    causal: bool
    bias: Tensor | None = None
    softcap: float | None = None
    sinks: Tensor | None = None
    window: int | None = None


@dataclass
class Recorder:
    """Calls of one run, in order. `values` keeps value vectors too.

    `scale` takes the place of each layer's own factor of the scores, 1 / sqrt(d) in most models.
    """

    values: bool = False
    scale: float | None = None
    calls: list[Call] = field(default_factory=list)


_active: ContextVar[Recorder | None] = ContextVar("sightlines_recorder", default=None)


@contextmanager
def recording(values: bool = False, scale: float | None = None) -> Iterator[Recorder]:
    """Every attention call of this thread inside the block is recorded; other threads are not touched."""
    recorder = Recorder(values, scale)
    token = _active.set(recorder)
    try:
        yield recorder
    finally:
        _active.reset(token)


def register() -> None:
    """Make NAME known as an attention implementation, with SDPA's own masks."""
    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)


def attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    is_causal: bool | None = None,
    position_bias: Tensor | None = None,
    softcap: float | None = None,
    s_aux: Tensor | None = None,
    sliding_window: int | None = None,
    **extra: Any,
) -> tuple[Tensor, None]:
    """The attention function: output [B, Tq, H, d], and no weights."""
    recorder = _active.get()
    rule = is_causal if is_causal is not None else bool(getattr(module, "is_causal", True))
    causal = rule and attention_mask is None and query.shape[2] > 1
    scaling = scaling if recorder is None or recorder.scale is None else recorder.scale
    scale = query.shape[-1] ** -0.5 if scaling is None else float(scaling)
    call = Call(module, query, key, value, attention_mask, scale, causal, position_bias, softcap, s_aux, sliding_window)
    if recorder is not None:
        _keep(recorder, call)
    if softcap is not None or s_aux is not None:
        return _capped(call), None
    extra.pop("output_attentions", None)
    return sdpa_attention_forward(
        module,
        query,
        key,
        value,
        attention_mask,
        scaling=scaling,
        is_causal=is_causal,
        position_bias=position_bias,
        sliding_window=sliding_window,
        **extra,
    )


def _keep(recorder: Recorder, call: Call) -> None:
    kept = call if recorder.values else Call(**{**vars(call), "value": None})
    recorder.calls.append(kept)


def _capped(call: Call) -> Tensor:
    """softmax([c tanh(s / c) + mask, sink]) V without the sink column; c or the sink may be absent."""
    assert call.value is not None
    groups = call.query.shape[1] // call.key.shape[1]
    key, value = (part.repeat_interleave(groups, dim=1) for part in (call.key, call.value))
    score = call.query @ key.transpose(-1, -2) * call.scale
    if call.bias is not None:
        score = score + call.bias
    if call.softcap is not None:
        score = call.softcap * torch.tanh(score / call.softcap)
    score = score.masked_fill(~allowed(call), float("-inf")).float()
    if call.sinks is None:
        weight = score.softmax(dim=-1)
    else:
        sink = call.sinks.float().view(1, -1, 1, 1).expand(*score.shape[:-1], 1)
        weight = torch.cat([score, sink], dim=-1).softmax(dim=-1)[..., :-1]
    return (weight.to(value.dtype) @ value).transpose(1, 2).contiguous()


def allowed(call: Call) -> Tensor:
    """What may be looked at: boolean, broadcastable to [B, H, Tq, Tk]."""
    if call.mask is None:
        length = (call.query.shape[2], call.key.shape[2])
        everything = torch.ones(length, dtype=torch.bool, device=call.query.device)
        return everything.tril() if call.causal else everything
    if call.mask.dtype == torch.bool:
        return call.mask
    return call.mask > torch.finfo(call.mask.dtype).min / 2
