"""The ways back through an attention layer: around it, through each head, through the MLP.

For a layer  m = h + attention(h),  out = m + mlp(m)  (norms inside both), the gradient that arrives is an exact sum

    d loss / d h = g  +  J_mlp^T g  +  sum over heads J_head^T (g + J_mlp^T g),     g = d loss / d out

so every part has a norm, and a share <part, whole> / ||whole||^2; shares sum to 1 and may be negative. Of a loaded
model the MLP is told from the residual path where its layers are built as in BERT, GPT-2 or Llama (see
gradient_flow_residual); in any other both are "around the heads".
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ways:
    """Norms by layer with attention, float64; NaN where a part cannot be told apart.

    layers [L] depths from 1;  whole, around, mlp, attention [L];  heads [L, H], key groups where heads share keys;
    scores [L, H] the gradient that arrives at a head's queries and keys, values [L, H] at its values;
    shares: part -> [L].
    """

    layers: tuple[int, ...]
    whole: Floats
    around: Floats
    mlp: Floats
    attention: Floats
    heads: Floats
    scores: Floats
    values: Floats
    shares: dict[str, Floats]


def ways(model: Any, text: str, target: int | None = None, divided: bool = True) -> Ways:
    """Of any transformer. loss = cross-entropy against class `target` (None: the model's own answer), float64 logits.

    divided False leaves out the division of scores by sqrt(d) in every layer, not what training without it would have
    given; of a loaded model whatever factor its scores have, and its positions' bias is kept.
    """
    return (_bundled if hasattr(model, "network") else _loaded)(model, text, target, divided)


def loss_of(logits: "Tensor", hidden: "Tensor", target: int | None) -> "Tensor":
    """Cross-entropy against a class, or the model's own answer; without classes || mean of the last states ||^2 / 2."""
    import torch

    if not logits.shape[-1]:
        return 0.5 * hidden.double().mean(dim=1).square().sum()
    if target is not None and not 0 <= target < logits.shape[-1]:
        raise ValueError(f"class must lie in 0..{logits.shape[-1] - 1}, got {target}")
    wanted = logits.detach().argmax(dim=-1) if target is None else torch.tensor([target], device=logits.device)
    return torch.nn.functional.cross_entropy(logits.double(), wanted)


def _bundled(model: Any, text: str, target: int | None, divided: bool) -> Ways:
    import torch

    from models.zoo.transformer import SelfAttention

    network = model.network
    x = model.embed(model.ids(text)).detach().requires_grad_()
    h = x if network.positions is None else network.positions(x)
    stages: list[dict[str, Any]] = []
    for depth, block in enumerate(network.blocks, 1):
        stage: dict[str, Any] = {"h": h, "depth": depth}
        entering = block.before_mix(h)
        if isinstance(block.mix, SelfAttention):
            mixed = _heads(block.mix, entering, divided, stage)
        else:
            mixed = block.mix(entering, None)
        middle = h + mixed
        h = middle + block.feed(block.before_feed(middle))
        stages.append({**stage, "middle": middle, "out": h})
    last = network.norm(h)
    loss = loss_of(network.head(network.read(last, None)), last, target)
    kept = [stage for stage in stages if "heads" in stage]
    if not kept:
        raise ValueError(f"{model.card.title} has no attention layer")
    found = []
    for stage in kept:
        tops = [stage["out"], stage["middle"], stage["h"], stage["heads"]]
        tops += [stage["query"], stage["key"], stage["value"]]
        g, at_middle, whole, at_heads, *inner = torch.autograd.grad(loss, tops, retain_graph=True)
        parts = _each(stage["heads"], at_heads, stage["h"])
        found.append((stage["depth"], whole, g, at_middle - g, parts, inner))
    return _norms(found)


def _heads(mix: Any, x: "Tensor", divided: bool, stage: dict[str, Any]) -> "Tensor":
    """The attention of one block from its parts; what each head reads stands in `stage`, [B, H, T, d]."""
    query, key, value = mix.split(x)
    scores = query @ key.transpose(-1, -2) * (query.shape[-1] ** -0.5 if divided else 1.0)
    heads = scores.softmax(dim=-1) @ value
    stage.update(query=query, key=key, value=value, heads=heads)
    return mix.out(heads.transpose(1, 2).flatten(2))


def _each(outputs: "Tensor", slope: "Tensor", start: "Tensor") -> list["Tensor"]:
    """What comes back to `start` through each head alone; outputs and slope are [B, H, T, d]."""
    import torch

    found = []
    for head in range(outputs.shape[1]):
        alone = torch.zeros_like(slope)
        alone[:, head] = slope[:, head]
        found.append(torch.autograd.grad(outputs, start, alone, retain_graph=True)[0])
    return found


def _loaded(model: Any, text: str, target: int | None, divided: bool) -> Ways:
    import torch

    from models.lens.gradient_flow_residual import parts as parted
    from models.lens.gradient_flow_residual import watched
    from models.pretrained.capture import recording

    if model.route != "recorded":
        raise ValueError(f"{model.card.title} does not let its queries and keys be recorded: {model.agreement.reason}")
    embedded = model.embed(model.ids(text)).detach().requires_grad_()
    network, stages = watched(model.capturing) or (model.capturing, [])
    with recording(values=True, scale=None if divided else 1.0) as recorder:
        run = model.run(embedded, network=network)
    hidden, calls = run.hidden, recorder.calls
    if len(calls) != len(hidden) - 1:
        raise ValueError(f"{model.card.title} has {len(calls)} attention calls in {len(hidden) - 1} layers")
    loss = loss_of(run.logits, hidden[-1], target)
    found, apart = [], []
    for depth, call in enumerate(calls, 1):
        inputs = [call.query, call.key, call.value]
        whole, *slopes = torch.autograd.grad(loss, [hidden[depth - 1], *inputs], retain_graph=True)
        back = [_group(inputs, slopes, group, hidden[depth - 1]) for group in range(call.key.shape[1])]
        found.append((depth, whole, whole - sum(back), None, back, slopes))
        apart.append(parted(stages[depth - 1], loss, whole, back) if len(stages) == len(calls) else None)
    known = [pair for pair in apart if pair is not None]
    if len(known) == len(found):
        found = [(*one[:2], *pair, *one[4:]) for one, pair in zip(found, known, strict=True)]
    return _norms(found)


def _group(parts: list["Tensor"], slopes: list["Tensor"], group: int, start: "Tensor") -> "Tensor":
    """What comes back through one key group: its queries, keys and values."""
    import torch

    alone = [torch.zeros_like(slope) for slope in slopes]
    for one, slope in zip(alone, slopes, strict=True):
        size = slope.shape[1] // slopes[1].shape[1]
        one[:, group * size : (group + 1) * size] = slope[:, group * size : (group + 1) * size]
    return torch.autograd.grad(parts, start, alone, retain_graph=True)[0]


def _norms(found: list) -> Ways:
    """Tensors of each layer as norms and shares."""

    def norm(x: Any) -> float:
        return float(x.double().norm()) if x is not None else float("nan")

    def share(part: Any, whole: Any) -> float:
        size = float(whole.double().square().sum())
        return float((part.double() * whole.double()).sum()) / size if part is not None and size else float("nan")

    lines: dict[str, list] = {name: [] for name in ("whole", "around", "mlp", "attention", "heads", "scores", "values")}
    shares: dict[str, list[float]] = {"around": [], "mlp": [], "attention": []}
    for _, whole, around, mlp, heads, (query, key, value) in found:
        attention = sum(heads)
        named = {"around": around, "mlp": mlp, "attention": attention}
        for name, part in {"whole": whole, **named}.items():
            lines[name].append(norm(part))
        for name, part in named.items():
            shares[name].append(share(part, whole))
        lines["heads"].append([norm(one) for one in heads])
        groups = [_by_group(one, key.shape[1]) for one in (query, key, value)]
        lines["scores"].append(np.sqrt(groups[0] ** 2 + groups[1] ** 2))
        lines["values"].append(groups[2])
    return Ways(
        layers=tuple(depth for depth, *_ in found),
        shares={name: np.array(values) for name, values in shares.items()},
        **{name: np.array(values, dtype=np.float64) for name, values in lines.items()},
    )


def _by_group(slope: "Tensor", groups: int) -> Floats:
    """Norms [groups] of a gradient [B, H, T, d], heads of one key group together."""
    split = slope.double().unflatten(1, (groups, -1))
    return split.square().sum(dim=(0, 2, 3, 4)).sqrt().cpu().numpy()
