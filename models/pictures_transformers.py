"""The bundled Vision Transformers and hybrids as the transformers library's ViT: for the attention page, and a check.

A hybrid is that ViT above other first layers: its stem of convolutions stands where the library maps patches.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from models.pictures import PictureModel
from models.pictures_fit import fitted
from models.zoo.pictures import HEADS, PATCH, SIDE, WIDTH, Attending, Hybrid

PLAIN = {  # ours -> theirs, outside the blocks
    "first": "vit.embeddings.cls_token",
    "places": "vit.embeddings.position_embeddings",
    "patches": "vit.embeddings.patch_embeddings.projection",
    "stem": "vit.embeddings.patch_embeddings.projection",
    "norm": "vit.layernorm",
    "head": "classifier",
}
BLOCK = {
    "mix.out": "attention.o_proj",
    "before_mix": "layernorm_before",
    "before_feed": "layernorm_after",
    "feed.0": "mlp.fc1",
    "feed.2": "mlp.fc2",
}


class Stem(nn.Sequential):
    """A hybrid's convolutions where the library has one; it asks them for the type of their numbers."""

    @property
    def weight(self) -> Tensor:
        """The first convolution's."""
        found: Tensor = next(self.parameters())
        return found


def as_transformers(network: Attending) -> Any:
    """A `ViTForImageClassification` with the same weights: it takes NORMALISED pixels and gives equal logits."""
    import transformers

    config = transformers.ViTConfig(
        hidden_size=WIDTH,
        num_hidden_layers=len(network.blocks),
        num_attention_heads=HEADS,
        intermediate_size=network.blocks[0].feed[0].out_features,
        layer_norm_eps=network.norm.eps,
        image_size=SIDE,
        patch_size=PATCH,
        num_channels=1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        num_labels=network.head.out_features,
        attn_implementation="eager",
    )
    found = transformers.ViTForImageClassification(config).eval()
    if isinstance(network, Hybrid):
        found.vit.embeddings.patch_embeddings.projection = Stem(*deepcopy(network.stem)).eval()
    found.load_state_dict(renamed(network.state_dict()))
    return found.requires_grad_(False)


def renamed(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Our weights under the library's names; the joint projection is cut into queries, keys and values."""
    found: dict[str, Tensor] = {}
    for name, value in state.items():
        if name.startswith("blocks."):
            _, layer, rest = name.split(".", 2)
            found |= _block(f"vit.layers.{layer}", rest, value)
        elif name not in ("mean", "deviation"):
            part, dot, kind = name.partition(".")
            found[PLAIN[part] + dot + kind] = value
    return found


def _block(prefix: str, name: str, value: Tensor) -> dict[str, Tensor]:
    part, _, kind = name.rpartition(".")
    if part == "mix.project":
        cut = zip("qkv", value.chunk(3), strict=True)
        return {f"{prefix}.attention.{letter}_proj.{kind}": third for letter, third in cut}
    return {f"{prefix}.{BLOCK[part]}.{kind}": value}


class Shrink:
    """Any picture as the normalised 28 x 28 pixels that the network reads: the library's kind of processor."""

    do_normalize = True

    def __init__(self, task: str, mean: float, deviation: float) -> None:
        self.task, self.image_mean, self.image_std = task, [mean], [deviation]

    def __call__(self, images: Any, return_tensors: str = "pt") -> dict[str, Tensor]:
        pixels = torch.from_numpy(fitted(images, self.task).pixels)
        return {"pixel_values": ((pixels - self.image_mean[0]) / self.image_std[0])[None, None]}


def as_pretrained(model: PictureModel, limits: Any = None) -> Any:
    """The `PretrainedModel` of a bundled ViT or hybrid: everything made for pretrained transformers takes it."""
    from models.pretrained.inputs import Processors
    from models.pretrained.limits import LOCAL
    from models.pretrained.model import PretrainedModel

    if not isinstance(model.network, Attending):
        raise ValueError(f"only a bundled Vision Transformer or hybrid has attention, got {model.card.name}")
    network = as_transformers(model.network)
    network.config.id2label = dict(enumerate(model.labels))
    network.config.label2id = {label: at for at, label in enumerate(model.labels)}
    facts = model.card.settings
    processor = Shrink(model.card.task, facts["mean"], facts["deviation"])
    return PretrainedModel(network.to(model.device), model.card, Processors(picture=processor), limits or LOCAL)
