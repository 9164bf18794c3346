"""One forward pass, by the recording route or by the model's own eager attention."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.pretrained.capture import Call, recording
from models.pretrained.record import numpy
from models.pretrained.room import within
from models.pretrained.stopping import Stop, ask, asking
from models.trace import Floats


@dataclass(frozen=True)
class Run:
    """Outputs of the library, and the attention calls that were seen on the way."""

    outputs: Any
    calls: tuple[Call, ...] = ()


def recorded(
    network: Any, tensors: Mapping[str, Tensor], values: bool = False, stop: Stop = None, hidden: bool = True
) -> Run:
    """Run with the recording attention function; without `hidden` no hidden states are kept beside the maps.

    stop: asked before the run and before each of its layers, as in `eager`.
    """
    with asking(stop), within(), torch.inference_mode(), recording(values) as recorder:
        ask()
        outputs = network(**tensors, output_hidden_states=hidden)
    return Run(outputs, tuple(recorder.calls))


def eager(network: Any, tensors: Mapping[str, Tensor], stop: Stop = None) -> Run:
    """Run with the model's own attention, maps asked for."""
    with asking(stop), within(), torch.inference_mode():
        ask()
        outputs = network(**tensors, output_hidden_states=True, output_attentions=True)
    return Run(outputs)


def states(outputs: Any, side: str) -> list[Tensor]:
    """Hidden states [1, T, D] of the "encoder", or of the side that answers ("decoder")."""
    names = ("encoder_hidden_states",) if side == "encoder" else ("decoder_hidden_states", "hidden_states")
    found = next((outputs[name] for name in names if outputs.get(name)), ())
    return [state for state in found if state is not None]


def stacked(of: list[Tensor]) -> Floats | None:
    """[L + 1, T, D]; where stages differ in shape, the last one alone; None without states."""
    if not of:
        return None
    alike = [state for state in of if state.shape == of[-1].shape]
    kept = of if len(alike) == len(of) else of[-1:]
    return np.stack([_rows(state[0]) for state in kept])


def _rows(state: Tensor) -> Floats:
    """[T, D]; a grid of convolutions [C, h, w] gives one row a place."""
    if state.dim() == 3:
        state = state.flatten(1).T
    return numpy(state).reshape(-1, state.shape[-1])
