"""How a text is to be written, and within which bounds: the one place for both the model and the page's form."""

from dataclasses import dataclass

BOUNDS: dict[str, tuple[float, float]] = {
    "tokens": (1, 200),
    "temperature": (0.0, 5.0),
    "top_k": (0, 1000),
    "top_p": (0.05, 1.0),
    "seed": (0, 10_000),
}


@dataclass(frozen=True)
class Settings:
    """temperature 0 is greedy; top_k 0 and top_p 1 keep every token. The order is temperature, top-k, top-p."""

    tokens: int = 24
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, (low, high) in BOUNDS.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must lie in {low:g}..{high:g}, got {getattr(self, name)}")
