"""How much memory picture files take: the peak of a process of its own, Pillow's buffers included (Linux)."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import sys
from pathlib import Path
from models.pictures_fit import fitted
from models.pictures_input import opened

def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1000

def read(content, megapixels):
    try:
        fitted(opened(content, megapixels, 100).image, "fashion")
        return "read"
    except ValueError as fault:
        return str(fault)

read(Path(sys.argv[1]).read_bytes(), 20)
content, before = Path(sys.argv[2]).read_bytes(), peak()
said = [read(content, float(sys.argv[3])) for _ in range(int(sys.argv[4]))]
print(peak() - before, said[-1], sep="\\n")
"""
pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from Linux's /proc")


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def grey(width: int, height: int, bits: int = 8, extra: bytes = b"") -> bytes:
    """A black PNG, whole, of a few kilobytes a megapixel."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0))
    packer = zlib.compressobj(9)
    line = b"\0" * (1 + width * bits // 8)
    body = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def grown(folder: Path, content: bytes, megapixels: float = 20, times: int = 1) -> tuple[float, str]:
    """Megabytes by which reading a file raises the peak, and what is said of it; a tiny file was read before."""
    first, file = folder / "first.png", folder / "file.png"
    first.write_bytes(grey(7, 5, 16))
    file.write_bytes(content)
    command = [sys.executable, "-c", CHILD, str(first), str(file), str(megapixels), str(times)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    megabytes, said = found.strip().split("\n")
    return float(megabytes), said


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path):
    """81 megapixels in some 80 kilobytes: refused, they cost nothing; permitted, they do, so the measure sees them."""
    content = grey(9_000, 9_000)
    assert len(content) < 200e3
    refused, said = grown(tmp_path, content)
    assert "It was not decoded" in said and refused < 10
    permitted, said = grown(tmp_path, content, megapixels=100)
    assert said == "read" and permitted > 81


def test_text_that_unpacks_to_gigabytes_is_refused(tmp_path: Path):
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 80_000_000, 9))
    megabytes, said = grown(tmp_path, grey(3, 3, extra=bomb))
    assert ("no readable picture" in said or "damaged" in said) and megabytes < 10


def test_sixteen_bits_take_no_more_than_eight(tmp_path: Path):
    """8 megapixels: what is read (16 MB) beside what eight bits take; as float64 they took 200 MB more."""
    eight, said = grown(tmp_path, grey(4_000, 2_000))
    sixteen, said_too = grown(tmp_path, grey(4_000, 2_000, 16))
    assert said == said_too == "read"
    assert sixteen < eight + 40


def test_twenty_uploads_leave_nothing_behind(tmp_path: Path):
    noise = np.random.default_rng(0).integers(0, 256, (1_600, 2_000, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "PNG", compress_level=1)
    once, said = grown(tmp_path, out.getvalue())
    often, said_too = grown(tmp_path, out.getvalue(), times=20)
    assert said == said_too == "read" and once > 9.6  # three bytes a pixel at least
    assert often < once + 20
