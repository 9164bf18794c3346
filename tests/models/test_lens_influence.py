"""Influence in both forms: finite differences, closed forms, zero patterns, honest errors, the saturated unit."""

import warnings

import numpy as np
import pytest
import torch

from models.lens import influence
from tests.models.tiny import (
    CONVOLUTIONS,
    FIVE,
    NAMES,
    ONE_WAY,
    SEVEN,
    WORDS,
    ByHand,
    Latch,
    Linear,
    Nothing,
    around,
    decays,
    jacobian,
    tiny,
    words,
)

REACH = {
    ("cnn", False): (5, 5),
    ("cnn", True): (10, 0),
    ("cnn-dilated", False): (31, 31),
    ("cnn-dilated", True): (62, 0),
}
LENGTH = {"cnn": 23, "cnn-dilated": 67}


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def linear(length: int = 5, width: int = 3) -> ByHand:
    return ByHand(noise(7, width), Linear(noise(length, length, seed=1), noise(width, width, seed=2)))


def band(length: int, reach: tuple[int, int]) -> np.ndarray:
    """Where u may see t: reach[0] words before, reach[1] after."""
    gap = np.subtract.outer(np.arange(length), np.arange(length))
    return (gap <= reach[0]) & (gap >= -reach[1])


def exactly(values: np.ndarray) -> object:
    return pytest.approx(values, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_gradient_equals_finite_differences_in_float64(name: str) -> None:
    model = tiny(name, causal=True, double=True)
    found = influence.matrix(model, FIVE, "gradient")
    assert found.values == exactly(jacobian(model, FIVE).square().sum(dim=(1, 3)).sqrt().numpy())
    assert (found.exact, found.error, found.probes) == (True, 0.0, 64)


def test_the_scalar_recurrence_gives_powers_of_its_weight() -> None:
    model = ByHand(noise(7, 1), Linear(decays(5, -0.7), torch.ones(1, 1)))
    assert influence.matrix(model, FIVE).values == exactly(decays(5, 0.7).numpy())


def test_a_linear_network_gives_its_own_blocks() -> None:
    model = linear()
    over_positions, over_width = noise(5, 5, seed=1), noise(3, 3, seed=2)
    assert influence.matrix(model, FIVE).values == exactly((over_positions.abs() * over_width.norm()).numpy())


def test_substitution_is_the_norm_of_j_dx_in_a_linear_network() -> None:
    model = linear()
    ids = model.ids(FIVE)[0]
    others = influence.substitutes(ids, 7, 11, seed=4)
    steps = torch.stack([model.table[others[t]] - model.table[ids[t]] for t in range(5)])
    moved = (steps @ noise(3, 3, seed=2).T).norm(dim=-1).mean(dim=1)
    found = influence.matrix(model, FIVE, "substitution", probes=11, seed=4)
    assert found.values == exactly((noise(5, 5, seed=1).abs() * moved).numpy())
    assert found.probes == 11


@pytest.mark.parametrize("kind", ["gradient", "substitution"])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_a_convolution_sees_its_reach_and_exactly_nothing_beyond(name: str, causal: bool, kind: str) -> None:
    values = influence.matrix(tiny(name, causal=causal), words(LENGTH[name]), kind, probes=1).values
    assert ((values != 0) == band(LENGTH[name], REACH[name, causal])).all()


@pytest.mark.parametrize("kind", ["gradient", "substitution"])
@pytest.mark.parametrize("name", ONE_WAY)
def test_left_to_right_models_have_zeros_above_the_diagonal(name: str, kind: str) -> None:
    values = influence.matrix(tiny(name, causal=True), SEVEN, kind).values
    assert (np.triu(values, 1) == 0).all()
    assert (values[np.tril_indices(7)] > 0).all()


@pytest.mark.parametrize("kind", ["gradient", "substitution"])
@pytest.mark.parametrize("name", ["mlp", "transformer", "hybrid"])
def test_a_model_of_all_words_has_no_zeros(name: str, kind: str) -> None:
    assert (influence.matrix(tiny(name), SEVEN, kind).values > 0).all()


@pytest.mark.parametrize("kind", ["gradient", "substitution"])
def test_a_network_without_mixing_is_diagonal(kind: str) -> None:
    values = influence.matrix(around([Nothing(), Nothing()]), SEVEN, kind).values
    assert ((values != 0) == np.eye(7, dtype=bool)).all()


def test_substitution_is_the_mean_change_of_whole_runs() -> None:
    """Each text written out and run by itself."""
    model = tiny("gru", double=True)
    ids = model.ids(FIVE)[0]
    others = influence.substitutes(ids, len(WORDS), 3, seed=2)
    wanted = torch.zeros(5, 5, dtype=torch.float64)
    with torch.no_grad():
        before = model.run(model.embed(ids[None])).hidden[-1][0]
        for t in range(5):
            for other in others[t]:
                changed = ids.clone()
                changed[t] = other
                wanted[:, t] += (model.run(model.embed(changed[None])).hidden[-1][0] - before).norm(dim=-1) / 3
    assert influence.matrix(model, FIVE, "substitution", 3, seed=2).values == exactly(wanted.numpy())


def test_substitution_states_its_standard_error() -> None:
    """Over seeds, the mean of 8 words strays from the mean of 400 by what is stated."""
    model = tiny("transformer")
    long = influence.matrix(model, SEVEN, "substitution", probes=400, seed=99).values
    short = [influence.matrix(model, SEVEN, "substitution", probes=8, seed=s) for s in range(20)]
    assert not short[0].exact
    measured = np.sqrt(np.mean([np.linalg.norm(one.values - long) ** 2 for one in short])) / np.linalg.norm(long)
    assert 0.6 < np.mean([one.error for one in short]) / measured < 1.6


def test_all_probes_are_exact_and_fewer_are_not() -> None:
    model, text = tiny("lstm", double=True), words(17)
    whole, part = influence.matrix(model, text, probes=64), influence.matrix(model, text)
    assert (whole.exact, whole.error) == (True, 0.0)
    assert (part.exact, part.probes) == (False, 8)
    position = 11
    wanted = torch.autograd.functional.jacobian(
        lambda x: model.run(x).hidden[-1][0, position], model.embed(model.ids(text))
    )
    norms = wanted[:, 0].square().sum(dim=(0, 2)).sqrt().numpy()
    assert whole.values[position] == exactly(norms)
    assert influence.row(model, text, position) == exactly(norms)


@pytest.mark.parametrize(("name", "probes"), [("cnn", 8), ("lstm", 8), ("transformer", 8), ("transformer", 48)])
def test_the_stated_error_is_the_measured_one(name: str, probes: int) -> None:
    model, text = tiny(name), words(17) if probes == 8 else FIVE
    exact = influence.matrix(model, text, probes=64).values
    found = [influence.matrix(model, text, probes=probes, seed=seed) for seed in range(12)]
    measured = np.sqrt(np.mean([np.linalg.norm(one.values - exact) ** 2 for one in found])) / np.linalg.norm(exact)
    assert 0.003 < measured < 0.1
    assert 0.6 < np.mean([one.error for one in found]) / measured < 1.6


def test_the_estimate_of_the_squares_has_no_bias() -> None:
    """Directions are orthonormal; over seeds the squares average to the exact ones."""
    model = tiny("gru", double=True)
    basis = influence._orthogonal(64, 64, seed=3)
    torch.testing.assert_close(basis @ basis.T, torch.eye(64, dtype=torch.float64), rtol=0, atol=1e-12)
    found = [influence.matrix(model, FIVE, probes=8, seed=seed).values for seed in range(60)]
    squares = np.mean(np.square(found, dtype=np.float64), axis=0)
    exact = influence.matrix(model, FIVE).values.astype(np.float64) ** 2
    assert np.linalg.norm(squares - exact) / np.linalg.norm(exact) < 0.03


def test_probes_are_seeded() -> None:
    model, text = tiny("cnn"), words(19)
    for kind in ("gradient", "substitution"):
        first, same, other = (influence.matrix(model, text, kind, 3, seed).values for seed in (1, 1, 2))
        assert (first == same).all()
        assert (first != other).any()


def test_one_probe_states_no_error() -> None:
    for kind in ("gradient", "substitution"):
        assert np.isnan(influence.matrix(tiny("rnn"), words(17), kind, probes=1).error)


def test_work_cut_into_pieces_is_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    model, text = tiny("transformer", double=True), SEVEN
    whole = [influence.matrix(model, text, kind, 3).values for kind in ("gradient", "substitution")]
    dropped = influence.occlusion(model, text, 1)
    monkeypatch.setattr(influence, "CHUNK", 16)
    for kind, values in zip(("gradient", "substitution"), whole, strict=True):
        assert influence.matrix(model, text, kind, 3).values == exactly(values)
    assert influence.occlusion(model, text, 1) == pytest.approx(dropped, abs=1e-7)


def test_a_saturated_unit_has_no_gradient_and_full_substitution() -> None:
    """The first word sets a tanh unit to +1 or -1 for good; its only substitute is its opposite."""
    model = ByHand(torch.tensor([[0.1], [1.0], [-1.0]]), Latch())
    text = "ant bee bee ant bee bee ant"
    assert model.run(model.embed(model.ids(text))).hidden[-1][0, :, 0].tolist() == pytest.approx([1.0] * 7, abs=1e-8)
    slope, moved = (influence.matrix(model, text, kind).values for kind in ("gradient", "substitution"))
    assert (slope[1:, 0] < 1e-12).all()
    assert moved[:, 0] == pytest.approx(np.full(7, 2.0), abs=1e-6)
    assert (moved[:, 1:] < 1e-6).all()


def test_substitutes_are_known_others_and_seeded() -> None:
    ids = torch.arange(13)
    first, same, other = (influence.substitutes(ids, 13, 500, seed) for seed in (1, 1, 2))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)
    assert not (first == ids[:, None]).any()
    assert (first > 0).all()
    for own in range(1, 13):
        counts = torch.bincount(first[own], minlength=13)
        assert set(counts.nonzero().flatten().tolist()) == set(range(1, 13)) - {own}
        assert (counts[counts > 0].sub(500 / 11).abs() < 5 * (500 / 11) ** 0.5).all()


