"""What every architecture of the zoo must do alike: ignore padding, respect the direction of time, start from seeds."""

import math

import pytest
import torch

from models.zoo import build
from models.zoo.network import Network
from tests.models.tiny import LABELS, NAMES, ONE_WAY, SEVEN, WORDS, settings, tiny, words

LENGTHS = (11, 3, 1, 7)


def padded(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids [B, T] with random words in the padding, so that reading it would show; and the mask."""
    ids = torch.randint(0, len(WORDS), (len(LENGTHS), max(LENGTHS)), generator=torch.Generator().manual_seed(seed))
    return ids, torch.arange(max(LENGTHS))[None] < torch.tensor(LENGTHS)[:, None]


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("readout", ["last", "mean", "max"])
@pytest.mark.parametrize("name", NAMES)
def test_a_padded_batch_equals_each_text_alone(name: str, readout: str, causal: bool) -> None:
    network = tiny(name, readout=readout, causal=causal, double=True).network
    ids, mask = padded(1)
    together = network(network.embedding(ids), mask)
    for line, length in enumerate(LENGTHS):
        alone = network(network.embedding(ids[line : line + 1, :length]))
        torch.testing.assert_close(together.logits[line], alone.logits[0], rtol=0, atol=1e-12)
        for depth, state in enumerate(alone.hidden):
            torch.testing.assert_close(together.hidden[depth][line, :length], state[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_a_real_word_changes_the_padded_output(name: str) -> None:
    """The test above would pass for a network that reads nothing."""
    network = tiny(name, double=True).network
    ids, mask = padded(1)
    other = ids.clone()
    other[0, 10] = 1 + ids[0, 10] % (len(WORDS) - 1)
    first, second = (network(network.embedding(i), mask).logits for i in (ids, other))
    assert (first[0] - second[0]).abs().max() > 1e-6
    assert torch.equal(first[1:], second[1:])


def codes(length: int, width: int) -> torch.Tensor:
    """PE(p, 2i) = sin(p / 10000^(2i / D)), PE(p, 2i + 1) = cos, one number at a time."""
    angle = [[p / 1e4 ** (2 * (i // 2) / width) for i in range(width)] for p in range(length)]
    return torch.tensor([[math.cos(a) if i % 2 else math.sin(a) for i, a in enumerate(row)] for row in angle])


def test_parameters_are_matched() -> None:
    for vocabulary in (len(WORDS), 221, 5000):
        facts = [{**settings(name), "vocabulary": vocabulary} for name in NAMES]
        sizes = [sum(p.numel() for p in build(one, 0).parameters()) for one in facts]
        assert max(sizes) / min(sizes) < 1.1


@pytest.mark.parametrize("name", ONE_WAY)
def test_a_causal_network_does_not_see_later_words(name: str) -> None:
    model = tiny(name, causal=True)
    before = model.trace(f"{SEVEN} ant bee cat dog").hidden
    after = model.trace(f"{SEVEN} ant lynx cat dog").hidden
    assert (before[:, :8] == after[:, :8]).all()
    assert (before[:, 8] != after[:, 8]).any()
    assert (before[-1, 9] != after[-1, 9]).any()


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("rnn", "lstm", "lstm-bias4", "gru")])
def test_a_network_that_sees_both_ways_sees_a_later_word(name: str) -> None:
    model = tiny(name, causal=False)
    before, after = (model.trace(f"{SEVEN} {last}").hidden[-1] for last in ("ant", "bee"))
    assert (before[6] != after[6]).any()


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_fixes_the_start_and_leaves_the_global_generator_alone(name: str) -> None:
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)
    first, same, other = (build(settings(name), seed).state_dict() for seed in (5, 5, 6))
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(first[key], same[key]) for key in first)
    assert not torch.equal(first["embedding.weight"], other["embedding.weight"])
    assert any(not torch.equal(first[key], other[key]) for key in first if ".mix." in key)


@pytest.mark.parametrize("name", NAMES)
def test_hidden_starts_with_the_input_and_ends_with_what_is_read(name: str) -> None:
    model = tiny(name)
    embedded = model.embed(model.ids(SEVEN))
    run = model.run(embedded)
    assert len(run.hidden) == len(model.network.blocks) + 1
    added = torch.zeros(7, 64) if name != "transformer" else codes(7, 64) / 8
    torch.testing.assert_close(run.hidden[0][0], embedded[0] + added)
    head = model.network.head
    torch.testing.assert_close(run.logits[0], head.weight @ run.hidden[-1][0, -1] + head.bias)
    state = run.hidden[-1][0]
    centred = (state - model.network.norm.bias) / model.network.norm.weight
    torch.testing.assert_close(centred.mean(dim=-1), torch.zeros(7), atol=1e-6, rtol=0)
    torch.testing.assert_close(centred.var(dim=-1, correction=0), torch.ones(7), atol=1e-3, rtol=0)


@pytest.mark.parametrize("readout", ["last", "mean", "max"])
def test_the_readout_pools_as_its_name_says(readout: str) -> None:
    network = tiny("cnn", readout=readout).network
    x = torch.randn(2, 5, 64, generator=torch.Generator().manual_seed(2))
    mask = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    wanted = {
        "last": [x[0, 4], x[1, 2]],
        "mean": [x[0].sum(0) / 5, x[1, :3].sum(0) / 3],
        "max": [x[0].max(0).values, x[1, :3].max(0).values],
    }[readout]
    torch.testing.assert_close(network.read(x, mask), torch.stack(wanted))
    torch.testing.assert_close(network.read(x[:1], None), wanted[0][None])


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(ValueError, match=r"architecture must be one of mlp, .* got 'perceptron'"):
        build({**settings("mlp"), "architecture": "perceptron"})
    with pytest.raises(ValueError, match="readout must be one of last, mean, max, got 'first'"):
        build(settings("mlp", readout="first"))


def test_too_long_a_text_is_refused_by_the_fixed_matrix_alone() -> None:
    assert {name: tiny(name).limit for name in NAMES} == {name: 64 if name == "mlp" else None for name in NAMES}
    model = tiny("mlp")
    assert len(model.trace(words(64)).tokens) == 64
    with pytest.raises(ValueError, match="at most 64 tokens, the text has 67"):
        model.trace(words(67))
    with pytest.raises(ValueError, match="at most 64 tokens, got 67"):
        model.network(torch.zeros(1, 67, 64))


def test_a_block_adds_what_it_mixes_and_what_it_feeds_forward() -> None:
    network: Network = tiny("mlp", double=True).network
    x = torch.randn(1, 7, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    block = network.blocks[0]

    def norm(values: torch.Tensor, layer: torch.nn.LayerNorm) -> torch.Tensor:
        centred = values - values.mean(-1, keepdim=True)
        return centred / (centred.square().mean(-1, keepdim=True) + 1e-5).sqrt() * layer.weight + layer.bias

    mixed = x + block.mix(norm(x, block.before_mix), None)
    inner = norm(mixed, block.before_feed) @ block.feed[0].weight.T + block.feed[0].bias
    gelu = inner * 0.5 * (1 + torch.erf(inner / 2**0.5))
    wanted = mixed + gelu @ block.feed[2].weight.T + block.feed[2].bias
    torch.testing.assert_close(block(x, None), wanted, rtol=0, atol=1e-12)


def test_labels_come_in_the_order_of_the_logits() -> None:
    model = tiny("gru")
    with torch.no_grad():
        model.network.head.bias.copy_(torch.tensor([0.0, 50.0, 0.0]))
    output = model.trace("ant").output
    assert tuple(output) == LABELS
    assert output["middle"] > 1 - 1e-12
