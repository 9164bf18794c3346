"""Uploaded bytes as a picture: everything is checked from the header before a pixel is decoded.

A picture of a few kilobytes can claim gigabytes of pixels; one named .png can be anything. Each fault is one sentence.
"""

import io
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP")
WORDS = {"WEBP": "WebP"}
OTHERS = ("GIF", "TIFF", "BMP", "ICO", "PPM")
SIDE = 30_000  # pixels; a strip of 1 x 20,000,000 is no picture
TOP, ROWS = 65_535, 256  # the largest number of 16 bits; rows of a picture that are converted at a time
FAULTS = (UnidentifiedImageError, OSError, SyntaxError, EOFError, Image.DecompressionBombError, ValueError, MemoryError)


@dataclass(frozen=True)
class Opened:
    """An RGB picture (PIL) and what was done to bring it there, in words."""

    image: Any
    steps: tuple[str, ...]


def opened(content: bytes, megapixels: float, megabytes: float, formats: tuple[str, ...] = FORMATS) -> Opened:
    """The picture in RGB, upright, on white where it is transparent; ValueError with a sentence otherwise."""
    if not content:
        raise ValueError("This file is empty.")
    if len(content) > megabytes * 1e6:
        raise ValueError(f"A picture may have {megabytes:g} MB; this one has {len(content) / 1e6:.1f} MB.")
    image = _header(content, formats)
    width, height = image.size
    if width * height > megapixels * 1e6:
        raise ValueError(
            f"A picture may have {megapixels:g} megapixels; this one says {width:,} × {height:,}, "
            f"which is {width * height / 1e6:,.1f}. It was not decoded."
        )
    if max(width, height) > SIDE:
        raise ValueError(f"A side may have {SIDE:,} pixels; this picture says {width:,} × {height:,}.")
    return _decoded(image)


def named(formats: tuple[str, ...]) -> str:
    """ "PNG, JPEG or WebP"."""
    words = [WORDS.get(one, one) for one in formats]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _header(content: bytes, formats: tuple[str, ...]) -> Any:
    """The picture with its header read and nothing decoded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            return Image.open(io.BytesIO(content), formats=formats)
        except Image.DecompressionBombError as fault:
            raise ValueError(
                f"This picture says that it has far more pixels than any photograph: {_said(fault)}."
            ) from fault
        except FAULTS as fault:
            raise ValueError(_foreign(content, formats)) from fault


def _said(fault: Exception) -> str:
    """ "2,500,000,000 pixels", as Pillow names it in its complaint."""
    numbers = [word for word in str(fault).replace("(", " ").split() if word.isdigit()]
    return f"{int(numbers[0]):,} pixels" if numbers else "too many to decode"


def _foreign(content: bytes, formats: tuple[str, ...]) -> str:
    """What the file is instead, where its first bytes tell."""
    wanted = f"Wanted: {named(formats)}."
    try:
        found = Image.open(io.BytesIO(content), formats=OTHERS).format
    except FAULTS:
        found = None
    if found:
        return f"This is a {found} file. {wanted}"
    if content[:4] == b"PK\x03\x04":
        return f"This is a ZIP archive, not a picture. {wanted}"
    return f"This file is no readable picture, whatever its name says. {wanted}"


def _decoded(image: Any) -> Opened:
    steps: list[str] = []
    if getattr(image, "n_frames", 1) > 1:
        steps.append(f"first of {image.n_frames} frames")
    if any("16" in str(tile[3]) for tile in image.tile):  # the layout of the numbers in the file, such as "RGB;16B"
        steps.append("16 bits reduced to 8")
    try:
        image.load()
        upright = ImageOps.exif_transpose(image)
    except FAULTS as fault:
        raise ValueError("This picture is damaged: it ends early or its data is wrong. Save it again.") from fault
    if upright.size != image.size or upright.getexif().get(0x0112, 1) != image.getexif().get(0x0112, 1):
        steps.append("turned upright as its camera noted")
    return Opened(_rgb(upright, steps), tuple(steps))


def _eight(values: NDArray[np.integer]) -> NDArray[np.uint8]:
    """0..65535 as 0..255, rounded; some rows at a time, because the product needs twice the bits."""
    found = np.empty(values.shape, np.uint8)
    for start in range(0, len(values), ROWS):
        part = np.clip(values[start : start + ROWS], 0, TOP).astype(np.uint32)
        found[start : start + ROWS] = (part * 255 + TOP // 2) // TOP
    return found


def _rgb(image: Any, steps: list[str]) -> Any:
    """Eight bits of red, green, blue, on white."""
    if image.mode.startswith("I"):
        return Image.fromarray(_eight(np.asarray(image))).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        if clear.getextrema()[3][0] < 255:
            steps.append("laid on white, because it is transparent")
        return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")
    if image.mode == "CMYK":
        steps.append("converted from CMYK")
    return image.convert("RGB")
