"""The work behind "Where does it look?": one patch on two pictures, in a network with attention and in the CNN."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pages.reach.networks import TRAINED, names, network, picture
from pages.shared import loading


@dataclass(frozen=True)
class Seen:
    """The CNN's last unit at a place: root of its measured field on both pictures [2, 28, 28], the middle (row, column)
    and side of what it could see in pixels, and the total variation of |g| between the pictures."""

    fields: np.ndarray
    centre: tuple[float, float]
    side: int
    moved: float


@dataclass(frozen=True)
class Looks:
    """attention of one patch on two pictures [2, L, H, T], the class token first; of the untrained network on the first
    [L, H, T]; moved: total variation between the pictures [L, H]; cnn: None where none is bundled."""

    attention: np.ndarray
    untrained: np.ndarray
    moved: np.ndarray
    cnn: Seen | None


def look_at(
    report: Callable[..., None], name: str, how: str, pair: tuple[int, int], patch: tuple[int, int], device: str
) -> Looks:
    """The job: the patch (row, column) of 7 x 7 on test pictures `pair`."""
    from models.lens.mixing import total_variation

    loading.prepare()
    query = 1 + patch[0] * 7 + patch[1]
    both = np.stack([_maps(name, how == TRAINED[0], at, device)[:, :, query] for at in pair])
    report(0.4, "the CNN at the same place")
    untrained = _maps(name, False, pair[0], device)[:, :, query]
    return Looks(both, untrained, total_variation(both[0], both[1]), _seen(how, pair, patch, device))


@lru_cache(maxsize=32)
def _maps(name: str, trained: bool, at: int, device: str) -> np.ndarray:
    """Attention [L, H, T, T] of one picture."""
    from models.lens.receptive_field_network import attention_maps

    return attention_maps(network(name, trained, device), picture(at))


def _seen(how: str, pair: tuple[int, int], patch: tuple[int, int], device: str) -> Seen | None:
    from models.lens.mixing import total_variation
    from models.lens.receptive_field import effective
    from models.lens.receptive_field_read import layers_of
    from models.lens.receptive_field_theory import along

    if "cnn" not in names():
        return None
    name, trained = names()["cnn"], how == TRAINED[0]
    model = network(name, trained, device)
    layers = layers_of(model.network)
    last, field = list(layers)[-1], along(list(layers.values()))
    fields = np.stack([np.sqrt(effective(model, picture(at)[None, None], patch, last).map) for at in pair])
    moved = float(total_variation(fields[0].ravel(), fields[1].ravel()))
    return Seen(fields, (field.centre(patch[0]), field.centre(patch[1])), field.size, moved)