def test_the_influence_of_the_output_equals_finite_differences() -> None:
    model = tiny("hybrid", double=True)
    start = model.embed(model.ids(FIVE))[0]
    shifts = torch.eye(5 * 64, dtype=torch.float64).view(-1, 5, 64) * 1e-5
    with torch.no_grad():
        up, down = (model.run(start + sign * shifts).logits for sign in (1, -1))
    slopes = ((up - down) / 2e-5).view(5, 64, 3).norm(dim=1)
    for target in range(3):
        assert influence.of_output(model, FIVE, target) == exactly(slopes[:, target].numpy())


@pytest.mark.parametrize("name", NAMES)
def test_occlusion_is_the_text_without_the_word(name: str) -> None:
    model = tiny(name, double=True)
    pieces = SEVEN.split()
    rest = [" ".join(pieces[:t] + pieces[t + 1 :]) for t in range(7)]
    wanted = [model.trace(SEVEN).output["middle"] - model.trace(text).output["middle"] for text in rest]
    assert influence.occlusion(model, SEVEN, 1) == pytest.approx(np.array(wanted), abs=1e-7)
    assert max(map(abs, wanted)) > 1e-4


def test_occlusion_of_a_single_word_is_undefined() -> None:
    assert np.isnan(influence.occlusion(tiny("gru"), "ant", 0)).tolist() == [True]


