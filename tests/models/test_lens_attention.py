"""Attention distance, entropy, rollout, patterns and anatomy against published values and closed forms."""

import numpy as np
import pytest

from models.lens import attention
from models.trace import AttentionLayer


@pytest.mark.parametrize(("rows", "patch", "pixels"), [(14, 16, 116.4922), (7, 32, 115.5029)])
def test_uniform_distance_over_patches(rows: int, patch: int, pixels: float) -> None:
    places = attention.grid(rows, rows, patch)
    allowed = np.ones((rows**2, rows**2), dtype=bool)
    assert attention.uniform_distance(allowed, places) == pytest.approx(pixels, abs=5e-5)


def test_distances_of_two_queries_and_the_largest() -> None:
    places = attention.grid(14, 14, 16)
    apart = np.linalg.norm(places[:, None] - places, axis=-1)
    even = attention.uniform(np.ones((196, 196), dtype=bool))
    by_query = (even * apart).sum(axis=1)
    assert by_query[0] == pytest.approx(161.0302, abs=5e-5)
    assert by_query[7 * 14 + 7] == pytest.approx(86.0189, abs=5e-5)
    assert apart.max() == pytest.approx(294.1564, abs=5e-5)


@pytest.mark.parametrize(
    ("length", "full", "causal"),
    [(8, 2.625, 1.75), (10, 3.3, 2.25), (16, 5.3125, 3.75), (32, 10.65625, 7.75), (128, 42.6641, 31.75)],
)
def test_uniform_distance_over_words(length: int, full: float, causal: float) -> None:
    places = np.arange(length)
    every = np.ones((length, length), dtype=bool)
    assert attention.uniform_distance(every, places) == pytest.approx(full, abs=5e-5)
    assert attention.uniform_distance(np.tri(length, dtype=bool), places) == pytest.approx(causal, abs=1e-9)


def test_identity_has_no_distance_and_nothing_is_renormalised() -> None:
    shifted = 0.5 * np.eye(7, k=-1)
    weights = np.stack([np.eye(7), shifted])
    np.testing.assert_allclose(attention.distance(weights, 3 * np.arange(7)), [0, 0.5 * 3 * 6 / 7])


def test_distance_refuses_a_map_without_its_coordinates() -> None:
    with pytest.raises(ValueError, match=r"got \(1, 7, 7\) and 5"):
        attention.distance(np.eye(7), np.arange(5))


def test_entropy_of_known_rows_and_of_a_sink() -> None:
    rows = np.array([[[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.25] * 4, [0.25, 0.25, 0, 0]]])
    np.testing.assert_allclose(attention.entropy(rows), [[0, 1, 2, 1.5]])
    np.testing.assert_allclose(attention.uniform_entropy(np.tri(4, dtype=bool)), np.log2([1, 2, 3, 4]))


def test_rollout_of_shifts_is_a_binomial() -> None:
    shift = np.eye(7, k=-1)
    shift[0, 0] = 1
    rolled = attention.rollout(np.stack([shift] * 3))
    np.testing.assert_allclose(rolled[6, 3:], np.array([1, 3, 3, 1]) / 8)
    np.testing.assert_allclose(rolled.sum(axis=1), 1, atol=1e-6)


def test_rollout_multiplies_the_last_layer_on_the_left() -> None:
    random = np.random.default_rng(0)
    first, last = random.dirichlet(np.ones(5), (2, 5))
    whole = (0.5 * np.eye(5) + 0.5 * last) @ (0.5 * np.eye(5) + 0.5 * first)
    np.testing.assert_allclose(attention.rollout(np.stack([first, last])), whole, atol=1e-6)


def test_rollout_lets_a_sink_absorb() -> None:
    half = np.full((3, 3), 0.5 / 3)
    np.testing.assert_allclose(attention.rollout(np.stack([half, half])).sum(axis=1), 0.75**2, atol=1e-6)


