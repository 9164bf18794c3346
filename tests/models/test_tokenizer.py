"""Tokens keep the text as typed: nothing lost, nothing altered, everything unknown marked."""

import random

import pytest

from models.tokenizer import UNKNOWN, WordTokenizer, normal, pieces
from tests.models.tiny import tiny

CASES = {
    "The keys, to the CABINET ...": ["The", "keys", ",", "to", "the", "CABINET", ".", ".", "."],
    "don't don\u2019t rock'n'roll": ["don't", "don\u2019t", "rock'n'roll"],
    "'tis the dogs' ''": ["'", "tis", "the", "dogs", "'", "'", "'"],
    "<b>bold</b><script>": ["<", "b", ">", "bold", "<", "/", "b", ">", "<", "script", ">"],
    "<s> <unk>": ["<", "s", ">", "<", "unk", ">"],
    "$x$ :red[x]": ["$", "x", "$", ":", "red", "[", "x", "]"],
    "snake_case 3.5 a-b": ["snake", "_", "case", "3", ".", "5", "a", "-", "b"],
    "猫が好き": ["猫", "が", "好", "き"],
    "Python中文 a한b": ["Python", "中", "文", "a", "한", "b"],
    "\U00020000x": ["\U00020000", "x"],
    "🙂🙂 x": ["🙂", "🙂", "x"],
    "👩\u200d🚀": ["👩", "\u200d", "🚀"],
    "a\x00b": ["a", "\x00", "b"],
    "zero\u200bwidth\ufeff": ["zero", "\u200b", "width", "\ufeff"],
    "שלום عالم": ["שלום", "عالم"],
    "cafe\u0301 café": ["cafe", "\u0301", "café"],
    "\u202eabc": ["\u202e", "abc"],
}
BLANK = ["", " ", "\t\n\r ", "\u3000\u00a0\u2003"]


@pytest.mark.parametrize("text", CASES)
def test_pieces(text: str) -> None:
    assert pieces(text) == CASES[text]


def rebuilt(text: str) -> str:
    """The text put together from tokens and from the white space between their spans."""
    tokens = WordTokenizer([UNKNOWN, "a"])(text)
    out, end = [], 0
    for string, (start, stop) in zip(tokens.strings, tokens.spans, strict=True):
        gap = text[end:start]
        assert gap.strip() == ""
        assert end <= start < stop
        out += [gap, string]
        end = stop
    assert text[end:].strip() == ""
    return "".join(out) + text[end:]


@pytest.mark.parametrize("text", [*CASES, *BLANK])
def test_spans_rebuild_the_text(text: str) -> None:
    assert rebuilt(text) == text


def test_spans_rebuild_any_text() -> None:
    rng = random.Random(3)
    alphabet = [chr(code) for code in (*range(0x250), *range(0x4E00, 0x4E10), *range(0x1F600, 0x1F610), 0x200B, 0xD800)]
    for _ in range(500):
        text = "".join(rng.choices([*alphabet, " ", "'", "\u2019"], k=23))
        assert rebuilt(text) == text


@pytest.mark.parametrize("text", BLANK)
def test_blank_text_has_no_tokens(text: str) -> None:
    assert len(WordTokenizer([UNKNOWN])(text)) == 0
    with pytest.raises(ValueError, match="no words"):
        tiny("gru").encode(text)


def test_words_outside_the_vocabulary_are_marked() -> None:
    tokens = WordTokenizer([UNKNOWN, "the", "don't", "cat"])("The dog DON\u2019T <unk> cat")
    assert tokens.strings == ("The", "dog", "DON\u2019T", "<", "unk", ">", "cat")
    assert tokens.ids == (1, 0, 2, 0, 0, 0, 3)
    assert tokens.known == (True, False, True, False, False, False, True)


def test_a_hundred_thousand_characters_are_cut_in_time() -> None:
    assert len(pieces("a" * 100_000)) == 1
    assert len(pieces("a'" * 50_000)) == 2
    assert len(pieces("'" * 100_000)) == 100_000


def test_the_look_up_form() -> None:
    assert normal("DON\u2019T") == "don't"
    assert normal("ÉTÉ") == "été"


def test_a_vocabulary_is_the_most_frequent_words_ties_by_alphabet() -> None:
    texts = ["b a c", "B a", "zoo b", "d"]
    assert WordTokenizer.learn(texts, 4).words == (UNKNOWN, "b", "a", "c")
    assert WordTokenizer.learn(reversed(texts), 4).words == (UNKNOWN, "b", "a", "c")
    assert WordTokenizer.learn(texts, 99).words == (UNKNOWN, "b", "a", "c", "d", "zoo")


def test_a_vocabulary_begins_with_the_unknown_word() -> None:
    for words in ([], ["the"], ["the", UNKNOWN]):
        with pytest.raises(ValueError, match="first word of a vocabulary must be <unk>, got"):
            WordTokenizer(words)
