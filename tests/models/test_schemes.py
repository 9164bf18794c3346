"""Position schemes inside the zoo's transformer: published values, another implementation, and what each can tell."""

import numpy as np
import pytest
import torch
from torch import nn

from models.lens import positional
from models.zoo import build
from models.zoo.schemes import SCHEMES, LearnedPositions, PlacedAttention, bucket, codes, slopes, turn
from models.zoo.transformer import SelfAttention
from tests.models.tiny import LABELS, SEVEN, WORDS, settings, wrap

T, D, HEADS = 7, 16, 2
CAUSAL = (False, True)


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def mixer(scheme: str, causal: bool) -> PlacedAttention:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(11)
        made = PlacedAttention(D, HEADS, scheme, causal).double()
        if made.near is not None:
            nn.init.normal_(made.near)
    return made.requires_grad_(False)


def model(scheme: str, causal: bool, readout: str = "last"):
    facts = {**settings("transformer", causal, readout), "scheme": scheme, "places": 5}
    return wrap(build(facts, seed=3), "transformer")


@pytest.mark.parametrize("causal", CAUSAL)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_attention_under_a_scheme_is_its_formula(scheme: str, causal: bool) -> None:
    mix, x = mixer(scheme, causal), noise(1, T, D)
    query, key, value = (part.numpy()[0] for part in SelfAttention.split(mix, x))
    at = np.arange(T)
    relative = at[None] - at[:, None]
    if scheme == "rope":
        query, key = (positional.rope(part, at, layout="half") for part in (query, key))
    score = query @ key.transpose(0, 2, 1) / (D / HEADS) ** 0.5
    if scheme == "alibi":
        score = score - np.abs(relative) * positional.alibi_slopes(HEADS)[:, None, None]
    if scheme == "t5":
        score = score + mix.near.numpy()[positional.t5_bucket(relative, not causal)].transpose(2, 0, 1)
    if causal:
        score = np.where(relative > 0, -np.inf, score)
    weight = np.exp(score) / np.exp(score).sum(-1, keepdims=True)
    mixed = (weight @ value).transpose(1, 0, 2).reshape(T, D)
    wanted = mixed @ mix.out.weight.numpy().T + mix.out.bias.numpy()
    assert mix(x, None)[0].numpy() == pytest.approx(wanted, abs=1e-12)
    assert mix.weights(x)[0].numpy() == pytest.approx(weight.mean(0), abs=1e-12)


@pytest.mark.parametrize("bidirectional", (True, False))
def test_buckets_are_those_of_the_lens(bidirectional: bool) -> None:
    relative = np.arange(-300, 301)
    wanted = positional.t5_bucket(relative, bidirectional)
    assert (bucket(torch.from_numpy(relative), bidirectional).numpy() == wanted).all()


def test_slopes_are_the_published_ones() -> None:
    assert slopes(8).tolist() == [2.0**-h for h in range(1, 9)]
    assert slopes(16)[0] == pytest.approx(2**-0.5)
    with pytest.raises(ValueError, match="power of two, got 6"):
        slopes(6)


def test_turning_keeps_lengths_and_products_of_equal_offsets() -> None:
    query, key = (turn(noise(1, D, seed=seed).expand(11, D)) for seed in (1, 2))
    products = query @ key.T
    assert query.norm(dim=-1).numpy() == pytest.approx(float(query[0].norm()), rel=1e-12)
    for offset in range(-4, 5):
        along = torch.diagonal(products, offset)
        assert along.numpy() == pytest.approx(float(along[0]), abs=1e-12)
    assert products.std() > 0.1


@pytest.mark.parametrize("causal", CAUSAL)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_padding_changes_nothing(scheme: str, causal: bool) -> None:
    network = model(scheme, causal).network
    ids = torch.tensor([[3, 5, 7, 2, 9], [3, 5, 7, 0, 0]])
    mask = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    padded = network(network.embedding(ids), mask)
    alone = network(network.embedding(ids[1:, :3]))
    assert torch.allclose(padded.logits[1], alone.logits[0], atol=1e-6)
    assert torch.allclose(padded.hidden[-1][1, :3], alone.hidden[-1][0], atol=1e-6)


@pytest.mark.parametrize("causal", CAUSAL)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_trace_rebuilds_the_maps_with_their_bias_and_mask(scheme: str, causal: bool) -> None:
    one = model(scheme, causal)
    trace = one.trace(SEVEN)
    assert trace.attention is not None and trace.gates is None
    for layer, block in enumerate(one.network.blocks):
        mean = np.mean([trace.attention.map(layer, head) for head in range(4)], axis=0)
        wanted = block.mix.weights(block.before_mix(torch.from_numpy(trace.hidden[layer])[None]))[0]
        assert mean == pytest.approx(wanted.numpy(), abs=1e-6)
        assert (np.triu(mean, 1) == 0).all() == causal


@pytest.mark.parametrize("scheme", SCHEMES)
def test_left_to_right_means_no_later_word_is_seen(scheme: str) -> None:
    one, other = (model(scheme, True).trace(f"ant bee cat dog {last}").hidden for last in ("elk", "fox"))
    assert (one[:, :4] == other[:, :4]).all()
    assert (one[:, 4] != other[:, 4]).any()


def test_a_learned_table_reads_its_last_row_beyond_its_end() -> None:
    table = LearnedPositions(5, D)
    added = table(torch.zeros(1, 9, D))[0]
    assert torch.equal(added[:5], table.table)
    assert (added[5:] == table.table[4]).all()
    assert torch.equal(table(torch.zeros(1, 2, D), torch.tensor([3, 1]))[0], table.table[[3, 1]])


@pytest.mark.parametrize(("scheme", "adds"), [(name, name in ("sinusoidal", "learned")) for name in SCHEMES])
def test_only_two_schemes_add_codes(scheme: str, adds: bool) -> None:
    assert (codes(scheme, D, 5) is not None) == adds


@pytest.mark.parametrize("scheme", ["sinusoidal", "learned"])
def test_codes_are_given_as_an_argument_and_nothing_is_kept(scheme: str) -> None:
    one = model(scheme, False)
    first = one.trace(SEVEN)
    assert (one.trace(SEVEN, places=range(7)).hidden == first.hidden).all()
    assert (one.trace(SEVEN, places=[2, 0, 1, 3, 4, 6, 5]).hidden[0] != first.hidden[0]).any()
    bare = one.trace(SEVEN, coded=False).hidden[0]
    assert (bare == one.embed(one.ids(SEVEN))[0].numpy()).all()
    assert (one.trace(SEVEN).hidden == first.hidden).all()


def test_moving_codes_that_are_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="adds no position codes"):
        model("rope", True).trace(SEVEN, places=range(7))
    with pytest.raises(ValueError, match="adds no position codes"):
        model("none", True).trace(SEVEN, coded=False)


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match=r"scheme must be one of none, .*, got 'rotary'"):
        PlacedAttention(D, HEADS, "rotary", False)


def test_a_network_without_a_scheme_starts_as_before() -> None:
    """The same random numbers in the same order: bundled seeds keep their meaning."""
    facts = settings("transformer")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        first = [SelfAttention(64, 4).project.weight for _ in range(2)]
    assert all(torch.equal(block.mix.project.weight, w) for block, w in zip(build(facts, 5).blocks, first, strict=True))
    assert (len(WORDS), len(LABELS)) == (facts["vocabulary"], facts["classes"])