TOKENS = ("[CLS]", "the", "cat", ",", "the", "cat", "[SEP]")
SPECIAL = (True, False, False, False, False, False, True)


def one_hot(keys: list[int]) -> np.ndarray:
    return np.eye(len(TOKENS))[keys][None]


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("previous", [0, 0, 1, 2, 3, 4, 5]),
        ("next", [1, 2, 3, 4, 5, 6, 6]),
        ("first", [0] * 7),
        ("delimiter", [6, 6, 6, 3, 3, 6, 6]),
        ("self", [0, 1, 2, 3, 4, 5, 6]),
    ],
)
def test_a_pure_head_scores_one_and_is_named(name: str, keys: list[int]) -> None:
    found = attention.patterns(one_hot(keys), TOKENS, SPECIAL)
    assert found.scores[found.names.index(name), 0] == pytest.approx(1)
    assert found.name(0) == name


def test_same_token_and_induction_cells() -> None:
    same = attention.cells("same token", TOKENS, SPECIAL, (7, 7))
    assert {(int(i), int(j)) for i, j in np.argwhere(same)} == {(1, 4), (4, 1), (2, 5), (5, 2)}
    after = attention.cells("induction", TOKENS, SPECIAL, (7, 7))
    assert {(int(i), int(j)) for i, j in np.argwhere(after)} == {(4, 2), (5, 3)}


def test_tokens_are_the_same_where_the_model_reads_the_same_piece() -> None:
    """A word at the start and after a blank are two ids with one text; two unknown words are one id."""
    pieces = ("<s>", "cat", "Ġcat", "[UNK]", "Ġcat", "[UNK]", "</s>")
    words = ("<s>", "cat", "cat", "zebra", "cat", "okapi", "</s>")
    pairs = np.zeros((1, 7, 7))
    for query, key in ((2, 4), (4, 2), (3, 5), (5, 3)):
        pairs[0, query, key] = 1
    found = attention.patterns(pairs, words, SPECIAL, pieces=pieces)
    at = found.names.index("same token")
    assert (found.scores[at, 0], found.queries[at]) == (1, 4)
    assert attention.patterns(pairs, words, SPECIAL).queries[at] == 3


def test_the_uniform_map_scores_its_own_baseline() -> None:
    causal = np.tri(7, dtype=bool)
    found = attention.patterns(attention.uniform(causal)[None], TOKENS, SPECIAL, causal)
    seen = ~np.isnan(found.baseline)
    np.testing.assert_allclose(found.scores[seen, 0], found.baseline[seen])
    assert found.name(0) == "uniform"
    by_name = dict(zip(found.names, found.baseline, strict=True))
    assert by_name["previous"] == pytest.approx(np.mean([1 / n for n in range(2, 8)]))
    assert np.isnan(by_name["next"])


def test_a_sink_counts_as_first() -> None:
    weights = np.zeros((1, 7, 7))
    weights[0, :, 3] = 0.25
    found = attention.patterns(weights, TOKENS, SPECIAL)
    assert found.scores[found.names.index("first"), 0] == pytest.approx(0.75)
    assert found.sink[0] == pytest.approx(0.75)
    weights[0, :, 0] = 0.125
    found = attention.patterns(weights, TOKENS, SPECIAL)
    assert found.scores[found.names.index("first"), 0] == pytest.approx(0.75)
    assert found.sink[0] == pytest.approx(0.625)


def test_cross_attention_has_no_patterns_of_place() -> None:
    found = attention.patterns(np.full((2, 5, 7), 1 / 7), TOKENS, SPECIAL)
    for name in ("previous", "self", "induction", "local"):
        assert np.isnan(found.scores[found.names.index(name)]).all()
    assert found.baseline[found.names.index("first")] == pytest.approx(1 / 7)


