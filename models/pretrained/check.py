"""No list of families can replace this: each model's recording run is compared with its own eager run."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.pretrained import eager
from models.pretrained.run import Run, states
from models.trace import AttentionRecord

HIDDEN = 1e-4
MAPS = 1e-5
PROBE = 11
ANY_SIDE = 64  # pixels, for convolutions, which take any size


@dataclass(frozen=True)
class Agreement:
    """How far a recording run lies from the model's own eager run.

    hidden  max |difference| of hidden states, divided by the largest |value| of that layer where it exceeds 1
    maps    max |difference| of attention weights, over all heads of all layers
    heads   how many maps were compared
    reason  why the recording run is not trusted; empty when it is
    """

    hidden: float
    maps: float
    heads: int
    reason: str = ""

    @property
    def trusted(self) -> bool:
        return not self.reason


def probe(network: Any) -> dict[str, Tensor]:
    """A short seeded input that fits the model, of its own kind: ids, pixels, features or samples."""
    config = network.config
    if hasattr(config, "text_config") and hasattr(config, "vision_config"):
        raise ValueError("it reads text and pictures together")
    seeing = getattr(config, "encoder", config)  # of a model joined from an encoder and a decoder
    draw = torch.Generator().manual_seed(0)
    main = network.main_input_name
    if main == "input_ids":
        size: tuple[int, ...] = (1, PROBE)
    elif main == "pixel_values":
        wanted = getattr(seeing, "image_size", ANY_SIDE)
        side = wanted if isinstance(wanted, int) else wanted[0]
        size = (1, seeing.num_channels, side, side)
    elif main == "input_features":
        if not hasattr(config, "num_mel_bins"):
            raise ValueError("its features of sound are not those of Whisper")
        size = (1, config.num_mel_bins, 2 * config.max_source_positions)
    else:
        size = (1, 8_000)
    device = network.device
    if main == "input_ids":
        tensors = {main: torch.randint(3, _rows(network), size, generator=draw).to(device)}
    else:
        tensors = {main: torch.randn(size, generator=draw).to(device)}
    if config.is_encoder_decoder:
        start = getattr(config, "decoder_start_token_id", None) or 0
        ids = torch.randint(3, _rows(network), (1, PROBE - 4), generator=draw)
        tensors["decoder_input_ids"] = torch.cat([torch.tensor([[start]]), ids], dim=1).to(device)
    return tensors


def _rows(network: Any) -> int:
    return int(network.get_input_embeddings().weight.shape[0])


def looks_back_only(run: Run) -> bool:
    """Whether an eager run's own maps are zero above the diagonal."""
    maps = [one for one in run.outputs.get("attentions") or () if one is not None]
    square = [one for one in maps if one.shape[-1] == one.shape[-2] > 1]
    return bool(square) and all(not bool(one.triu(1).any()) for one in square)


def compare(own: Run, captured: Run, record: AttentionRecord | None, causal: bool) -> Agreement:
    """The recording run beside the eager one."""
    hidden = _hidden(own, captured)
    maps = eager.own_maps(own.outputs, causal)
    if record is None:
        return Agreement(hidden, float("nan"), 0, "no attention call passes the library's interface")
    if not maps:
        return Agreement(hidden, float("nan"), 0, "the model publishes no maps to compare with")
    counts = {kind: len(of) for kind, of in maps.items()}
    seen = {kind: len(record.of(kind)) for kind in record.kinds}
    if counts != seen:
        return Agreement(hidden, float("nan"), 0, f"{seen} attention calls were seen for {counts} published maps")
    worst, heads = _maps(maps, record)
    reason = ""
    if not hidden <= HIDDEN:
        reason = f"hidden states differ by {hidden:.1e} from the model's own eager run"
    elif not worst <= MAPS:
        reason = f"maps differ by {worst:.1e} from the model's own eager run"
    return Agreement(hidden, worst, heads, reason)


def _hidden(own: Run, captured: Run) -> float:
    worst = 0.0
    for side in ("encoder", "decoder"):
        for one, other in zip(states(own.outputs, side), states(captured.outputs, side), strict=True):
            size = max(1.0, float(one.abs().max()))
            worst = max(worst, float((one - other).abs().max()) / size)
    return worst


def _maps(maps: Any, record: AttentionRecord) -> tuple[float, int]:
    worst, heads = 0.0, 0
    for kind, of in maps.items():
        for layer, weights in zip(record.of(kind), of, strict=True):
            for head in range(layer.heads):
                rebuilt = layer.map(head)
                published = weights[0, head].float().cpu().numpy()
                if rebuilt.shape != published.shape:
                    return float("inf"), heads
                worst = max(worst, float(np.abs(rebuilt - published).max()))
                heads += 1
    return worst, heads
