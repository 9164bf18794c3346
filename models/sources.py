"""Where models come from: bundled weights here; folders, packages and the hub in models/pretrained."""

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from models.cards import PICTURE_TASKS, WEIGHTS, ModelCard, card, cards
from models.tokenizer import WordTokenizer

if TYPE_CHECKING:
    from models.pretrained import Limits
    from models.sequence import SequenceModel


def load(name: str, device: str = "auto", limits: "Limits | None" = None) -> "SequenceModel | Any":
    """A card's name, or any source that models.pretrained knows; weights are checked against the card's sha256.

    limits: what may be loaded from elsewhere and how long its inputs may be; None: those of a person's own machine.
    """
    if name in {known.name for known in cards()}:
        return bundled(card(name), pick_device(device))
    from models import pretrained

    return pretrained.load(name, pick_device(device), limits or pretrained.LOCAL)


def pick_device(device: str) -> str:
    """ "auto" takes a GPU where there is one."""
    import torch

    if device not in ("auto", "cpu", "cuda"):
        raise ValueError(f"device must be one of auto, cpu, cuda, got {device!r}")
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device cuda was asked for, but this machine has no usable GPU")
    found = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    if found == "cuda":
        full_precision()
    return found


def full_precision() -> None:
    """No TF32 in convolutions, recurrences and products: its 10 bits part a GPU's numbers from the CPU's."""
    import torch

    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False


@cache
def tokenizer(vocabulary_file: str) -> WordTokenizer:
    """The tokenizer that all models of one task share."""
    return WordTokenizer(json.loads((WEIGHTS / f"{vocabulary_file}.vocabulary.json").read_text(encoding="utf-8")))


def bundled(facts: ModelCard, device: str) -> "SequenceModel | Any":
    """A bundled model with its trained weights: a SequenceModel, or a PictureModel for the tasks of pictures."""
    from safetensors.torch import load as read_tensors

    from models.sequence import SequenceModel
    from models.zoo import build

    content = (WEIGHTS / f"{facts.name}.safetensors").read_bytes()
    if hashlib.sha256(content).hexdigest() != facts.sha256:
        raise ValueError(f"the weights of {facts.name} do not match their card: fetch the repository again")
    if facts.task in PICTURE_TASKS:
        from models.pictures import picture_model

        return picture_model(facts, device, content)
    network = build(facts.settings)
    network.load_state_dict(read_tensors(content))
    return SequenceModel(facts, network, tokenizer(facts.settings["vocabulary_file"]), device)


def untrained(name: str, device: str = "auto") -> "SequenceModel | Any":
    """The same network at its seed's random start.

    The sentiment models began to learn from there with MiniLM's word vectors put in; here these are random too.
    """
    from models.sequence import SequenceModel
    from models.zoo import build

    facts = card(name)
    if facts.task in PICTURE_TASKS:
        from models.pictures import picture_model

        return picture_model(facts, pick_device(device), None)
    network = build(facts.settings, seed=facts.settings["seed"])
    return SequenceModel(facts, network, tokenizer(facts.settings["vocabulary_file"]), pick_device(device))
