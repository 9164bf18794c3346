"""A bundled picture model as the lenses and pages see it: pixels in, numbers out, never changed after loading."""

from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.cards import ModelCard
from models.trace import AttentionLayer, AttentionRecord, Axis, Trace
from models.zoo.pictures import PATCH, SIDE, PictureNetwork, PictureRun

Pixels = NDArray[np.float32]
CLASS_TOKEN = "[CLS]"
NO_HIDDEN = "The layers of this network differ in shape: `layers` gives them one by one."


class PictureModel:
    """Shared by every session and thread: holds no state of any run, gradients come from torch.autograd.grad."""

    takes = "pixels"

    def __init__(self, card: ModelCard, network: PictureNetwork, device: str) -> None:
        self.card = card
        self.network = network.to(device).eval().requires_grad_(False)
        self.device = device

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.card.settings["labels"])

    @property
    def axis(self) -> Axis | None:
        """What stands at each position of the attention maps: the class token, then patches row by row; else None."""
        return _patches() if hasattr(self.network, "blocks") else None

    def tensor(self, pixels: Pixels) -> Tensor:
        """Pixels [28, 28] or [n, 28, 28] in [0, 1], 0 the background, as [n, 1, 28, 28] on the model's device."""
        values = np.ascontiguousarray(pixels, dtype=np.float32)
        stack = values[None] if values.ndim == 2 else values
        if stack.ndim != 3 or stack.shape[1:] != (SIDE, SIDE):
            raise ValueError(f"pixels are [{SIDE}, {SIDE}] or [n, {SIDE}, {SIDE}], got {list(values.shape)}")
        if not np.isfinite(stack).all() or stack.min() < 0 or stack.max() > 1:
            raise ValueError(f"pixels must lie in 0..1, got {stack.min():g} to {stack.max():g}")
        return torch.from_numpy(stack)[:, None].to(self.device)

    def run(self, pictures: Tensor, look: bool = False) -> PictureRun:
        """Forward pass over [n, 1, 28, 28]."""
        found: PictureRun = self.network(pictures, look=look)
        return found

    @torch.no_grad()
    def probabilities(self, pixels: Pixels) -> NDArray[np.float64]:
        """[n, classes] for pixels [n, 28, 28], a few hundred pictures at a time."""
        parts = [self.run(part).logits.double().softmax(dim=1) for part in self.tensor(pixels).split(256)]
        return torch.cat(parts).cpu().numpy()

    @torch.no_grad()
    def layers(self, pixels: Pixels) -> dict[str, NDArray[np.float32]]:
        """name -> activations of one picture: a grid [C, h, w], tokens [T, D] or flat [D]."""
        return {name: _array(value[0]) for name, value in self.run(self.tensor(pixels)).layers.items()}

    @torch.no_grad()
    def trace(self, pixels: Pixels) -> Trace:
        """Pure: the same picture gives the same Trace. `hidden` is empty where layers differ in shape."""
        run = self.run(self.tensor(pixels), look=True)
        probability = run.logits[0].double().softmax(dim=-1).tolist()
        output = dict(zip(self.labels, probability, strict=True))
        axis = self.axis
        if axis is None:
            return Trace((), (), output, np.zeros((0, 0, 0), np.float32), notes=(NO_HIDDEN,))
        tokens = [_array(value[0]) for name, value in run.layers.items() if value.ndim == 3]
        return Trace(
            tokens=axis.tokens,
            known=(True,) * len(axis.tokens),
            output=output,
            hidden=np.stack(tokens),
            attention=_record(run.seen),
            read_at=0,
            axes={"encoder": axis},
        )

    @property
    def blank(self) -> Pixels:
        """A black picture of the size that the network takes."""
        return np.zeros((SIDE, SIDE), np.float32)

    @cached_property
    def grids(self) -> tuple[str, ...]:
        """Names of the layers that are grids [C, h, w]: those that Grad-CAM and feature maps can take."""
        blank = self.tensor(self.blank)
        with torch.no_grad():
            return tuple(name for name, value in self.run(blank).layers.items() if value.ndim == 4)


def _patches() -> Axis:
    side = SIDE // PATCH
    names = (CLASS_TOKEN, *(f"row {i + 1}, column {j + 1}" for i in range(side) for j in range(side)))
    return Axis(names, names, tuple(i == 0 for i in range(len(names))), grid=(side, side))


def _array(value: Tensor) -> NDArray[np.float32]:
    return np.asarray(value.detach().float().cpu().numpy())


def _record(seen: list[dict[str, Tensor]]) -> AttentionRecord:
    layers = []
    for index, layer in enumerate(seen):
        query, key = _array(layer["query"][0]), _array(layer["key"][0])
        layers.append(AttentionLayer("encoder", query, key, scale=query.shape[-1] ** -0.5, index=index))
    return AttentionRecord({"encoder": tuple(layers)})


def picture_model(facts: ModelCard, device: str, content: bytes | None) -> PictureModel:
    """The model of a card with the weights of `content`, or with its seed's random start where that is None."""
    from safetensors.torch import load as read_tensors

    from models.zoo.pictures import build_pictures

    network = build_pictures(facts.settings, seed=facts.settings["seed"] if content is None else None)
    if content is not None:
        network.load_state_dict(read_tensors(content))
    return PictureModel(facts, network, device)
