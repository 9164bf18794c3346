"""The public surface: cards of the bundled models, `load`, and the Trace a run leaves. Importable without torch."""

from typing import TYPE_CHECKING, Any

from models.cards import ModelCard, cards
from models.trace import Trace

if TYPE_CHECKING:
    from models.pretrained import Limits
    from models.sequence import SequenceModel

__all__ = ["ModelCard", "Trace", "cards", "load"]


def load(name: str, device: str = "auto", limits: "Limits | None" = None) -> "SequenceModel | Any":
    """A card's name, a local folder, or "hub:owner/name[@revision]" -> a model with `trace(input)`.

    limits: what may come from elsewhere (`models.pretrained.Limits`); None: as on a person's own machine.
    """
    from models.sources import load as from_source

    return from_source(name, device, limits)
