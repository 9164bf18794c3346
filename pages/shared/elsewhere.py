"""What a model selector offers beside the bundled models, in the words that stand in the address."""

from models import pretrained
from pages.shared.settings import limits

FOLDER, HUB = "a local folder", "a hub id"


def offered() -> list[str]:
    """Models that are stored here, ids that the profile lists, then the ways to name another one."""
    bound = limits()
    stored = [name for name in pretrained.offline() if name == pretrained.MINILM or bound.hub_models is None]
    return [*stored, *(f"hub:{name}" for name in bound.hub_models or ()), *ways()]


def ways() -> list[str]:
    """A folder and any id of the hub, where the profile permits them."""
    bound = limits()
    return [*([FOLDER] if bound.local_folders else []), *([HUB] if bound.hub_models is None else [])]