TIED = [3.0, 1.0, 1.0, 2.0, 0.0, 5.0, 3.0], [1.0, 2.0, 2.0, 2.0, 7.0, 0.0, 1.0]


def test_rank_correlation_has_scipys_values() -> None:
    """scipy.stats.spearmanr 1.17.1 on the same numbers."""
    first, second = map(np.array, TIED)
    assert influence.rank_correlation(first, second) == pytest.approx(-0.9718253158075502, abs=1e-12)
    ramp = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    assert influence.rank_correlation(ramp, ramp**3) == pytest.approx(1.0, abs=1e-12)
    assert influence.rank_correlation(ramp, np.array([5.0, 6.0, 7.0, 8.0, 7.0])) == pytest.approx(
        0.8207826816681233, abs=1e-12
    )


def test_rank_correlation_leaves_out_cells_that_are_zero_in_both() -> None:
    first, second = map(np.array, TIED)
    wide = [np.concatenate([values, np.zeros(11)]) for values in (first, second)]
    assert influence.rank_correlation(*wide) == influence.rank_correlation(first, second)


def test_rank_correlation_of_a_constant_is_undefined() -> None:
    assert np.isnan(influence.rank_correlation(np.ones(5), np.arange(5.0)))
    assert np.isnan(influence.rank_correlation(np.zeros(5), np.zeros(5)))
    assert np.isnan(influence.rank_correlation(np.array([1.0, 2.0]), np.array([1.0, 2.0])))


def test_wrong_questions_are_refused() -> None:
    model = tiny("gru")
    refused = {
        r"kind must be one of gradient, substitution, got 'hessian'": lambda: influence.matrix(model, FIVE, "hessian"),
        r"probes must lie in 1..64, got 67": lambda: influence.matrix(model, FIVE, probes=67),
        r"probes must lie in 1..64, got 0": lambda: influence.matrix(model, FIVE, probes=0),
        r"at least 1 word is needed to substitute, got 0": lambda: influence.matrix(model, FIVE, "substitution", 0),
        r"position must lie in 0..4, got 5": lambda: influence.row(model, FIVE, 5),
        r"position must lie in 0..4, got -1": lambda: influence.row(model, FIVE, -1),
        r"class must lie in 0..2, got 3": lambda: influence.of_output(model, FIVE, 3),
        r"class must lie in 0..2, got -1": lambda: influence.occlusion(model, FIVE, -1),
        r"one shape, got \(2,\) and \(3,\)": lambda: influence.rank_correlation(np.ones(2), np.ones(3)),
        r"at least 3 words .* got 2": lambda: influence.substitutes(torch.tensor([1]), 2, 1, 0),
    }
    for message, ask in refused.items():
        with pytest.raises(ValueError, match=message):
            ask()


@pytest.mark.parametrize("name", ["mlp", "cnn", "transformer", "hybrid"])
def test_batched_backward_passes_are_those_of_single_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to the same slopes; the batched one must not warn of a slow way round either."""
    model = tiny(name, double=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        batched = influence.matrix(model, words(19), probes=3)
    monkeypatch.setattr(influence, "_batches_backwards", lambda _: False)
    single = influence.matrix(model, words(19), probes=3)
    np.testing.assert_allclose(batched.values, single.values, rtol=1e-6, atol=0)
    assert batched.error == pytest.approx(single.error)


def test_recurrent_cells_are_run_beside_each_other() -> None:
    assert [influence._batches_backwards(tiny(name)) for name in ("lstm", "gru", "rnn", "cnn")] == [False] * 3 + [True]