def layer(**extra: object) -> AttentionLayer:
    random = np.random.default_rng(1)
    query, key, value = (random.standard_normal((n, 7, d)).astype(np.float32) for n, d in ((6, 5), (2, 5), (2, 3)))
    return AttentionLayer("decoder", query, key, scale=5**-0.5, value=value, **extra)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"allowed": np.tri(7, dtype=bool)},
        {"bias": np.random.default_rng(2).standard_normal((6, 7, 7)).astype(np.float32), "softcap": 1.5},
        {"sinks": np.linspace(-1, 1, 6).astype(np.float32), "allowed": np.tri(7, dtype=bool)},
    ],
)
def test_anatomy_ends_at_the_row_of_the_map(extra: dict[str, object]) -> None:
    one = layer(**extra)
    for head, row in ((0, 0), (3, 6), (5, 2)):
        parts = attention.anatomy(one, head, row)
        np.testing.assert_allclose(parts.weights, one.map(head)[row], atol=1e-7)
        np.testing.assert_allclose(parts.product.sum(axis=1) * parts.scale, parts.scaled)
        assert parts.weights.sum() + parts.sink == pytest.approx(1)
        expected = one.map(head)[row].astype(float) @ one.value[one.group(head)]
        np.testing.assert_allclose(parts.output, expected, atol=1e-6)


def test_the_softmax_gradient_is_the_norm_of_its_jacobian() -> None:
    parts = attention.anatomy(layer(), 2, 4)
    jacobian = np.diag(parts.weights) - np.outer(parts.weights, parts.weights)
    assert parts.gradient == pytest.approx(np.linalg.norm(jacobian))
    flat = attention.anatomy(layer(), 2, 4, scale=0.0)
    assert flat.gradient == pytest.approx(6**0.5 / 7)
    assert flat.entropy == pytest.approx(np.log2(7))


def test_without_the_division_the_softmax_saturates_with_width() -> None:
    found = attention.scaling((4, 64, 1024))
    np.testing.assert_allclose(found.spread[0], 1, rtol=0.06)
    np.testing.assert_allclose(found.spread[1], [2, 8, 32], rtol=0.06)
    assert np.ptp(found.entropy[0]) < 0.25
    assert found.entropy[1, 2] < 0.2
    assert found.gradient[1, 2] < found.gradient[1, 0] / 5


def test_heads_are_cut_into_and_not_of_size() -> None:
    x = np.arange(3 * 10).reshape(3, 10)
    right, wrong = attention.split_heads(x, 2), attention.split_heads(x, 2, "of size")
    np.testing.assert_array_equal(right[1], x[:, 5:])
    np.testing.assert_array_equal(wrong[1], x[:, 2:4])
    assert (len(right), len(wrong)) == (2, 5)
    with pytest.raises(ValueError, match="got 10 and 3"):
        attention.split_heads(x, 3)


