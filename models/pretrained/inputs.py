"""One input of the user as tensors: a text, a pair, a picture, a recording, or a source with its target."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.pretrained import tokens
from models.pretrained.limits import Limits
from models.trace import Axis


@dataclass(frozen=True)
class Processors:
    """What turns an input into numbers; None where the model's folder does not bring it."""

    tokenizer: Any = None
    picture: Any = None
    sound: Any = None


@dataclass(frozen=True)
class Prepared:
    """Tensors for the model's forward, and what stands at each position of each side."""

    tensors: Mapping[str, Tensor]
    axes: Mapping[str, Axis] = field(default_factory=dict)
    known: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Recording:
    """Sound as samples [n] in -1..1 and their rate in Hz."""

    samples: NDArray[np.float32]
    rate: int = 16_000


class Reader:
    """Prepares inputs for one model."""

    def __init__(self, config: Any, main: str, side: str, processors: Processors, limits: Limits) -> None:
        self.config, self.main, self.side = config, main, side
        self.processors, self.limits = processors, limits

    @property
    def takes(self) -> str:
        """ "text", "picture" or "sound"."""
        return {"input_ids": "text", "pixel_values": "picture"}.get(self.main, "sound")

    @property
    def seconds(self) -> float:
        """The longest recording: what the profile permits, and what the model's own chunk holds."""
        return min(self.limits.seconds, float(getattr(self.processors.sound, "chunk_length", None) or np.inf))

    def source(self, given: Any) -> Prepared:
        """The model's own input, without a target."""
        if self.takes == "text":
            return self._text(given)
        if self.takes == "picture":
            return self._picture(given)
        return self._sound(given)

    def target(self, text: str, start: int) -> Prepared:
        """What the decoder reads to predict `text`: the start mark, then the text without its last mark."""
        tokenizer = self._tokenizer()
        encoding = self._encode(tokenizer(text_target=text, **self._wishes(tokenizer)))
        axis = tokens.read(tokenizer, encoding, [text])
        ids = list(encoding["input_ids"])
        known = tokens.known(tokenizer, encoding)
        if not ids or ids[0] != start:
            ids = [start, *ids]
            mark = str(tokenizer.convert_ids_to_tokens(start))
            axis = Axis((mark, *axis.tokens), (mark, *axis.pieces), (True, *axis.special))
            known = (True, *known)
        if len(ids) > 1 and ids[-1] == tokenizer.eos_token_id:
            ids, known = ids[:-1], known[:-1]
            axis = Axis(axis.tokens[:-1], axis.pieces[:-1], axis.special[:-1])
        self._check_length(len(ids))
        return Prepared({"decoder_input_ids": torch.tensor([ids])}, {"decoder": axis}, known)

    def _text(self, given: Any) -> Prepared:
        texts = [given] if isinstance(given, str) else list(given) if isinstance(given, tuple) else []
        if not 1 <= len(texts) <= 2 or not all(isinstance(text, str) for text in texts):
            raise ValueError(f"this model reads a text or a pair of texts, got {type(given).__name__}")
        if not any(text.strip() for text in texts):
            raise ValueError("the text is empty; write at least one word")
        tokenizer = self._tokenizer()
        encoding = self._encode(tokenizer(*texts, **self._wishes(tokenizer)))
        self._check_length(len(encoding["input_ids"]))
        axis = tokens.read(tokenizer, encoding, texts)
        names = ("input_ids", "token_type_ids")
        tensors = {name: torch.tensor([list(encoding[name])]) for name in names if name in encoding}
        return Prepared(tensors, {self.side: axis}, tokens.known(tokenizer, encoding))

    def _tokenizer(self) -> Any:
        if self.processors.tokenizer is None:
            raise ValueError("this model's folder brings no tokenizer, so it cannot read text")
        return self.processors.tokenizer

    @staticmethod
    def _wishes(tokenizer: Any) -> dict[str, Any]:
        fast = bool(tokenizer.is_fast)
        return {"return_offsets_mapping": fast, "return_special_tokens_mask": True, "verbose": False}

    @staticmethod
    def _encode(encoding: Any) -> Any:
        if not len(encoding["input_ids"]):
            raise ValueError("no token is left of this text; write at least one word")
        return encoding

    def _check_length(self, length: int) -> None:
        own = tokens.limit(self.config, self.processors.tokenizer)
        if own is not None and length > own:
            raise ValueError(f"this model takes at most {own:,} tokens, got {length:,}; shorten the text")
        if length > self.limits.tokens:
            raise ValueError(f"this page takes at most {self.limits.tokens:,} tokens, got {length:,}; shorten the text")

    def _picture(self, given: Any) -> Prepared:
        if self.processors.picture is None:
            raise ValueError("this model's folder brings no picture processor, so it cannot read pictures")
        if isinstance(given, np.ndarray) and (given.ndim != 3 or given.shape[2] != 3):
            raise ValueError(f"a picture is an array [height, width, 3], got {list(given.shape)}")
        if isinstance(given, str | tuple | Recording) or not hasattr(given, "size"):
            raise ValueError(f"this model reads a picture, got {type(given).__name__}")
        size = given.shape[:2] if isinstance(given, np.ndarray) else given.size
        if size[0] * size[1] > self.limits.pixels:
            most = self.limits.pixels / 1e6
            raise ValueError(f"a picture may have {most:.0f} megapixels, got {size[0] * size[1] / 1e6:.1f}")
        image = given if isinstance(given, np.ndarray) else given.convert("RGB")
        pixels = self.processors.picture(images=image, return_tensors="pt")["pixel_values"]
        return Prepared({"pixel_values": pixels}, {"encoder": patches(self.config, pixels)})

    def _sound(self, given: Any) -> Prepared:
        if self.processors.sound is None:
            raise ValueError("this model's folder brings no feature extractor, so it cannot read sound")
        recording = Recording(given) if isinstance(given, np.ndarray) else given
        if not isinstance(recording, Recording) or recording.samples.ndim != 1 or not recording.samples.size:
            raise ValueError(f"this model reads a recording with samples [n], got {type(given).__name__}")
        wanted = int(self.processors.sound.sampling_rate)
        if recording.rate != wanted:
            raise ValueError(f"this model reads sound at {wanted:,} Hz, got {recording.rate:,} Hz; resample it")
        length = recording.samples.size / recording.rate
        if length > self.seconds:
            raise ValueError(f"a recording may last {self.seconds:g} s here, got {length:.1f} s")
        features = self.processors.sound(recording.samples, sampling_rate=wanted, return_tensors="pt")[self.main]
        return Prepared(
            {self.main: features}, {"encoder": frames(self.config, features, wanted, self.processors.sound)}
        )


