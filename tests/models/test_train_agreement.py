"""The agreement task is what it says: exact distances, fair coins, unseen pairs; its measures count by hand."""

import random
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from models.tokenizer import UNKNOWN, WordTokenizer
from models.train import agreement_measures as measures
from models.train.agreement_data import NUMBER, PAIRS, Sentence, companions, sample, sentence, vocabulary
from models.train.fit import Batch, batch
from tests.models.tiny import tiny

SPLITS = ("train", "validation", "test")
LEMMA = {form: index for index, pair in enumerate(PAIRS) for form in pair}
TOKENIZER = WordTokenizer([UNKNOWN, *vocabulary()])


def drawn(count: int, distances: tuple[int, int], split: str = "train", seed: int = 5) -> list[Sentence]:
    return sample(random.Random(seed), count, distances, split)


def others(one: Sentence) -> list[str]:
    """Nouns beside the head."""
    return [word for place, word in enumerate(one.words) if word in NUMBER and place != one.head]


@pytest.mark.parametrize("split", SPLITS)
def test_the_distance_is_exact(split: str) -> None:
    rng = random.Random(1)
    for distance in range(81):
        one = sentence(rng, distance, split)
        assert one.distance == distance == len(one.words[one.head + 1 :])
        assert NUMBER[one.words[one.head]] == one.number


def test_distances_are_drawn_evenly_with_both_ends() -> None:
    counts = np.bincount([one.distance for one in drawn(4100, (0, 40))], minlength=41)
    assert counts.shape == (41,)
    assert (np.abs(counts - 100) < 50).all()


def test_sentences_are_seeded() -> None:
    assert drawn(31, (0, 40)) == drawn(31, (0, 40))
    assert drawn(31, (0, 40)) != drawn(31, (0, 40), seed=6)


def correlation(first: list, second: list) -> float:
    return float(np.corrcoef(first, second)[0, 1])


def test_the_numbers_of_other_nouns_tell_nothing() -> None:
    """Five thousand sentences: |correlation| below 0.05, three and a half standard errors."""
    found = [one for one in drawn(7000, (3, 40)) if others(one)][:5000]
    assert len(found) == 5000
    head = [one.number for one in found]
    coins = [[NUMBER[word] for word in others(one)] for one in found]
    assert abs(correlation(head, [row[0] for row in coins])) < 0.05
    assert abs(correlation(head, [row[-1] for row in coins])) < 0.05
    assert abs(correlation(head, [np.mean(row) for row in coins])) < 0.05
    assert abs(np.mean(head) - 0.5) < 0.025
    assert abs(np.mean([number for row in coins for number in row]) - 0.5) < 0.01


def test_no_word_but_the_head_tells_the_number() -> None:
    """Presence of each of some 200 words: correlation below 0.08, more than five standard errors."""
    found = drawn(5000, (0, 40))
    head = [one.number for one in found]
    rest = [set(one.words[: one.head] + one.words[one.head + 1 :]) for one in found]
    for word in set().union(*rest) - {","}:
        there = [word in words for words in rest]
        if 20 < sum(there) < 4980:
            assert abs(correlation(head, there)) < 0.08, word
    lengths = [len(one.words) for one in found]
    assert abs(correlation(head, lengths)) < 0.05


def test_splits_share_no_pair_of_head_and_other_noun_in_either_order() -> None:
    pairs = {
        split: {
            frozenset((LEMMA[one.words[one.head]], LEMMA[w]))
            for one in drawn(3000, (5, 40), split)
            for w in others(one)
        }
        for split in SPLITS
    }
    assert all(len(pair) == 2 for found in pairs.values() for pair in found)
    assert pairs["train"].isdisjoint(pairs["test"])
    assert pairs["train"].isdisjoint(pairs["validation"])
    assert pairs["validation"].isdisjoint(pairs["test"])
    assert min(map(len, pairs.values())) > 300


def test_companions_are_the_same_on_every_machine() -> None:
    """A hash of the words, not Python's own, which changes from run to run."""
    assert companions(0, "test") == (9, 14, 16, 20, 22, 35, 41, 43, 45, 50, 60, 63, 66)
    for head in range(len(PAIRS)):
        joined = sorted(other for split in SPLITS for other in companions(head, split))
        assert joined == [other for other in range(len(PAIRS)) if other != head]
        assert min(len(companions(head, split)) for split in SPLITS) > 3


def test_flipping_changes_the_head_alone() -> None:
    for one in drawn(211, (0, 40)):
        other = one.flipped()
        changed = [place for place, pair in enumerate(zip(one.words, other.words, strict=True)) if len(set(pair)) == 2]
        assert changed == [one.head]
        assert {one.words[one.head], other.words[one.head]} in [set(pair) for pair in PAIRS]
        assert other.number == 1 - one.number == NUMBER[other.words[other.head]]
        assert other.flipped() == one


def test_the_vocabulary_covers_every_word_as_the_tokenizer_cuts_it() -> None:
    for split in SPLITS:
        for one in drawn(1500, (0, 80), split):
            tokens = TOKENIZER(" ".join(one.words))
            assert all(tokens.known)
            assert tokens.strings == one.words
    assert vocabulary() == sorted(set(vocabulary()))
    assert not {"is", "are", "was", "were", "has", "have"} & {w for one in drawn(500, (0, 0)) for w in one.words}


