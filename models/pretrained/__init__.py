"""Pretrained transformers from elsewhere: loaded with care, run once, their attention recorded exactly.

capture    the attention function that keeps queries and keys       record    calls -> AttentionRecord
eager      the model's own maps                                     check     the two compared, before trust
reach      what each layer sees, by the configuration
places, hub, weights    where a model lies, what its files hold     loading   from there to a model
inputs, tokens          text, pictures, sound as tensors            answer    what the model says
wishes, sampling, stitch, generate    text written token by token   model     all of it in one object
stopping                whether what runs is still wanted      room     whether its maps fit into memory

Importable without torch: everything heavy is imported inside the functions.
"""

from typing import TYPE_CHECKING

from models.pretrained.limits import HOSTED, LOCAL, Limits
from models.pretrained.places import MINILM, offline

if TYPE_CHECKING:
    from models.pretrained.model import PretrainedModel

__all__ = ["HOSTED", "LOCAL", "MINILM", "Limits", "load", "offline"]


def load(name: str, device: str = "auto", limits: Limits = LOCAL) -> "PretrainedModel":
    """A model by "minilm", a local folder or "hub:owner/name[@revision]"; ValueError says what is wrong."""
    from models.pretrained.loading import load as read

    return read(name, device, limits)
