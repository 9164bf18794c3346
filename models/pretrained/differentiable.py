"""What the other lenses ask of a model: ids, embeddings, and a run over embeddings that gradients pass through."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from models.pretrained import run
from models.pretrained.inputs import Prepared, Reader
from models.zoo import Run


class Differentiable:
    """For models that read one text. Parameters need no gradient, and nothing is stored on the model."""

    own: Any
    capturing: Any
    reader: Reader
    route: str

    @property
    def vocabulary(self) -> int:
        """Number of word embeddings."""
        return int(self.own.get_input_embeddings().weight.shape[0])

    def ids(self, text: Any) -> Tensor:
        """Token ids [1, T] on the model's device."""
        if self.own.config.is_encoder_decoder or self.reader.takes != "text":
            raise ValueError("influence and gradients are computed for models that read one text")
        ids: Tensor = self.reader.source(text).tensors["input_ids"].to(self.own.device)
        return ids

    def embed(self, ids: Tensor) -> Tensor:
        """Word embeddings [B, T, D] of ids [B, T], before positions are added."""
        embedded: Tensor = self.own.get_input_embeddings()(ids)
        return embedded

    def run(self, embedded: Tensor, look: bool = False, network: Any = None) -> Run:
        """Forward pass over embeddings [B, T, D]; logits [B, classes], for a language model those of the last place.

        network: another one over the same weights, in place of the model's own.
        """
        if network is None:
            network = self.capturing if self.route == "recorded" else self.own
        outputs = network(inputs_embeds=embedded, output_hidden_states=True)
        logits = outputs.get("logits")
        if logits is None:
            logits = embedded.new_zeros((len(embedded), 0))
        return Run(run.states(outputs, "decoder"), logits[:, -1] if logits.dim() == 3 else logits)

    def shuffled(self, prepared: Prepared, seed: int) -> Prepared:
        """The same tokens in another order, special ones in place: what stays of a head's pattern is position.

        With a decoder the source's tokens are shuffled and the target keeps its order.
        """
        if "input_ids" not in prepared.tensors:
            raise ValueError("only tokens of a text can be put into another order")
        side, axis = next(iter(prepared.axes.items()))
        ids = prepared.tensors["input_ids"]
        free = [at for at, mark in enumerate(axis.special) if not mark]
        draw = torch.randperm(len(free), generator=torch.Generator().manual_seed(seed)).tolist()
        order = list(range(ids.shape[1]))
        for at, other in zip(free, draw, strict=True):
            order[at] = free[other]
        mixed = ids[:, torch.tensor(order, device=ids.device)]
        words, pieces = (tuple(of[at] for at in order) for of in (axis.tokens, axis.pieces))
        tensors: Mapping[str, Tensor] = {**prepared.tensors, "input_ids": mixed}
        return Prepared(tensors, {**prepared.axes, side: replace(axis, tokens=words, pieces=pieces)}, prepared.known)
