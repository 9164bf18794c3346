"""Uploads: pictures and WAV files as arrays, refused with a sentence where they are not what they say."""

import io
import wave

import numpy as np
import pytest
from PIL import Image

from models.pretrained import Limits, media


def png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.arange(width * height * 3, dtype=np.uint8).reshape(height, width, 3)).save(out, "PNG")
    return out.getvalue()


def wav(samples: np.ndarray, channels: int, rate: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(samples.dtype.itemsize)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return out.getvalue()


def test_a_picture_keeps_its_pixels() -> None:
    picture = np.asarray(media.picture(png(5, 3), Limits()))
    assert picture[2, 4].tolist() == [42, 43, 44]


def test_a_picture_over_the_limit_is_refused_by_its_header() -> None:
    whole = png(50, 40)
    with pytest.raises(ValueError, match=r"says 50 × 40, which is 0\.0\. It was not decoded"):
        media.picture(whole[:60], Limits(pixels=1999))


@pytest.mark.parametrize("content", [b"GIF89a", b"%PDF-1.7"])
def test_what_is_no_picture(content: bytes) -> None:
    with pytest.raises(ValueError, match="no readable picture, whatever its name says"):
        media.picture(content, Limits())


@pytest.mark.parametrize(("kind", "full", "middle"), [("u1", 256, 128), ("<i2", 65536, 0), ("<i4", 2**32, 0)])
def test_channels_are_averaged_and_samples_scaled(kind: str, full: int, middle: int) -> None:
    quarter = full // 4
    samples = np.array([middle, middle + quarter, middle - quarter, middle - quarter], kind)
    heard = media.sound(wav(samples, 2, 8009))
    assert heard.rate == 8009
    np.testing.assert_allclose(heard.samples, [0.25, -0.5], atol=1e-6)


def test_what_is_no_recording() -> None:
    with pytest.raises(ValueError, match="no readable recording"):
        media.sound(b"RIFF0000WAVE")
