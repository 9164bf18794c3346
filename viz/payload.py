"""Plain values and arrays as one run of bytes: the form that reaches a component unchanged and unswollen.

Layout: a uint32 (little-endian) that says how long the header is, the header as JSON, then the arrays one after the
other. The header's "parts" names each array's type and number of elements.
"""

import json
import struct
from collections.abc import Mapping

import numpy as np

KINDS = ("uint8", "uint16", "float32")


def pack(meta: Mapping[str, object], *arrays: np.ndarray) -> bytes:
    """`meta` (JSON values) and arrays of uint8, uint16 or float32 as bytes, in C order."""
    for array in arrays:
        if array.dtype.name not in KINDS:
            raise ValueError(f"wanted arrays of {', '.join(KINDS)}; got {array.dtype.name}")
    parts = [{"kind": array.dtype.name, "count": int(array.size)} for array in arrays]
    header = json.dumps({**meta, "parts": parts}, separators=(",", ":")).encode("ascii")
    raw = [array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes() for array in arrays]
    return b"".join([struct.pack("<I", len(header)), header, *raw])


def unpack(payload: bytes) -> tuple[dict, list[np.ndarray]]:
    """What `pack` was given, with "parts" added to the values and flat arrays; the browser's script does the same."""
    (length,) = struct.unpack_from("<I", payload)
    meta = json.loads(payload[4 : 4 + length])
    arrays, at = [], 4 + length
    for part in meta["parts"]:
        arrays.append(np.frombuffer(payload, np.dtype(part["kind"]).newbyteorder("<"), part["count"], at))
        at += arrays[-1].nbytes
    return meta, arrays
