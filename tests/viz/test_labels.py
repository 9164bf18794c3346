"""Words on a figure stay as typed, and equal words keep their own place."""

import pytest

from viz.labels import aliases, escape, label, shorten, ticks, visible


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [("<s>", "&lt;s&gt;"), ("&amp;", "&amp;amp;"), ("a<b>&c", "a&lt;b&gt;&amp;c"), ("$x$", "$x$")],
)
def test_markup_is_escaped_once(typed, drawn):
    assert escape(typed) == drawn


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        ("\x00", "U+0000"),
        ("a\u200bb", "aU+200Bb"),
        ("\u202eabc", "U+202Eabc"),
        ("\t", "U+0009"),
        ("\xa0", "U+00A0"),
        (" the", "␣the"),
        ("  ", "␣␣"),
        ("", "(empty)"),
        ("two words", "two words"),
        ("שלום", "שלום"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("a\u200db", "aU+200Db"),
    ],
)
def test_invisible_characters_are_named(typed, drawn):
    assert visible(typed) == drawn


def test_shortening_keeps_both_ends_and_the_limit():
    assert shorten("internationalisation", 11) == "inter…ation"
    assert shorten("internationalisation", 12) == "intern…ation"
    assert shorten("exactly", 7) == "exactly"
    with pytest.raises(ValueError, match="at least 3; got 2"):
        shorten("word", 2)


def test_shortening_counts_letters_not_entities():
    assert label("<b>bold</b>", 11) == "&lt;b&gt;bold&lt;/b&gt;"


def test_repeated_words_have_one_tick_each():
    assert ticks(["the", "cat", "the"]) == ([0, 1, 2], ["the", "cat", "the"])
    assert aliases(["the", "cat", "the"]) == {"0": "the", "1": "cat", "2": "the"}


def test_thinning_is_even_and_within_bounds():
    assert ticks(list("abcdefghijk"), most=4) == ([0, 3, 6, 9], ["a", "d", "g", "j"])
    assert len(ticks(["w"] * 127, most=23)[0]) == 22  # every sixth
    with pytest.raises(ValueError, match="at least 1; got 0"):
        ticks(["a", "b"], most=0)


def test_a_shortened_word_leaves_its_index_free_for_the_whole_word_on_hover():
    words = ["a", "internationalisation", "c"]
    positions, texts = ticks(words)
    assert texts[1] == "interna…sation"
    assert positions[0] == 0 and positions[2] == 2
    assert positions[1] != 1 and round(positions[1]) == 1
    assert aliases(words)["1"] == "internationalisation"