def test_split_maps_agree_with_torch_multi_head_attention_only_when_cut_into() -> None:
    import torch

    module = torch.nn.MultiheadAttention(10, 2, bias=False, batch_first=True).eval()
    x = torch.randn(1, 7, 10, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        weights = module(x, x, x, average_attn_weights=False)[1][0].numpy()
        query, key, _ = (x[0] @ module.in_proj_weight.T).chunk(3, dim=-1)
    np.testing.assert_allclose(attention.split_maps(query.numpy(), key.numpy(), 2), weights, atol=1e-6)
    wrong = attention.split_maps(query.numpy(), key.numpy(), 2, "of size")
    assert wrong.shape[0] == 5
    assert np.abs(wrong[:2] - weights).max() > 1e-3


def test_every_fault_says_what_was_wanted() -> None:
    with pytest.raises(ValueError, match=r"head must lie in 0\.\.5, got 6"):
        attention.anatomy(layer(), 6, 0)
    with pytest.raises(ValueError, match=r"query must lie in 0\.\.6, got 7"):
        attention.anatomy(layer(), 0, 7)
    with pytest.raises(ValueError, match="finished maps"):
        attention.anatomy(AttentionLayer("encoder", None, None, exact=np.ones((1, 2, 2), np.float32)), 0, 0)
    with pytest.raises(ValueError, match="need Tk tokens"):
        attention.patterns(np.ones((1, 7, 7)), ("a",))


def test_a_map_longer_than_one_block_is_the_softmax_of_the_whole() -> None:
    random = np.random.default_rng(3)
    query, key = (random.standard_normal((n, 131, 5)).astype(np.float32) for n in (6, 2))
    reach = np.abs(np.arange(131)[:, None] - np.arange(131)) < 17
    bias, sinks = random.standard_normal((6, 1, 131)).astype(np.float32), np.linspace(-2, 2, 6).astype(np.float32)
    one = AttentionLayer("encoder", query, key, scale=0.7, allowed=reach, bias=bias, softcap=2.5, sinks=sinks)
    raw = query[4].astype(float) @ key[1].astype(float).T * 0.7 + bias[4]
    score = np.where(reach, np.exp(2.5 * np.tanh(raw / 2.5)), 0)
    expected = score / (score.sum(axis=1, keepdims=True) + np.exp(float(sinks[4])))
    np.testing.assert_allclose(one.map(4), expected, atol=1e-7)
    np.testing.assert_array_equal(one.scores(4, slice(120, 131)), one.scores(4)[120:])


def test_a_sample_of_all_queries_scores_as_the_whole_and_a_part_as_its_rows() -> None:
    random = np.random.default_rng(5)
    maps = random.dirichlet(np.ones(17), (3, 17))
    words, special = list("abcabdeab.fgabcab"), (True, *[False] * 16)
    whole = attention.patterns(maps, words, special)
    every = attention.patterns(maps, words, special, sample=attention.drawn(17, 99))
    np.testing.assert_allclose(every.scores, whole.scores)
    some = attention.Sample(np.array([2, 3, 7, 13]), 17)
    part = attention.patterns(maps[:, some.rows], words, special, sample=some)
    for at, name in enumerate(attention.PATTERNS):
        if name == "uniform":
            continue
        wanted = attention.cells(name, words, special, (17, 17))[some.rows]
        np.testing.assert_array_equal(attention.cells(name, words, special, (17, 17), some.rows), wanted)
        rows = wanted.any(axis=1)
        expected = (maps[:, some.rows] * wanted)[:, rows].sum(axis=-1).mean(axis=-1) if rows.any() else np.nan
        if name != "first":
            np.testing.assert_allclose(part.scores[at], expected)
    places = np.arange(17.0)
    np.testing.assert_allclose(
        attention.distance(maps[:, some.rows], places, some.rows),
        [[abs(row - np.arange(17)) @ one[row] for row in some.rows] for one in maps] @ np.full(4, 0.25),
    )


def test_a_sample_is_seeded_rising_and_never_repeats() -> None:
    one, other = attention.drawn(4096, 256), attention.drawn(4096, 256)
    np.testing.assert_array_equal(one.rows, other.rows)
    assert len(one.rows) == 256
    assert (np.diff(one.rows) > 0).all()
    with pytest.raises(ValueError, match="wanted weights of 256 sampled queries"):
        attention.patterns(np.ones((1, 3, 4096)) / 4096, ["a"] * 4096, sample=one)


def test_places_of_two_texts_are_never_the_same_even_where_both_are_as_long() -> None:
    weights = np.eye(5)[None]
    own = attention.patterns(weights, tuple("abcde"))
    cross = attention.patterns(weights, tuple("abcde"), joined=True)
    at = own.names.index("self")
    assert (own.scores[at, 0], own.name(0)) == (1.0, "self")
    assert np.isnan(cross.scores[at, 0])
    assert np.isnan(cross.baseline[at])
    first = own.names.index("first")
    assert cross.scores[first, 0] == own.scores[first, 0]
