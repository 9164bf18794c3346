"""Reading and splitting the opinions, on small archives made here: the real ones are never committed."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from models.train import sentiment_data
from models.train.sentiment_data import Opinion, read, split


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


TABLES = {
    "movieReviewSnippets": "1\t0.2\tA fine film .\n2\t-3.1\tDull ,\tand long\n3\t0.0\tNeither good nor bad\n"
    "4\t2.0\t...\nbroken",
    "amazonReviewSnippets": "1\t0.2\tToo close to call\n2\t-0.4\tIt broke\n3\t1.0\ta FINE film!\n",
    "tweets": "1\t3.0\tlove it\n",
}
SITES = {
    "imdb": [{"text": " Loved it ", "class": 1}, {"text": "love it", "class": 0}],
    "yelp": [{"text": "Cold soup", "class": 0}, {"text": "", "class": 1}, {"class": 1}],
    "amazon": [{"text": "No class"}, {"text": "Half", "class": 0.5}],
}


@pytest.fixture
def archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as tar:
        for name, lines in TABLES.items():
            add(tar, f"hutto_ICWSM_2014/{name}_GroundTruth.txt", lines.encode())
    with tarfile.open(tmp_path / "film.tar.gz", "w:gz") as tar:
        add(tar, "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz", inner.getvalue())
    with tarfile.open(tmp_path / "sentences.tgz", "w:gz") as tar:
        for name, rows in SITES.items():
            add(tar, f"package/test/fixtures/{name}.json", json.dumps(rows).encode())
    monkeypatch.setattr(sentiment_data, "fetch", lambda: (tmp_path / "film.tar.gz", tmp_path / "sentences.tgz"))


@pytest.mark.usefixtures("archives")
def test_every_opinion_is_read_once_with_the_sign_of_its_rating() -> None:
    assert read() == [
        Opinion("A fine film .", 1, "film", 0.2),
        Opinion("Dull ,\tand long", 0, "film", -3.1),
        Opinion("It broke", 0, "products", -0.4),
        Opinion("love it", 1, "tweets", 3.0),
        Opinion("Loved it", 1, "sentences"),
        Opinion("Cold soup", 0, "sentences"),
    ]


def test_training_aims_at_how_clear_the_raters_found_a_text() -> None:
    assert Opinion("", 1, "film", 1.0).positive == pytest.approx(0.8175744761936437)  # 1 / (1 + e^-1.5)
    assert Opinion("", 0, "film", -1.0).positive == pytest.approx(1 - 0.8175744761936437)
    assert Opinion("", 1, "film", 0.0).positive == 0.5
    assert [Opinion("", label, "sentences").positive for label in (0, 1)] == [0.0, 1.0]


def opinions() -> list[Opinion]:
    sizes = {"film": 2503, "sentences": 907, "products": 31, "tweets": 17}
    return [Opinion(f"{source} {i}", i % 2, source) for source, count in sizes.items() for i in range(count)]


def test_the_split_loses_nothing_and_shares_nothing() -> None:
    parts = split(opinions())
    sizes = {"film-test": 1000, "sentences-test": 500, "validation": 1300, "train": 503 + 107 + 31 + 17}
    assert {name: len(part) for name, part in parts.items()} == sizes
    everything = [opinion.text for part in parts.values() for opinion in part]
    assert len(set(everything)) == len(everything) == len(opinions())
    assert {o.source for o in parts["film-test"]} == {"film"}
    assert {o.source for o in parts["sentences-test"]} == {"sentences"}
    assert {o.source for o in parts["validation"]} == {"film", "sentences"}


def test_the_split_is_seeded_and_mixed() -> None:
    first, second = split(opinions()), split(opinions())
    assert first == second
    places = [int(o.text.split()[1]) for o in first["film-test"]]
    assert places != sorted(places)
    assert 1100 < sum(places) / len(places) < 1400
