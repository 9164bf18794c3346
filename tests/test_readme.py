"""The README says what the cards say, and its pictures and files exist."""

import re
from pathlib import Path

from PIL import Image

from models.cards import TITLES, card
from models.train.table import table
from pages.codes.carried_scores import guess
from pages.codes.carried_work import SHORT
from viz.theme import look

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_of_models_is_the_one_made_from_the_cards():
    assert table() in README


def test_what_is_measured_on_a_part_and_what_is_almost_all_is_said():
    far = card("agreement-mlp").metrics["buckets"][-1]
    assert f"Measured on {far['fits']:,} of {far['count']:,} sentences" in README
    flips = 100 * card("agreement-rnn").metrics["buckets"][-1]["flips"]
    assert f"{flips:.1f} % of its decisions flip" in README
    assert "npm" in README.split("## The bundled models")[1].split("Within a task")[0]


def test_the_accuracies_on_pictures_are_those_of_the_cards():
    for family in ("mlp", "cnn", "vit", "hybrid"):
        row = [TITLES[family]]
        for task in ("fashion", "digits"):
            metrics = card(f"{task}-{family}").metrics
            low, high = (100 * end for end in metrics["interval"])
            row.append(f"{100 * metrics['accuracy']:.1f} ({low:.1f} to {high:.1f})")
        assert f"| {' | '.join(row)} |" in README


def test_the_accuracies_of_position_schemes_are_those_of_the_cards():
    for key, name in SHORT.items():
        row = [name]
        for task in ("order", "back", "latest"):
            lengths = card(f"positions-{task}-{key}").metrics["lengths"]
            inside, *beyond = (lengths[0]["inside"], lengths[1]["beyond"], lengths[2]["beyond"])
            far = " / ".join(f"{100 * one['accuracy']:.0f}" for one in beyond)
            row.append(f"{far} ({100 * inside['accuracy']:.0f})")
        assert f"| {' | '.join(row)} |" in README
    worth = [dict(guess({"none": card(f"positions-{task}-none")})) for task in ("order", "back", "latest")]
    row = [f"{100 * one['64']:.0f} / {100 * one['128']:.0f} ({100 * one['32']:.0f})" for one in worth]
    assert f"| guess | {' | '.join(row)} |" in README


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
