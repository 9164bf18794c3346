"""The permutation test against what is known of each architecture, and moved position codes against plain torch."""

import numpy as np
import pytest
import torch

from models import load
from models.lens import disturbance, permutation
from models.pretrained import MINILM, offline
from models.trace import AttentionLayer, AttentionRecord, Trace
from tests.models.tiny import SEVEN, Nothing, around, tiny

NEEDS_MINILM = pytest.mark.skipif(MINILM not in offline(), reason="requirements-offline.txt is not installed")
SENTENCE = "The keys to the old cabinet are on the table."


def test_the_error_is_the_largest_difference_of_a_known_map() -> None:
    """f(x)_t = w_t x_t with w = 1, 2, 3: exchanging places u and t moves |w_u - w_t| of the largest feature."""
    weights = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)[:, None]
    words = torch.ones(1, 3, 2, dtype=torch.float64)
    found = permutation.errors(lambda x: weights * x, words, count=31)
    assert set(found.tolist()) == {1.0, 2.0}
    assert found[0] == np.abs(permutation.permutations(3, 1)[0] - np.arange(3)).max()


def test_no_permutation_leaves_every_word_in_its_place() -> None:
    drawn = permutation.permutations(3, 600)
    counts = {order: sum(tuple(one) == order for one in drawn) for order in {tuple(one) for one in drawn}}
    assert len(counts) == 5 and (0, 1, 2) not in counts
    assert min(counts.values()) > 80, "600 draws of 5 orders, 120 each, give or take 10"
    with pytest.raises(ValueError, match="at least 2 words to exchange; this text has 1"):
        permutation.bag(tiny("cnn"), "ant")


@pytest.mark.parametrize("name", ["mlp", "cnn", "cnn-dilated", "rnn", "lstm", "gru", "transformer", "hybrid"])
def test_every_architecture_with_order_fails(name: str) -> None:
    assert (permutation.of_model(tiny(name), SEVEN) > 1e-3).all()


def test_words_that_never_meet_pass_to_rounding() -> None:
    assert (permutation.of_model(around([Nothing()]), SEVEN) < 1e-14).all()
    assert (permutation.bag(tiny("cnn"), SEVEN) < 1e-14).all()


def test_an_encoder_without_codes_passes_and_a_causal_mask_makes_it_fail() -> None:
    model = tiny("transformer")
    before = {key: value.clone() for key, value in model.network.state_dict().items()}
    found = permutation.without_codes(model, SEVEN)
    assert (found["encoder"] < 1e-12).all()
    assert (found["decoder"] > 1e-3).all()
    assert permutation.invisible(found["encoder"]) and not permutation.invisible(found["decoder"])
    after = model.network.state_dict()
    assert all(torch.equal(before[key], after[key]) and after[key].dtype == torch.float32 for key in before)


def test_the_first_word_of_a_causal_model_sees_itself_alone() -> None:
    """Under a causal mask the first state depends on the first word: two words tell the whole story."""
    found = permutation.without_codes(tiny("transformer"), "ant bee")["decoder"]
    assert (found > 1e-3).all(), "the only other order exchanges them"


@pytest.mark.parametrize(("kind", "wanted"), [("normal", [0, 1, 2]), ("removed", [0, 1, 2]), ("shifted", [5, 6, 7])])
def test_places_of_each_kind(kind: str, wanted: list[int]) -> None:
    assert disturbance.places(kind, 3, by=5) == wanted


def test_a_shuffle_deals_out_the_same_places() -> None:
    found = disturbance.places("shuffled", 17, seed=3)
    assert sorted(found) == list(range(17)) and found != list(range(17))
    assert found == disturbance.places("shuffled", 17, seed=3) != disturbance.places("shuffled", 17, seed=4)
    with pytest.raises(ValueError, match="kind must be one of normal, removed, shuffled, shifted, got 'turned'"):
        disturbance.places("turned", 3)


def run(maps: np.ndarray, output: dict[str, float], hidden: np.ndarray) -> Trace:
    layers = tuple(AttentionLayer("encoder", None, None, exact=layer) for layer in maps.astype(np.float32))
    size = maps.shape[-1]
    return Trace(("a",) * size, (True,) * size, output, hidden, AttentionRecord({"encoder": layers}))


