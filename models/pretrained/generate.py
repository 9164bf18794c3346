"""Text that a model writes token by token over its cache, with every step's choice and the stitched attention."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutput

from models.pretrained import run, tokens
from models.pretrained.capture import Call
from models.pretrained.inputs import Prepared
from models.pretrained.sampling import Step, step
from models.pretrained.stitch import stitch
from models.pretrained.wishes import Settings
from models.trace import Axis, Trace

if TYPE_CHECKING:
    from models.pretrained.model import PretrainedModel


@dataclass(frozen=True)
class Generated:
    """ids of the answering side, the first `prompt` of them given. steps[i] chose ids[prompt + i].

    Step i was read from position prompt - 1 + i of the trace. The last token written was never fed back,
    so the trace has no row for it.
    """

    text: str
    ids: tuple[int, ...]
    prompt: int
    steps: tuple[Step, ...]
    trace: Trace


def generate(model: "PretrainedModel", prepared: Prepared, settings: Settings) -> Generated:
    """Write up to settings.tokens tokens after a prompt, or the target of a source; ends at the end mark."""
    if not (model.causal or model.paired) or (not hasattr(model.own, "lm_head") and not model.own.can_generate()):
        raise ValueError(f"{model.card.title} is no language model that writes from left to right")
    given = _prompt(model, prepared)
    count = _room(model, len(given), settings.tokens)
    draw = torch.Generator().manual_seed(settings.seed)
    writer = _Writer(model, prepared)
    ids, steps = list(given), list[Step]()
    ends = _ids(model.own.generation_config.eos_token_id)
    feed = given
    while len(steps) < count:
        logits = writer.feed(feed)
        steps.append(step(logits, settings, draw, _forbidden(model, not steps), model.processors.tokenizer))
        ids.append(steps[-1].chosen)
        feed = ids[-1:]
        if ids[-1] in ends:
            break
    axis = _axis(model, prepared, ids[:-1])
    trace = writer.trace(axis, ids[:-1])
    tokenizer = model.processors.tokenizer
    text = str(tokenizer.decode(ids[len(given) :], skip_special_tokens=True)) if tokenizer is not None else ""
    return Generated(text, tuple(ids), len(given), tuple(steps), trace)


class _Writer:
    """Feeds tokens through the cache and keeps what each step recorded."""

    def __init__(self, model: "PretrainedModel", prepared: Prepared) -> None:
        self.model, self.prepared = model, prepared
        self.network = model.capturing if model.route == "recorded" else model.own
        self.outputs: list[Any] = []
        self.calls: list[tuple[Call, ...]] = []

    def feed(self, ids: Sequence[int]) -> Tensor:
        """Logits [V] after these ids."""
        now = torch.tensor([list(ids)], device=self.model.own.device)
        tensors: dict[str, Any] = {"decoder_input_ids" if self.model.paired else "input_ids": now, "use_cache": True}
        if self.outputs:
            tensors["past_key_values"] = self.outputs[-1].past_key_values
        if self.model.paired:
            tensors |= self._source()
        done = run.recorded(self.network, tensors)
        self.outputs.append(done.outputs)
        self.calls.append(done.calls)
        logits: Tensor = done.outputs.logits[0, -1]
        return logits

    def _source(self) -> dict[str, Any]:
        """The source itself at the first step, afterwards what the encoder made of it."""
        if not self.outputs:
            return dict(self.prepared.tensors)
        return {"encoder_outputs": BaseModelOutput(self.outputs[0].encoder_last_hidden_state)}

    def trace(self, axis: Axis, ids: Sequence[int]) -> Trace:
        """The run over all fed ids: stitched where calls were recorded, else one more run of the model's own."""
        model = self.model
        side = "decoder"
        name = "decoder_input_ids" if model.paired else "input_ids"
        tensors = {**self.prepared.tensors, name: torch.tensor([list(ids)], device=model.own.device)}
        prepared = Prepared(tensors, {**self.prepared.axes, side: axis}, (True,) * len(ids))
        if model.route != "recorded":
            return model.trace_tensors(prepared)
        joined = {"logits": self.outputs[-1].logits, "hidden_states": self._states("decoder")}
        if model.paired:
            joined["encoder_hidden_states"] = self.outputs[0].encoder_hidden_states
        return model.compose(prepared, run.Run(joined, self._stitched()))

    def _states(self, side: str) -> tuple[Tensor, ...]:
        """Hidden states of all steps, joined along T."""
        steps = [run.states(outputs, side) for outputs in self.outputs]
        return tuple(torch.cat(list(parts), dim=1) for parts in zip(*steps, strict=True))

    def _stitched(self) -> tuple[Call, ...]:
        kinds = [[(self.model.calls.kind(call), call) for call in step] for step in self.calls]
        source = [call for kind, call in kinds[0] if kind == "encoder"]
        later = [[pair for pair in step if pair[0] != "encoder"] for step in kinds]
        joined = [stitch([call for _, call in layer], layer[0][0] == "cross") for layer in zip(*later, strict=True)]
        return (*source, *joined)


def _prompt(model: "PretrainedModel", prepared: Prepared) -> list[int]:
    """The given ids, or the marks with which the decoder starts."""
    if not model.paired:
        return [int(one) for one in prepared.tensors["input_ids"][0]]
    start = model.start
    marks = list(getattr(model.processors.tokenizer, "prefix_tokens", None) or [])
    if marks and marks[0] == start:
        return marks
    forced = getattr(model.own.generation_config, "forced_bos_token_id", None)
    return [start] if forced is None else [start, int(forced)]


def _room(model: "PretrainedModel", given: int, wanted: int) -> int:
    """How many tokens may be written before the model's or the profile's bound."""
    bounds = [bound for bound in (model.token_limit, model.limits.tokens) if bound is not None]
    room = min(bounds) + 1 - given
    if room < 1:
        raise ValueError(f"the prompt has {given:,} tokens and leaves no room under the bound of {min(bounds):,}")
    return min(wanted, room)


def _ids(one: int | Sequence[int] | None) -> tuple[int, ...]:
    if one is None:
        return ()
    return (one,) if isinstance(one, int) else tuple(one)


def _forbidden(model: "PretrainedModel", first: bool) -> tuple[int, ...]:
    """Tokens that the model's own settings never write, some of them only at the start."""
    settings = model.own.generation_config
    always = _ids(getattr(settings, "suppress_tokens", None))
    words = getattr(settings, "bad_words_ids", None) or ()
    start = _ids(getattr(settings, "begin_suppress_tokens", None)) if first else ()
    return tuple(one for one in (*always, *start, *(word[0] for word in words if len(word) == 1)) if one >= 0)


def _axis(model: "PretrainedModel", prepared: Prepared, ids: Sequence[int]) -> Axis:
    """The prompt as it was typed, then what was written."""
    known = None if model.paired else prepared.axes.get("decoder")
    if model.processors.tokenizer is None:
        names = tuple(str(one) for one in ids)
        return Axis(names, names, (False,) * len(names))
    if known is None:
        return tokens.of_ids(model.processors.tokenizer, ids)
    rest = tokens.of_ids(model.processors.tokenizer, ids[len(known.tokens) :])
    return Axis(known.tokens + rest.tokens, known.pieces + rest.pieces, known.special + rest.special)
