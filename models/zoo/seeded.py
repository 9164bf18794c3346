"""Start weights from a seed of their own, whatever other threads draw meanwhile.

torch's layers draw their start from the process's one global generator, so a seed set there lasts only until another
thread draws too. Here every draw of the block is given a generator of its own. The numbers are those that
`torch.manual_seed(seed)` would give a program of one thread.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

DRAWING = {
    *(torch.rand, torch.randn, torch.randint, torch.randperm, torch.normal, torch.bernoulli),
    *(Tensor.uniform_, Tensor.normal_, Tensor.random_, Tensor.bernoulli_, Tensor.exponential_),
}


class Seeded(TorchFunctionMode):
    """A context for this thread alone: draws that name no generator use one that starts at `seed`; None: at any."""

    def __init__(self, seed: int | None) -> None:
        super().__init__()
        self.generator = torch.Generator()
        if seed is not None:
            self.generator.manual_seed(seed)

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        given = dict(kwargs or {})
        if func in DRAWING or "generator" in given:  # torch.nn.init hands generator=None on
            given["generator"] = given.get("generator") or self.generator
        return func(*args, **given)