def test_total_variation_of_maps_and_answers_by_hand() -> None:
    """Rows (1, 0) and (0.25, 0.75) differ by 0.75; even attention over two keys by 0.5 and 0.25."""
    first = run(np.array([[[[1.0, 0.0], [1.0, 0.0]]]]), {"no": 0.9, "yes": 0.1}, np.ones((2, 2, 3)))
    second = run(np.array([[[[0.25, 0.75], [1.0, 0.0]]]]), {"no": 0.4, "yes": 0.6}, np.ones((2, 2, 3)))
    assert disturbance.maps_moved(first, second).tolist() == [[0.375]]
    assert disturbance.from_uniform(second).tolist() == [[0.375]]
    assert disturbance.answer_moved(first, second) == (pytest.approx(0.5), "total variation of the output")
    turned = run(np.zeros((1, 1, 2, 2)), {}, np.array([[[1.0, 0, 0]] * 2, [[0, 2.0, 0]] * 2]))
    still = run(np.zeros((1, 1, 2, 2)), {}, np.array([[[1.0, 0, 0]] * 2, [[3.0, 0, 0]] * 2]))
    assert disturbance.answer_moved(still, turned)[0] == pytest.approx(1.0)
    assert disturbance.answer_moved(still, still)[0] == pytest.approx(0.0)


def test_codes_of_a_bundled_transformer_move_as_the_formula_says() -> None:
    model = tiny("transformer")
    words = model.embed(model.ids(SEVEN))[0].double().numpy()
    rate = 1e4 ** (-np.arange(0, 64, 2) / 64)
    for kind in disturbance.KINDS:
        at = np.array(disturbance.places(kind, 7, seed=2, by=11))[:, None] * rate
        code = np.stack([np.sin(at), np.cos(at)], axis=-1).reshape(7, 64) / 8
        found = disturbance.trace(model, SEVEN, kind, seed=2, by=11).hidden[0]
        assert found == pytest.approx(words + (0 if kind == "removed" else code), abs=1e-5)


def test_a_model_that_adds_no_codes_is_refused() -> None:
    with pytest.raises(ValueError, match="adds no position codes"):
        disturbance.trace(tiny("cnn"), SEVEN, "removed")


@NEEDS_MINILM
def test_codes_of_minilm_move_and_the_model_stays() -> None:
    model = load(MINILM, "cpu")
    embeddings = model.own.base_model.embeddings
    before = {key: value.clone() for key, value in model.own.state_dict().items()}
    ids = model.prepare(SENTENCE).tensors["input_ids"]
    words = embeddings.word_embeddings(ids) + embeddings.token_type_embeddings(torch.zeros_like(ids))
    for kind in disturbance.KINDS:
        at = disturbance.places(kind, ids.shape[1], seed=2, by=100)
        code = 0 if kind == "removed" else embeddings.position_embeddings(torch.tensor([at]))
        wanted = embeddings.LayerNorm(words + code)[0].detach().numpy()
        found = disturbance.trace(model, SENTENCE, kind, seed=2, by=100)
        assert found.hidden[0] == pytest.approx(wanted, abs=1e-5)
    normal = disturbance.trace(model, SENTENCE, "normal")
    assert np.abs(normal.hidden - model.trace(SENTENCE).hidden).max() < 1e-6
    assert all(torch.equal(before[key], value) for key, value in model.own.state_dict().items())
    with pytest.raises(ValueError, match="codes for 512 places: shift by at most"):
        disturbance.trace(model, SENTENCE, "shifted", by=505)


@NEEDS_MINILM
def test_without_codes_minilms_states_follow_the_words() -> None:
    """The same word twice, no codes: one and the same state, in every layer; with codes two."""
    model = load(MINILM, "cpu")
    bare = disturbance.trace(model, "dog bites dog", "removed").hidden
    assert np.abs(bare[:, 1] - bare[:, 3]).max() < 1e-4
    normal = model.trace("dog bites dog").hidden
    assert (np.abs(normal[:, 1] - normal[:, 3]).max(axis=-1) > 1e-2).all()