def patches(config: Any, pixels: Tensor) -> Axis:
    """The marks that a vision transformer puts first, then its patches row by row; nothing for convolutions."""
    if not hasattr(config, "patch_size"):
        return Axis(())
    side = config.patch_size if isinstance(config.patch_size, int) else config.patch_size[0]
    rows, columns = pixels.shape[-2] // side, pixels.shape[-1] // side
    marks = ["[CLS]"]
    if str(config.model_type) == "deit":
        marks.append("[DIST]")
    marks += [f"[REG {i + 1}]" for i in range(int(getattr(config, "num_register_tokens", 0) or 0))]
    names = [f"row {i + 1}, column {j + 1}" for i in range(rows) for j in range(columns)]
    every = tuple(marks + names)
    return Axis(every, every, tuple(i < len(marks) for i in range(len(every))), grid=(rows, columns))


def frames(config: Any, features: Tensor, rate: int, extractor: Any) -> Axis:
    """Frames of a Whisper encoder: two log-mel steps each, named by the time at which they start."""
    seconds = 2 * float(getattr(extractor, "hop_length", 160)) / rate
    count = int(getattr(config, "max_source_positions", 0) or features.shape[-1] // 2)
    names = tuple(f"{i * seconds:.2f} s" for i in range(count))
    return Axis(names, names, (False,) * count, seconds=seconds)
