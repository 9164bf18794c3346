"""What a profile permits: a laptop may load anything that fits, a hosted page only what was agreed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """hub: the ids that may be fetched, each "owner/name@revision"; None permits any id. seconds: of a recording."""

    tokens: int = 4096
    parameters: int | None = None
    hub: tuple[str, ...] | None = None
    folders: bool = True
    pixels: int = 20_000_000
    seconds: float = 60.0


LOCAL = Limits()
HOSTED = Limits(tokens=512, parameters=150_000_000, hub=(), folders=False, pixels=8_000_000, seconds=20.0)
