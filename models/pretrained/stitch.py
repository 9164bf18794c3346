"""Attention over a cached generation, put together: the first step has all rows of the prompt, each later one a row."""

from collections.abc import Sequence

import torch
from torch import Tensor

from models.pretrained.capture import Call, allowed


def stitch(steps: Sequence[Call], cross: bool) -> Call:
    """One layer's calls of all steps as a single call over all T positions.

    Queries are joined. Keys of a self-attention are joined from what each step added, so that a sliding cache,
    which forgets, loses nothing; cross-attention has the same keys at every step. Masks and position biases of
    each step lie in the columns that this step could see; all other columns are forbidden.
    """
    first = steps[0]
    added = [call.query.shape[2] for call in steps]
    total = first.key.shape[2] if cross else sum(added)
    seen = [total if cross else sum(added[: i + 1]) for i in range(len(steps))]
    reach = torch.cat([_placed(_reach(call), total, end, False) for call, end in zip(steps, seen, strict=True)], dim=2)
    biases = [_bias(call) for call in steps]
    bias = None
    if any(one is not None for one in biases):
        rows = [
            _placed(torch.zeros_like(call.query[:, :, :, :1]).expand(-1, -1, -1, call.key.shape[2]), total, end, 0.0)
            if one is None
            else _placed(one, total, end, 0.0)
            for call, one, end in zip(steps, biases, seen, strict=True)
        ]
        bias = torch.cat(rows, dim=2)
    return Call(
        module=first.module,
        query=torch.cat([call.query for call in steps], dim=2),
        key=first.key if cross else _joined([call.key for call in steps], added),
        value=None if first.value is None or cross else _joined([_value(call) for call in steps], added),
        mask=reach,
        scale=first.scale,
        causal=False,
        bias=bias,
        softcap=first.softcap,
        sinks=first.sinks,
        window=first.window,
    )


def _joined(parts: Sequence[Tensor], added: Sequence[int]) -> Tensor:
    """The newest columns of each step."""
    return torch.cat([part[:, :, -new:] for part, new in zip(parts, added, strict=True)], dim=2)


def _value(call: Call) -> Tensor:
    assert call.value is not None
    return call.value


def _reach(call: Call) -> Tensor:
    """[1, 1, q, k], true where this step could look."""
    reach = allowed(call)
    reach = reach[:, :1] if reach.dim() == 4 else reach[None, None]
    return reach.expand(1, 1, call.query.shape[2], call.key.shape[2])


def _bias(call: Call) -> Tensor | None:
    """[1, H, q, k]: the position bias, and what a numeric mask adds where it does not forbid."""
    bias = call.bias
    if call.mask is None or call.mask.dtype == torch.bool:
        return bias
    added = call.mask.masked_fill(~allowed(call), 0.0)
    return added if bias is None else bias + added


def _placed(rows: Tensor, total: int, end: int, fill: float) -> Tensor:
    """Rows [.., q, k] as [.., q, total], their last column at `end` - 1."""
    start = end - rows.shape[-1]
    return torch.nn.functional.pad(rows, (start, total - end), value=fill)
