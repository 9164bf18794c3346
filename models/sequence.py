"""A bundled sequence model as the lenses and pages see it: text in, Trace out, never changed after loading."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from models.cards import ModelCard
from models.tokenizer import Tokens, WordTokenizer
from models.trace import AttentionLayer, AttentionRecord, Trace
from models.zoo import Network, Run


class SequenceModel:
    """Shared by every session and thread: holds no state of any run, gradients come from torch.autograd.grad."""

    def __init__(self, card: ModelCard, network: Network, tokenizer: WordTokenizer, device: str) -> None:
        self.card = card
        self.network = network.to(device).eval().requires_grad_(False)
        self.tokenizer = tokenizer
        self.device = device
        self.vocabulary = len(tokenizer.words)
        for module in self.network.modules():
            if isinstance(module, torch.nn.RNNBase):
                module.train()  # cuDNN refuses a backward pass in evaluation mode; there is no dropout inside

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.card.settings["labels"])

    @property
    def limit(self) -> int | None:
        """The most tokens that the network takes, None for any number."""
        return self.network.limit

    def encode(self, text: str) -> Tokens:
        """Cut a text into tokens; ValueError where there is nothing to read or too much for this network."""
        tokens = self.tokenizer(text)
        if not tokens:
            raise ValueError("the text has no words: type at least one")
        if self.limit is not None and len(tokens) > self.limit:
            raise ValueError(f"this network takes at most {self.limit} tokens, the text has {len(tokens)}")
        return tokens

    def ids(self, text: str) -> Tensor:
        """Token ids [1, T] on the model's device."""
        return torch.tensor([self.encode(text).ids], device=self.device)

    def embed(self, ids: Tensor) -> Tensor:
        """Word embeddings [B, T, D] of ids [B, T], before positions are added."""
        return self.network.embedding(ids)

    def run(self, embedded: Tensor, look: bool = False) -> Run:
        """Forward pass over embeddings [B, T, D] of equal length."""
        return self.network(embedded, look=look)

    @torch.no_grad()
    def trace(self, text: str, places: Sequence[int] | None = None, coded: bool = True) -> Trace:
        """Pure: the same text gives the same Trace, from any thread.

        places: whose position code each token gets, instead of 0 .. T - 1; coded False: no token gets one.
        """
        tokens = self.encode(text)
        moved = None if places is None else torch.tensor(places, device=self.device)
        run = self.network(self.embed(self.ids(text)), look=True, places=moved, coded=coded)
        probability = run.logits[0].double().softmax(dim=-1).tolist()
        return Trace(
            tokens=tokens.strings,
            known=tokens.known,
            output=dict(zip(self.labels, probability, strict=True)),
            hidden=_array(torch.stack(run.hidden)[:, 0]),
            attention=_attention(run.seen),
            gates=_gates(run.seen),
            read_at=len(tokens) - 1 if self.network.readout == "last" else None,
        )


def _array(value: Tensor) -> np.ndarray:
    return value.detach().float().cpu().numpy()


def _attention(seen: list[dict[str, Tensor]]) -> AttentionRecord | None:
    layers = []
    for index, layer in enumerate(seen):
        if "query" in layer:
            query, key = _array(layer["query"][0]), _array(layer["key"][0])
            extra = {name: layer[name][0].cpu().numpy() for name in ("bias", "allowed", "value") if name in layer}
            layers.append(AttentionLayer("encoder", query, key, scale=query.shape[-1] ** -0.5, index=index, **extra))
    return AttentionRecord({"encoder": tuple(layers)}) if layers else None


def _gates(seen: list[dict[str, Tensor]]) -> dict[str, np.ndarray] | None:
    names = [name for name in seen[0] if name not in ("query", "key", "value", "bias", "allowed")]
    return {name: _array(torch.stack([layer[name][0] for layer in seen])) for name in names} or None