def test_going_by_the_last_noun_is_chance_beyond_six_words() -> None:
    for low, high, within in ((11, 20, 0.03), (21, 40, 0.03), (7, 10, 0.07)):
        found = drawn(5000, (low, high), "test")
        assert abs(np.mean([one.last_noun == one.number for one in found]) - 0.5) < within


def test_the_last_noun_is_the_one_nearest_to_the_verb() -> None:
    assert Sentence(("the", "keys", "near", "the", "door", "again"), 1, 1).last_noun == 0
    assert Sentence(("the", "keys", "again"), 1, 1).last_noun == 1


def test_test_sentences_fill_every_bucket() -> None:
    for low, high in measures.BUCKETS:
        pool = [(d, one) for d in range(low, high + 1) for one in measures.test_sentences(d)]
        assert len(pool) >= 800
        assert all(one.distance == d for d, one in pool)
    heads = {(LEMMA[one.words[one.head]], LEMMA[w]) for one in measures.test_sentences(17) for w in others(one)}
    assert all(other in companions(head, "test") for head, other in heads)


def as_batch(sentences: list[Sentence]) -> Batch:
    return batch([TOKENIZER(" ".join(one.words)).ids for one in sentences], [one.number for one in sentences])


class GoesByLastNoun:
    """Reads the number of the noun nearest to the verb from one-hot embeddings; takes at most `limit` words."""

    limit = 20
    table = torch.tensor([[float(NUMBER.get(word) == k) for k in (0, 1)] for word in TOKENIZER.words])

    def embedding(self, ids: torch.Tensor) -> torch.Tensor:
        return self.table[ids]

    def __call__(self, embedded: torch.Tensor, mask: torch.Tensor) -> SimpleNamespace:
        place = torch.arange(1, embedded.shape[1] + 1)
        seen = embedded * mask[..., None]
        nearest = (seen.sum(dim=-1) * place).argmax(dim=1)
        return SimpleNamespace(logits=seen[torch.arange(len(seen)), nearest])


def test_a_distance_is_measured_on_the_sentences_that_fit() -> None:
    network = GoesByLastNoun()
    for distance in (2, 15, 30):
        row = measures.at_distance(distance, network, network, as_batch)  # type: ignore[arg-type]
        fit = [one for one in measures.test_sentences(distance) if len(one.words) <= 20]
        assert (row["count"], row["fits"]) == (160 if distance <= 10 else 80, len(fit))
        assert row["right"] == sum(one.last_noun == one.number for one in fit)
        assert row["flips"] == sum(one.last_noun != one.flipped().last_noun for one in fit)
    assert row["fits"] == row["right"] == 0


def test_a_bucket_pools_its_rows() -> None:
    rows = [
        {"count": 7, "fits": 5, "right": 3, "flips": 1, "share": [0.5, 0.25], "untrained_share": [0.125]},
        {"count": 13, "fits": 11, "right": 10, "flips": 2, "share": [0.75], "untrained_share": [0.375]},
    ]
    found = measures.bucket(rows, 3, 4)
    assert (found["from"], found["to"], found["count"], found["fits"]) == (3, 4, 20, 16)
    assert (found["accuracy"], found["flips"]) == (13 / 16, 3 / 16)
    assert (found["gradient_share"], found["gradient_share_untrained"]) == (0.5, 0.25)
    assert found["interval"] == pytest.approx((0.5699, 0.9341), abs=5e-5)
    empty = [{"count": 7, "fits": 0, "right": 0, "flips": 0, "share": [], "untrained_share": []}]
    assert measures.bucket(empty, 3, 3) == {"from": 3, "to": 3, "count": 7, "fits": 0}


@pytest.mark.parametrize("name", ["mlp", "lstm", "transformer"])
def test_the_heads_share_of_the_gradient(name: str) -> None:
    """Each sentence by itself, without padding."""
    network = tiny(name, double=True).network
    sentences = [Sentence(("the", "keys", "again"), 1, 1), Sentence(("the", "old", "key", "near", "the", "door"), 2, 0)]
    ids = {word: 1 + place for place, word in enumerate(("the", "keys", "again", "old", "key", "near", "door"))}

    def small(chosen: list[Sentence]) -> Batch:
        return batch([tuple(ids[word] for word in one.words) for one in chosen], [one.number for one in chosen])

    found = measures.head_share(network, sentences, small)
    for one, share in zip(sentences, found, strict=True):
        x = network.embedding(torch.tensor([[ids[word] for word in one.words]])).detach().requires_grad_()
        logits = network(x).logits[0]
        (gradient,) = torch.autograd.grad(logits[1] - logits[0], x)
        norms = gradient[0].square().sum(dim=-1).sqrt()
        assert float(share) == pytest.approx(float(norms[one.head] / norms.sum()), rel=1e-10)
    assert not torch.allclose(found[0], found[1])


def test_baselines_count_the_same_sentences() -> None:
    found = measures.baselines()["buckets"]
    assert [(row["from"], row["to"]) for row in found] == list(measures.BUCKETS)
    for row in found[:3]:
        pool = [one for d in range(row["from"], row["to"] + 1) for one in measures.test_sentences(d)]
        assert row["last_noun"] == np.mean([one.last_noun == one.number for one in pool])
        assert row["majority"] == max(np.bincount([one.number for one in pool])) / len(pool)
