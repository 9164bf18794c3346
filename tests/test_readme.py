"""The README says what the cards say, and its pictures and files exist."""

import re
from pathlib import Path

from PIL import Image

from models.cards import TITLES, card
from models.train.table import table
from viz.theme import look

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_of_models_is_the_one_made_from_the_cards():
    assert table() in README


def test_the_accuracies_on_pictures_are_those_of_the_cards():
    for family in ("mlp", "cnn", "vit", "hybrid"):
        row = [TITLES[family]]
        for task in ("fashion", "digits"):
            metrics = card(f"{task}-{family}").metrics
            low, high = (100 * end for end in metrics["interval"])
            row.append(f"{100 * metrics['accuracy']:.1f} ({low:.1f} to {high:.1f})")
        assert f"| {' | '.join(row)} |" in README


def test_every_picture_is_there():
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)


def test_the_picture_shows_each_architecture_in_its_own_colour():
    with Image.open(ROOT / "docs" / "side_by_side.png") as shot:
        assert shot.mode == "RGB"
        counts = {"#{:02X}{:02X}{:02X}".format(*colour): count for count, colour in shot.getcolors(2**24)}
    for family in ("mlp", "cnn", "rnn", "lstm", "gru", "transformer", "hybrid"):
        assert counts.get(look(family).colour, 0) > 100, family


def test_every_named_target_of_make_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"(?:^|`)make ([a-z]+)", README, re.M)
    assert {"run", "test", "bench", "lint"} <= set(named)
    for target in named:
        assert re.search(rf"^{target}[:-]", makefile, re.M), target
