"""What a profile permits: a laptop may load anything that fits, a hosted page only what was agreed."""

from dataclasses import dataclass

# What a hosted page may fetch: small, safetensors, pinned. Ids and revisions are those that transformers 5.23 itself
# pins for its pipelines, so each is a known state of a known model; a test compares them with the library's table.
ALLOWED = (
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english@714eb0f",
    "distilbert/distilbert-base-cased@6ea8117",
    "distilbert/distilroberta-base@fb53ab8",
    "google/vit-base-patch16-224@3f49326",
)


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
HOSTED = Limits(tokens=512, parameters=150_000_000, hub=ALLOWED, folders=False, pixels=8_000_000, seconds=20.0)
