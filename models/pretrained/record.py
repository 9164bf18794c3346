"""From recorded calls to an AttentionRecord: which kind each call was, which layer, and what it could see."""

import itertools
import re
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from models.pretrained import reach
from models.pretrained.capture import Call, allowed
from models.trace import AttentionLayer, AttentionRecord, Bools, Floats

SIDE = re.compile(r"encoder|decoder")
Shared = dict[tuple[Any, ...], Any]
CROSS = re.compile(r"cross|encdec|encoder_attn|enc_dec", re.IGNORECASE)


class Reader:
    """Reads the calls of one model. causal: whether it looks back only; None asks the calls themselves."""

    def __init__(self, model: nn.Module, causal: bool | None = None) -> None:
        self.names = {id(module): name for name, module in model.named_modules()}
        self.config: Any = model.config
        self.causal = causal

    def record(self, calls: Sequence[Call], note: str = "") -> AttentionRecord | None:
        """All calls as layers, by kind; None when the model made no call."""
        layers: dict[str, list[AttentionLayer]] = {}
        shared: Shared = {}
        for call in calls:
            of = layers.setdefault(self.kind(call), [])
            of.append(self.layer(call, len(of), shared))
        if not layers:
            return None
        missing = reach.bare(itertools.chain(*layers.values()), self.config)
        return AttentionRecord({kind: tuple(of) for kind, of in layers.items()}, "recorded", note, missing)

    def kind(self, call: Call) -> str:
        """ "encoder", "decoder" or "cross", from the module's name; without a name, from who may look ahead."""
        name = self.names.get(id(call.module), "")
        if CROSS.search(name):
            return "cross"
        if getattr(self.config, "is_encoder_decoder", False):
            side = SIDE.search(name)  # the outermost: a decoder may be built from another model's encoder
            return side[0] if side else "decoder"
        back = looks_back_only(call) if self.causal is None else self.causal
        return "decoder" if back else "encoder"

    def layer(self, call: Call, order: int, shared: Shared) -> AttentionLayer:
        """One call as a layer; `order` is the number of calls of its kind before it."""
        if call.query.shape[0] != 1:
            raise ValueError(f"a record holds one input, got a batch of {call.query.shape[0]}")
        index = self.depth(call, order)
        seen, added = once(shared, mask_key(call), lambda: split_mask(call))
        given = call.bias
        bias = None if given is None else once(shared, ("bias", id(given)), lambda: numpy(given[0]))
        return AttentionLayer(
            kind=self.kind(call),
            query=numpy(call.query[0]),
            key=numpy(call.key[0]),
            scale=call.scale,
            allowed=seen,
            bias=added if bias is None else bias if added is None else bias + added,
            softcap=call.softcap,
            sinks=None if call.sinks is None else numpy(call.sinks),
            index=index,
            span=self.span(call, index),
            value=None if call.value is None else numpy(call.value[0]),
        )

    def depth(self, call: Call, order: int) -> int:
        """Depth in the model: the first number in the module's name, or the order of the calls (shared layers)."""
        numbers = re.findall(r"\d+", self.names.get(id(call.module), ""))
        return max(order, int(numbers[0])) if numbers else order

    def span(self, call: Call, index: int) -> str:
        """ "cross", "full", "chunks of w", or "window of w": at most w keys for a query, its own included."""
        if self.kind(call) == "cross":
            return "cross"
        both_sides = self.kind(call) == "encoder"
        stated = reach.of_layer(self.config, index, both_sides)
        if stated is not None and stated.chunked:
            return stated.span
        if not call.window or reach.layer_types(self.config)[index : index + 1] == ("full_attention",):
            return "full"
        return reach.Reach(call.window, both_sides=both_sides).span


def looks_back_only(call: Call) -> bool:
    """Whether no query sees a later key."""
    if call.causal:
        return True
    if call.mask is None:
        return False
    reach = allowed(call)
    square = reach[0, 0] if reach.dim() == 4 else reach
    return bool(square.shape[-1] > 1 and not square.triu(1).any())


def split_mask(call: Call) -> tuple[Bools | None, Floats | None]:
    """A mask as what is allowed [Tq, Tk] (None: everything) and, where it is a number, what it adds."""
    if call.mask is None and not call.causal:
        return None, None
    size = (call.query.shape[2], call.key.shape[2])
    reach = allowed(call)
    if reach.dim() == 4 and reach.shape[1] > 1 and bool((reach != reach[:, :1]).any()):
        raise ValueError("this model masks each head differently, which a record cannot hold")
    square = reach[0, 0] if reach.dim() == 4 else reach
    free = None if bool(square.all()) else square.expand(size).cpu().numpy()
    if call.mask is None or call.mask.dtype == torch.bool:
        return free, None
    added = call.mask[0].masked_fill(~reach[0], 0.0)
    return free, numpy(added) if bool(added.any()) else None


def numpy(tensor: Tensor) -> Floats:
    """A float32 array; on a CPU the memory of a float32 tensor is shared, not copied."""
    return tensor.detach().float().cpu().numpy()


def mask_key(call: Call) -> tuple[Any, ...]:
    """Equal for calls that see the same mask."""
    if call.mask is not None:
        return "mask", id(call.mask)
    return "causal", call.causal, call.query.shape[2], call.key.shape[2]


def once(shared: Shared, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
    """make(), computed at the first call with this key: layers share one mask and one position bias."""
    if key not in shared:
        shared[key] = make()
    return shared[key]
