"""Subject-verb agreement from a prefix: generated sentences, after Linzen, Dupoux and Goldberg 2016.

    [front] the (adjective) HEAD (phrase | clause | apposition | parenthesis | adverb)*   ->   is / are

The distance is the number of words after the head. The number of every other noun is an independent fair coin,
so that no other word tells the answer; embedded verbs are in the past tense, which does not show number.
Pairs of (head, other noun) are split in three by a fixed hash: training, validation and test never share a pair.
"""

import hashlib
import random
from dataclasses import dataclass
from functools import cache

NOUNS = (
    "key keys|cabinet cabinets|door doors|book books|student students|teacher teachers|doctor doctors|patient patients"
    "|picture pictures|house houses|garden gardens|tree trees|car cars|road roads|bridge bridges|river rivers"
    "|letter letters|table tables|chair chairs|window windows|wall walls|report reports|manager managers|worker workers"
    "|farmer farmers|dog dogs|cat cats|bird birds|horse horses|boat boats|captain captains|sailor sailors"
    "|island islands|village villages|school schools|library libraries|museum museums|painter painters|singer singers"
    "|song songs|film films|actor actors|author authors|story stories|poem poems|king kings|queen queens"
    "|soldier soldiers|general generals|lawyer lawyers|judge judges|computer computers|program programs|engine engines"
    "|machine machines|pilot pilots|plane planes|train trains|station stations|ticket tickets|friend friends"
    "|neighbour neighbours|neighbor neighbors|parent parents|brother brothers|sister sisters|box boxes|label labels"
)
PAIRS = tuple((one, many) for one, many in (entry.split() for entry in NOUNS.split("|")))
NUMBER = {form: number for pair in PAIRS for number, form in enumerate(pair)}
ADJECTIVES = "old new small large red green famous quiet young tall broken modern local foreign empty heavy".split()
PREPOSITIONS = "near to beside behind by of from with under above on in at for about against around".split()
VERBS = "admired praised visited saw liked followed painted found knew helped noticed remembered".split()
ADVERBS = "again yesterday often here today certainly clearly still there perhaps also now".split()
FRONTS = "today|yesterday|in the end|of course|as usual".split("|")
ASIDES = ("as we all know", "to my surprise", "in my opinion", "as usual", "it was said", "after the long winter")
LABELS = ("is", "are")
OTHER = "the that which who , . and but not very that's".split()


@dataclass(frozen=True)
class Sentence:
    """words up to the verb, the place of the head noun, and its number (0 one, 1 many)."""

    words: tuple[str, ...]
    head: int
    number: int

    @property
    def distance(self) -> int:
        return len(self.words) - 1 - self.head

    @property
    def last_noun(self) -> int:
        """Number of the noun nearest to the verb: what a reader without a memory would go by."""
        return NUMBER[next(word for word in reversed(self.words) if word in NUMBER)]

    def flipped(self) -> "Sentence":
        """The same sentence with the head in the other number."""
        pair = next(pair for pair in PAIRS if self.words[self.head] in pair)
        words = (*self.words[: self.head], pair[1 - self.number], *self.words[self.head + 1 :])
        return Sentence(words, self.head, 1 - self.number)


def vocabulary() -> list[str]:
    """Every word that the generator can write, sorted, and a few more that a person may type."""
    words = {word for pair in PAIRS for word in pair} | set(OTHER)
    for group in (ADJECTIVES, PREPOSITIONS, VERBS, ADVERBS):
        words |= set(group)
    for phrase in (*FRONTS, *ASIDES):
        words |= set(phrase.split())
    return sorted(words)


@cache
def companions(head: int, split: str) -> tuple[int, ...]:
    """Other nouns that may stand with this head: a fifth each for test and validation, the rest for training."""
    share = {"train": (0, 1, 2), "validation": (3,), "test": (4,)}[split]
    return tuple(other for other in range(len(PAIRS)) if other != head and _bucket(head, other) in share)


def _bucket(head: int, other: int) -> int:
    """The same for (a, b) and (b, a): else a known direction would give the head away."""
    first, second = sorted((PAIRS[head][0], PAIRS[other][0]))
    return hashlib.sha256(f"{first} {second}".encode()).digest()[0] % 5


def _noun(rng: random.Random, head: int, split: str) -> str:
    return PAIRS[rng.choice(companions(head, split))][rng.getrandbits(1)]


def _unit(rng: random.Random, head: int, split: str) -> list[str]:
    """One modifier: a phrase, a clause, an apposition, a parenthesis or an adverb."""
    kind = rng.random()
    noun = ["the", *([rng.choice(ADJECTIVES)] if rng.random() < 0.3 else []), _noun(rng, head, split)]
    if kind < 0.4:
        return [rng.choice(PREPOSITIONS), *noun]
    if kind < 0.6:
        return [rng.choice(("that", "which", "who")), *noun, rng.choice(VERBS)]
    if kind < 0.75:
        return [rng.choice(("that", "which", "who")), rng.choice(VERBS), *noun]
    if kind < 0.85:
        return [",", rng.choice(ADJECTIVES), "and", rng.choice(ADJECTIVES), ","]
    if kind < 0.93:
        return [",", *rng.choice(ASIDES).split(), ","]
    return [rng.choice(ADVERBS)]


def sentence(rng: random.Random, distance: int, split: str) -> Sentence:
    """One sentence with exactly `distance` words between the head and the verb."""
    head, number = rng.randrange(len(PAIRS)), rng.getrandbits(1)
    words: list[str] = []
    front = rng.random()
    if front < 0.2:
        words += [*rng.choice(FRONTS).split(), ","]
    elif front < 0.4:
        words += [rng.choice(PREPOSITIONS), "the", _noun(rng, head, split), ","]
    words += ["the", *([rng.choice(ADJECTIVES)] if rng.random() < 0.4 else [])]
    place = len(words)
    words.append(PAIRS[head][number])
    while (room := distance - (len(words) - 1 - place)) > 0:
        unit = _unit(rng, head, split)
        words += unit if len(unit) <= room else [rng.choice(ADVERBS)] if room < 3 else []
    return Sentence(tuple(words), place, number)


def sample(rng: random.Random, count: int, distances: tuple[int, int], split: str) -> list[Sentence]:
    """`count` sentences with distances drawn evenly from lowest to highest, both included."""
    return [sentence(rng, rng.randint(*distances), split) for _ in range(count)]
