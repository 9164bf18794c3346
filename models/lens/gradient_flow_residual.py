"""Where the residual path and the MLP of a loaded model part, in the layouts of BERT, GPT-2 and Llama.

    norms inside (GPT-2, Llama)   s = h + attention(norm h),   m = s,        t = m + mlp(norm m),   out = t
    norms outside (BERT)          s = h + attention(h),        m = norm s,   t = m + mlp(m),        out = norm t

    d loss / d s = J_m^T g + J_m^T J_mlp^T g,     g = d loss / d t,     J_m = d m / d s (the identity inside)

The first term came back along the residual path, the second through the MLP.
"""

import copy
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

CLOSE = 1e-3  # relative: a layer whose parts miss the whole by more is of another layout
Stage = dict[str, Any]  # what one layer passed on: s, m, the MLP's output, t


@dataclass(frozen=True)
class Layout:
    """Where a layer keeps its parts: `norm` takes s, `mlp` gives the MLP's output, `end` takes t ("": the layer's own
    output is t); `marks` are the parts by which it is known, `outside` whether m is what the norm gives."""

    marks: tuple[str, ...]
    norm: str
    mlp: str
    end: str = ""
    outside: bool = False


LAYOUTS = (
    Layout(("attn", "ln_1"), "ln_2", "mlp"),
    Layout(("self_attn", "input_layernorm"), "post_attention_layernorm", "mlp"),
    Layout(("attention.self", "intermediate"), "attention.output.LayerNorm", "output.dense", "output.LayerNorm", True),
)


def watched(network: Any) -> tuple[Any, list[Stage]] | None:
    """A second network over the same weights whose layers keep their parts in stages; None for any other layout.

    The shared network gets no hook: only the twin does, and it is thrown away with its stages.
    """
    shared = {id(one): one for one in itertools.chain(network.parameters(), network.buffers())}
    twin = copy.deepcopy(network, shared)
    for layers in (one for one in twin.modules() if type(one).__name__ == "ModuleList"):
        layout = next((known for known in LAYOUTS if len(layers) and all(_has(layer, known) for layer in layers)), None)
        if layout is not None:
            return twin, [_watch(layer, layout) for layer in layers]
    return None


def parts(stage: Stage, loss: "Tensor", whole: "Tensor", heads: Sequence["Tensor"]) -> tuple["Tensor", "Tensor"] | None:
    """What came back to the layer's input along the residual path and through the MLP, like `whole`.

    None where the layer's sums do not hold: then it has the parts of a layout, and another wiring.
    """
    import torch

    first, middle, given, end = (stage[name] for name in ("first", "middle", "mlp", "end"))
    if not all(torch.is_tensor(one) for one in (first, middle, given, end)) or not _close(end, middle + given):
        return None
    back, at_first = torch.autograd.grad(loss, [given, first], retain_graph=True)
    around = back if middle is first else torch.autograd.grad(middle, first, back, retain_graph=True)[0]
    return (around, at_first - around) if _close(whole, at_first + sum(heads)) else None


def _has(layer: Any, layout: Layout) -> bool:
    names = {name for name, _ in layer.named_modules()}
    wanted = {*layout.marks, layout.norm, layout.mlp, layout.end}
    return wanted <= names and "pre_feedforward_layernorm" not in names  # Gemma 2 and 3: norms on both sides


def _watch(layer: Any, layout: Layout) -> Stage:
    """Hooks that keep the parts of one layer."""
    stage: Stage = {}
    norm, end = layer.get_submodule(layout.norm), layer.get_submodule(layout.end)
    norm.register_forward_pre_hook(lambda _, given: stage.update(first=given[0]))
    norm.register_forward_hook(lambda _, given, out: stage.update(middle=out if layout.outside else given[0]))
    layer.get_submodule(layout.mlp).register_forward_hook(_keep(stage, "mlp"))
    if layout.end:
        end.register_forward_pre_hook(lambda _, given: stage.update(end=given[0]))
    else:
        end.register_forward_hook(_keep(stage, "end"))
    return stage


def _keep(stage: Stage, name: str) -> Callable[[Any, Any, Any], None]:
    """A forward hook that keeps the output, the first of several."""

    def hook(_: Any, __: Any, out: Any) -> None:
        stage[name] = out[0] if isinstance(out, tuple) else out

    return hook


def _close(one: "Tensor", other: "Tensor") -> bool:
    first, second = one.detach().double(), other.detach().double()
    return float((first - second).norm()) <= CLOSE * float(first.norm())
