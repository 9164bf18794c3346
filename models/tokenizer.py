"""Words, punctuation and single CJK characters; tokens keep the text as it was typed."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

UNKNOWN = "<unk>"
_SIGN = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff"
_LETTER = rf"[^\W_{_SIGN}]"
_PIECE = re.compile(
    rf"[{_SIGN}]"  # one character of Chinese, Japanese or Korean
    rf"|{_LETTER}+(?:['\u2019]{_LETTER}+)*"  # a word, with its apostrophe
    r"|[^\s]"  # any other visible or invisible character by itself
)


@dataclass(frozen=True)
class Tokens:
    """ids, the pieces as typed, whether each is in the vocabulary, and where each stands in the text."""

    ids: tuple[int, ...]
    strings: tuple[str, ...]
    known: tuple[bool, ...]
    spans: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.ids)


def pieces(text: str) -> list[str]:
    """The text cut into tokens, as typed."""
    return [match.group() for match in _PIECE.finditer(text)]


def normal(piece: str) -> str:
    """The form under which a piece is looked up: lower case, one kind of apostrophe."""
    return piece.lower().replace("\u2019", "'")


class WordTokenizer:
    """A closed vocabulary of lower-case words; id 0 stands for every word outside it."""

    def __init__(self, words: Sequence[str]) -> None:
        if not words or words[0] != UNKNOWN:
            raise ValueError(f"the first word of a vocabulary must be {UNKNOWN}, got {list(words[:1])}")
        self.words = tuple(words)
        self.index = {word: i for i, word in enumerate(self.words)}

    @classmethod
    def learn(cls, texts: Iterable[str], size: int) -> "WordTokenizer":
        """The `size` most frequent words of the texts; ties in alphabetical order, so that the order never varies."""
        counts = Counter(normal(piece) for text in texts for piece in pieces(text))
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        return cls([UNKNOWN, *ranked[: size - 1]])

    def __call__(self, text: str) -> Tokens:
        found = list(_PIECE.finditer(text))
        strings = tuple(match.group() for match in found)
        ids = tuple(self.index.get(normal(string), 0) for string in strings)
        return Tokens(ids, strings, tuple(i != 0 for i in ids), tuple(match.span() for match in found))
