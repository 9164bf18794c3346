"""A pretrained transformer that answers with a Trace. Loaded once, shared by all threads, never changed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.cards import ModelCard
from models.pretrained import check, eager, media, room, run, tokens
from models.pretrained.answer import answer
from models.pretrained.capture import register
from models.pretrained.differentiable import Differentiable
from models.pretrained.generate import Generated, generate
from models.pretrained.inputs import Prepared, Processors, Reader
from models.pretrained.limits import LOCAL, Limits
from models.pretrained.reach import bare, without_attention
from models.pretrained.record import Reader as CallReader
from models.pretrained.stopping import Stop, asking
from models.pretrained.wishes import Settings
from models.trace import AttentionRecord, Axis, Floats, Trace

NOTHING = Processors()
GREEDY = Settings()
FAULTS = (ValueError, RuntimeError, TypeError, KeyError, AttributeError, IndexError)


class PretrainedModel(Differentiable):
    """card, device, encode, trace, verify, generate, seen."""

    def __init__(self, network: Any, card: ModelCard, processors: Processors = NOTHING, limits: Limits = LOCAL) -> None:
        register()
        eager.without_cache(network.config)
        self.card, self.processors, self.limits = card, processors, limits
        self.own = eager.with_own_attention(network.eval())
        self.capturing = eager.capturing_twin(self.own)
        self.device = str(network.device)
        self.agreement = self._probe()
        side = "decoder" if self.causal else "encoder"
        self.reader = Reader(network.config, network.main_input_name, side, processors, limits)

    @property
    def route(self) -> str:  # type: ignore[override]
        """ "recorded", or "eager" where the recording run was not trusted."""
        return "recorded" if self.agreement.trusted else "eager"

    @property
    def paired(self) -> bool:
        """Whether it has an encoder and a decoder, and so reads a source and a target."""
        return bool(self.own.config.is_encoder_decoder)

    @property
    def takes(self) -> str:
        """ "text", "picture" or "sound"."""
        return self.reader.takes

    @property
    def token_limit(self) -> int | None:
        """The most tokens it takes; None where it states no bound."""
        return tokens.limit(self.own.config, self.processors.tokenizer)

    @property
    def start(self) -> int:
        """The mark with which a decoder starts to answer a source."""
        settings, config = self.own.generation_config, self.own.config
        named = (
            settings.decoder_start_token_id,
            getattr(config, "decoder_start_token_id", None),
            settings.bos_token_id,
        )
        return next((int(one) for one in named if one is not None), 0)

    def encode(self, text: Any) -> Axis:
        """The tokens of a text (or of a pair): the text they came from, raw pieces, special marks."""
        return next(iter(self.reader.source(text).axes.values()))

    def prepare(self, given: Any) -> Prepared:
        """Tensors for one input. Models with a decoder take (source, target); without a target they write one."""
        if not self.paired:
            return self._placed(self.reader.source(given))
        source, target = given if isinstance(given, tuple) else (given, None)
        prepared = self._placed(self.reader.source(source))
        if target is None:
            return self._written(prepared)
        aimed = self._placed(self.reader.target(target, self.start))
        return Prepared({**prepared.tensors, **aimed.tensors}, {**prepared.axes, **aimed.axes}, aimed.known)

    def trace(self, given: Any, values: bool = False, stop: Stop = None) -> Trace:
        """One input through the model. values: keep value vectors too; stop: raises Cancelled once it returns true.

        `stop` is asked before each layer, here, in `verify` and in `generate`; it may also be set by `asking`.
        """
        with asking(stop):
            return self.trace_tensors(self.prepare(given), values)

    def trace_tensors(self, prepared: Prepared, values: bool = False, stop: Stop = None) -> Trace:
        """As `trace`, for tensors that are ready."""
        if self.route == "recorded":
            done = run.recorded(self.capturing, prepared.tensors, values, stop)
        else:
            done = self._eager(prepared.tensors, stop)
        return self.compose(prepared, done)

    def compose(self, prepared: Prepared, done: run.Run) -> Trace:
        """The trace of a finished run."""
        record, notes = self._record(done)
        hidden = run.stacked(run.states(done.outputs, "decoder"))
        if hidden is None:
            raise ValueError(f"{self.card.title} gives no hidden states, so there is nothing to draw")
        source = run.stacked(run.states(done.outputs, "encoder"))
        output, remarks = answer(self.own, self.processors.tokenizer, done.outputs)
        axes = self._axes(prepared, hidden, source)
        labels = axes["decoder"] if self.paired else next(iter(axes.values()))
        known = prepared.known or (True,) * len(labels.tokens)
        return Trace(
            tokens=labels.tokens,
            known=known,
            output=output,
            hidden=hidden,
            attention=record,
            read_at=len(labels.tokens) - 1 if self.causal and output else None,
            notes=notes + remarks,
            axes=axes,
            encoder_hidden=source,
        )

    def verify(self, given: Any, stop: Stop = None) -> check.Agreement:
        """The largest difference between the recorded maps and the model's own eager maps, for this very input."""
        with asking(stop):
            return self._agreement(self.prepare(given).tensors)

    def generate(self, given: Any, settings: Settings = GREEDY, stop: Stop = None) -> Generated:
        """Text written token by token, with the next-token distribution of each step and the stitched attention."""
        with asking(stop):
            return generate(self, self._placed(self.reader.source(given)), settings)

    def seen(self, given: Any) -> Floats | None:
        """The picture [height, width, 3] in 0..1 or the spectrogram [bins, steps] as the model takes it in."""
        if self.takes == "text":
            return None
        tensor = next(iter(self.reader.source(given).tensors.values()))[0].float().cpu().numpy()
        return media.seen(tensor, self.processors.picture) if self.takes == "picture" else np.asarray(tensor)

    def _probe(self) -> check.Agreement:
        try:
            tensors = check.probe(self.own)
        except FAULTS as fault:
            raise ValueError(
                f"{self.card.title} ({self.own.config.model_type}) takes an input that this page cannot make, so its "
                f"attention cannot be checked and is not drawn: {_first_line(fault)}"
            ) from fault
        try:
            own = run.eager(self.own, tensors)
        except FAULTS as fault:
            raise ValueError(f"{self.card.title} does not run on a short probe: {_first_line(fault)}") from fault
        self.causal = check.looks_back_only(own)
        maps = eager.own_maps(own.outputs, self.causal)
        self.shapes = {kind: [tuple(one.shape[1:]) for one in of] for kind, of in maps.items()}
        self.calls = CallReader(self.capturing, self.causal)
        return self._agreement(tensors, own)

    def _eager(self, tensors: Mapping[str, Tensor], stop: Stop = None) -> run.Run:
        """The model's own run with all its maps at once, if memory has room for them."""
        room.check_maps(self.shapes, tensors, self.causal, self.own.device)
        return run.eager(self.own, tensors, stop)

    def _agreement(self, tensors: Mapping[str, Tensor], own: run.Run | None = None) -> check.Agreement:
        own = own or self._eager(tensors)
        try:
            captured = run.recorded(self.capturing, tensors)
            record = self.calls.record(captured.calls)
        except FAULTS as fault:
            reason = f"the recording run is not possible: {_first_line(fault)}"
            return check.Agreement(float("nan"), float("nan"), 0, reason)
        return check.compare(own, captured, record, self.causal)

    def _record(self, done: run.Run) -> tuple[AttentionRecord | None, tuple[str, ...]]:
        """The attention of a run, with a note where it is not the recorded kind."""
        if self.route == "recorded":
            record = self.calls.record(done.calls)
            return record, without_attention(dict(record.bare) if record else bare((), self.own.config))
        maps = eager.own_maps(done.outputs, self.causal)
        if not maps:
            return None, (f"No attention maps: {self.agreement.reason}.",)
        note = f"The model's own eager maps are shown, because {self.agreement.reason}."
        try:
            record = eager.own_record(maps, self.own.config, note)
            return record, (note, *without_attention(dict(record.bare)))
        except ValueError as fault:
            return None, (f"No attention maps: {fault}.",)

    def _axes(self, prepared: Prepared, hidden: Floats, source: Floats | None) -> dict[str, Axis]:
        """The prepared sides; one whose length the model changed is numbered instead."""
        lengths = {"decoder" if self.paired or self.causal else "encoder": hidden.shape[1]}
        if source is not None:
            lengths["encoder"] = source.shape[1]
        axes = {}
        for side, length in lengths.items():
            axis = prepared.axes.get(side)
            fits = axis is not None and len(axis.tokens) == length
            axes[side] = axis if axis is not None and fits else Axis(tuple(str(i) for i in range(length)))
        return axes

    def _placed(self, prepared: Prepared) -> Prepared:
        return replace(prepared, tensors={name: one.to(self.own.device) for name, one in prepared.tensors.items()})

    def _written(self, prepared: Prepared) -> Prepared:
        """The source with a target that the model writes itself, greedily."""
        made = generate(self, prepared, GREEDY)
        ids = made.ids[: max(1, len(made.ids) - 1)]
        tensors = {**prepared.tensors, "decoder_input_ids": torch.tensor([ids], device=self.own.device)}
        axis = tokens.of_ids(self.processors.tokenizer, ids)
        return Prepared(tensors, {**prepared.axes, "decoder": axis}, (True,) * len(ids))


def _first_line(fault: Exception) -> str:
    return (str(fault) or type(fault).__name__).splitlines()[0]
