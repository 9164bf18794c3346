"""Room for maps: what an eager run will take is known before it starts, and a full memory has a sentence."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor

from models.pretrained.weights import free_memory

BYTES = 4
SCRATCH = 3  # copies of its largest layer that an eager run makes on the way: scores, masked scores, softmax

Shapes = Mapping[str, list[tuple[int, int, int]]]


def needed(shapes: Shapes, lengths: Mapping[str, int]) -> int:
    """Bytes of all maps of an eager run at once, with scratch.

    shapes: kind -> (H, Tq, Tk) a layer, as a probe found them; lengths: tokens of a side, where the input sets them.
    """
    layers = []
    for kind, of in shapes.items():
        query, key = ("decoder", "encoder") if kind == "cross" else (kind, kind)
        layers += [BYTES * heads * lengths.get(query, rows) * lengths.get(key, columns) for heads, rows, columns in of]
    return sum(layers) + SCRATCH * max(layers, default=0)


def lengths(tensors: Mapping[str, Tensor], causal: bool) -> dict[str, int]:
    """Tokens of each side that is a text."""
    names = {"decoder": "input_ids"} if causal else {"encoder": "input_ids", "decoder": "decoder_input_ids"}
    return {side: int(tensors[name].shape[1]) for side, name in names.items() if name in tensors}


def check_maps(shapes: Shapes, tensors: Mapping[str, Tensor], causal: bool, device: torch.device) -> None:
    """ValueError where the model's own maps of this input do not fit into what is free."""
    wanted, free = needed(shapes, lengths(tensors, causal)), _free(device)
    if free is not None and wanted > free:
        raise ValueError(
            f"the model's own attention maps of this input need about {wanted / 1e9:.1f} GB, {free / 1e9:.1f} GB are "
            "free; shorten the input"
        )


@contextmanager
def within() -> Iterator[None]:
    """ValueError where memory runs out inside the block."""
    try:
        yield
    except RuntimeError as fault:
        if isinstance(fault, torch.OutOfMemoryError) or "can't allocate memory" in str(fault):
            raise ValueError("there is not enough memory for this input; shorten it") from fault
        raise


def _free(device: torch.device) -> int | None:
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return free_memory()
