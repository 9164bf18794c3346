"""What the views are given: the request, what is known of the model, and the finished trace."""

import hashlib
from dataclasses import dataclass, field

import numpy as np

from models.trace import AttentionRecord, Axis, Trace


@dataclass(frozen=True)
class Upload:
    """A picture or a recording as it was sent, equal when its bytes are; `words` is a target to read beside it."""

    kind: str
    content: bytes
    words: str = ""


Given = str | tuple[str, str] | Upload


@dataclass(frozen=True)
class Request:
    """Plain values: the model's name as `loading.model` takes it, its input, its device."""

    model: str
    given: Given
    device: str

    @property
    def digest(self) -> str:
        """sha256 of the input, the same on every machine."""
        given = self.given
        if isinstance(given, Upload):
            return hashlib.sha256(given.content + (b"\0" + given.words.encode() if given.words else b"")).hexdigest()
        parts = (given,) if isinstance(given, str) else given
        return hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()


@dataclass(frozen=True)
class About:
    """Facts of a loaded model. takes: "text", "picture" or "sound"; paired: it reads a source and a target.

    pairs: it takes a second text; writes: it can generate; trusted: the short probe agreed with its own eager run,
    else `reason` says why not; limit: the most tokens it takes, None without a bound; seconds: of a recording.
    """

    name: str
    title: str
    takes: str = "text"
    paired: bool = False
    pairs: bool = False
    writes: bool = False
    trusted: bool = True
    reason: str = ""
    limit: int | None = None
    seconds: float = 0.0
    revision: str = ""
    sha256: str = ""
    source: str = ""
    task: str = ""


@dataclass(frozen=True, eq=False)
class Subject:
    """One finished run; `seen` is the picture [h, w, 3] or the spectrogram [bins, steps] as the model took it in.

    `seconds` is the length of a recording, beyond which the spectrogram is padding.
    """

    request: Request
    about: About
    trace: Trace
    seen: np.ndarray | None = None
    seconds: float = 0.0
    notes: tuple[str, ...] = field(default=())

    @property
    def attention(self) -> AttentionRecord:
        """Its attention; ValueError with the reason where the model left none."""
        if self.trace.attention is None or not self.trace.attention.kinds:
            why = " ".join(self.trace.notes) or "It has no attention layer."
            raise ValueError(f"{self.about.title} leaves no attention maps. {why}")
        return self.trace.attention

    def sides(self, kind: str, shape: tuple[int, int]) -> tuple[Axis, Axis]:
        """Queries and keys of one kind; a side whose length is not the map's is numbered."""
        sides = self.trace.sides(kind)
        queries, keys = (_fitting(axis, length) for axis, length in zip(sides, shape, strict=True))
        return queries, keys


def _fitting(axis: Axis, length: int) -> Axis:
    if len(axis.tokens) == length:
        return axis
    return Axis(tuple(str(place + 1) for place in range(length)))


def special(axis: Axis) -> np.ndarray:
    """[T] bool: the positions that the model put there itself."""
    return np.array(axis.special or (False,) * len(axis.tokens), dtype=bool)
