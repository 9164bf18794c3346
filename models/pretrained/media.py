"""Uploaded bytes as a picture or a recording: checked before they are decoded, every fault one sentence."""

import io
import math
import wave
from typing import Any

import numpy as np

from models.pictures_input import opened
from models.pretrained.inputs import Recording
from models.pretrained.limits import Limits
from models.trace import Floats


def picture(content: bytes, limits: Limits) -> Any:
    """A PIL picture in RGB, upright; its size is read from the header and checked before any pixel is decoded."""
    return opened(content, limits.pixels / 1e6, math.inf).image


def seen(pixels: Floats, processor: Any) -> Floats:
    """Pixels [C, h, w] as a model takes them in, without the processor's normalisation: [h, w, 3] in 0..1."""
    scaled = pixels.transpose(1, 2, 0)
    if processor.do_normalize:
        scaled = scaled * np.asarray(processor.image_std) + np.asarray(processor.image_mean)
    shown = np.clip(scaled, 0, 1).astype(np.float32)
    return shown if shown.shape[2] == 3 else np.repeat(shown[..., :1], 3, axis=2)


def sound(content: bytes) -> Recording:
    """A WAV file of 8, 16 or 32 bits as one channel in -1..1 with its rate."""
    try:
        with wave.open(io.BytesIO(content)) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as fault:
        raise ValueError("this is no readable recording; wanted a WAV file with plain samples (PCM)") from fault
    kinds = {1: "u1", 2: "<i2", 4: "<i4"}
    if width not in kinds:
        raise ValueError(f"a WAV file must have 8, 16 or 32 bits a sample, got {8 * width}")
    samples = np.frombuffer(frames, kinds[width]).astype(np.float32)
    scaled = samples / np.float32(128) - 1 if width == 1 else samples / np.float32(2 ** (8 * width - 1))
    return Recording(scaled.reshape(-1, channels).mean(axis=1, dtype=np.float32), rate)
