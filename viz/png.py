"""Pixels as a PNG file, so that a picture can stand inside a figure, an SVG or a page."""

import base64
import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
TRUE_COLOUR, INDEXED = 2, 3


def png(pixels: np.ndarray, palette: np.ndarray | None = None) -> bytes:
    """uint8 [h, w, 3], or uint8 [h, w] that points into a palette uint8 [256, 3]; eight bits a sample (RFC 2083)."""
    wanted = (3,) if palette is None else ()
    if pixels.dtype != np.uint8 or pixels.ndim < 2 or pixels.shape[2:] != wanted or not pixels.size:
        raise ValueError(f"wanted uint8 [h, w{', 3' if wanted else ''}]; got {pixels.dtype.name} {pixels.shape}")
    if palette is not None and (palette.dtype != np.uint8 or palette.shape != (256, 3)):
        raise ValueError(f"wanted a palette uint8 [256, 3]; got {palette.dtype.name} {palette.shape}")
    height, width = pixels.shape[:2]
    kind = TRUE_COLOUR if palette is None else INDEXED
    lines = np.pad(pixels.reshape(height, -1), ((0, 0), (1, 0)))  # a zero before each line: no filter
    parts = [_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))]
    if palette is not None:
        parts.append(_chunk(b"PLTE", palette.tobytes()))
    parts += [_chunk(b"IDAT", zlib.compress(lines.tobytes())), _chunk(b"IEND", b"")]
    return SIGNATURE + b"".join(parts)


def data_uri(content: bytes) -> str:
    """A PNG as an address that holds the whole file."""
    return f"data:image/png;base64,{base64.b64encode(content).decode('ascii')}"


def as_bytes(picture: np.ndarray) -> np.ndarray:
    """A picture of floats in 0..1 as uint8; uint8 stays as it is."""
    if picture.dtype == np.uint8:
        return picture
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
