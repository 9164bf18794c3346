"""Position codes against the papers' values, closed forms, and transformers' own code."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models.lens import positional
from models.lens.positional import likeness

ROOT = Path(__file__).resolve().parents[2]
RANDOM = np.random.default_rng(7)


def test_it_imports_without_torch() -> None:
    asked = "import sys, models.lens.positional; print('torch' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


def test_sinusoids_of_width_four_are_the_published_rows() -> None:
    wanted = [[0, 1, 0, 1], [0.841471, 0.540302, 0.01, 0.99995], [0.909297, -0.416147, 0.019999, 0.9998]]
    np.testing.assert_allclose(positional.sinusoidal(3, 4), wanted, atol=5e-7)


def test_sinusoids_of_width_512_have_the_known_products_norms_and_wavelengths() -> None:
    codes = positional.sinusoidal(307, 512)
    products = codes @ codes[0]
    offsets = [0, 1, 2, 5, 10, 50, 100]
    wanted = [256, 249.102098, 231.733620, 189.596668, 173.789725, 131.090761, 111.950209]
    np.testing.assert_allclose(products[offsets], wanted, atol=5e-7)
    np.testing.assert_allclose((codes**2).sum(axis=1), 256, rtol=1e-12)
    lengths = positional.wavelengths(512)
    assert lengths[0] == pytest.approx(2 * np.pi)
    assert lengths[-1] == pytest.approx(60611.48, abs=5e-3)


def test_products_of_sinusoids_depend_on_the_distance_alone() -> None:
    matrix = likeness.dot(positional.sinusoidal(53, 34, base=37.0))
    offsets, mean, low, high = likeness.by_offset(matrix)
    rates = 37.0 ** (-np.arange(0, 34, 2) / 34)
    np.testing.assert_allclose(mean, np.cos(np.outer(offsets, rates)).sum(axis=1), atol=1e-12)
    np.testing.assert_allclose(high, low, atol=1e-12)
    assert likeness.unexplained(matrix) < 1e-24
    assert likeness.direction(matrix) < 1e-13


def test_a_shift_is_one_matrix_for_every_position() -> None:
    places = np.array([-3.5, 0.0, 2.0, 1001.25])
    moved = positional.sinusoidal_at(places + 4.25, 22, 50.0)
    matrix = positional.shift(4.25, 22, 50.0)
    np.testing.assert_allclose(positional.sinusoidal_at(places, 22, 50.0) @ matrix.T, moved, atol=1e-12)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(22), atol=1e-14)
    assert np.abs(matrix - matrix.T).max() > 0.5, "a shift has a direction"


def test_no_shift_misses_and_every_position_has_a_code_of_its_own() -> None:
    """Two codes k apart differ by sqrt(2 sum_i (1 - cos(w_i k))); with these waves neighbours are the most alike."""
    assert positional.shift_error(np.arange(512), 37, 62) < 1e-12
    codes = positional.sinusoidal(50, 6, 200.0)
    rates = 200.0 ** (-np.arange(0, 6, 2) / 6)
    gaps = np.sqrt(2 * (1 - np.cos(np.outer(np.arange(1, 50), rates))).sum(axis=1))
    assert likeness.nearest(codes) == pytest.approx(gaps.min())
    assert likeness.nearest(np.array([[1.0, 0.0], [0.0, 3.0], [1.0, 0.0]])) == 0.0


def test_fractional_and_negative_positions_are_those_of_the_formula() -> None:
    code = positional.sinusoidal_at([-1.5], 4, 100.0)[0]
    np.testing.assert_allclose(code, [np.sin(-1.5), np.cos(1.5), np.sin(-0.15), np.cos(0.15)], atol=1e-15)
    assert positional.sinusoidal(1, 2).tolist() == [[0.0, 1.0]]


def test_a_grid_code_adds_up_its_two_axes() -> None:
    codes = positional.sinusoidal_2d(5, 7, 12)
    row, column = np.divmod(np.arange(35), 7)
    rates = 1e4 ** (-np.arange(0, 6, 2) / 6)
    down, across = np.subtract.outer(row, row), np.subtract.outer(column, column)
    wanted = sum(np.cos(down * rate) + np.cos(across * rate) for rate in rates)
    np.testing.assert_allclose(codes @ codes.T, wanted, atol=1e-12)
    np.testing.assert_array_equal(codes[2 * 7 + 3, :6], positional.sinusoidal(5, 6)[2])
    np.testing.assert_array_equal(codes[2 * 7 + 3, 6:], positional.sinusoidal(7, 6)[3])


@pytest.mark.parametrize("layout", ["interleaved", "half"])
def test_rotated_products_see_the_offset_alone_and_norms_stay(layout: str) -> None:
    query, key = (x / np.linalg.norm(x) for x in RANDOM.standard_normal((2, 1, 62)))
    shifts = np.arange(1001.0)
    products = [
        (positional.rope(query, [3 + by], layout=layout) @ positional.rope(key, [11 + by], layout=layout).T).item()
        for by in shifts
    ]
    assert np.ptp(products) <= 1.2e-13
    assert np.ptp([(query @ positional.rope(key, [by], layout=layout).T).item() for by in shifts]) > 0.1
    turned = positional.rope(query, [917.5], layout=layout)
    assert np.linalg.norm(turned) == pytest.approx(np.linalg.norm(query), rel=1e-14)


def test_decay_is_a_bound_on_average_and_not_for_each_pair() -> None:
    """Abel's sum (Su et al. 2021, section 3.4.3): |score| <= max |h_{i+1} - h_i| sum_i |S_{i+1}|, h_i = q_i conj(k_i).

    The bound falls with the offset; single scores need not: many are larger far away than near.
    """
    d, draws, offsets = 128, 400, np.arange(0, 257)
    query, key = RANDOM.standard_normal((2, draws, d))
    h = (query[:, 0::2] + 1j * query[:, 1::2]) * (key[:, 0::2] - 1j * key[:, 1::2])
    sums = np.abs(np.cumsum(np.exp(-1j * np.outer(offsets, 1e4 ** (-np.arange(0, d, 2) / d))), axis=1))
    steps = np.abs(np.diff(np.pad(h, ((0, 0), (0, 1))), axis=1)).max(axis=1)
    scores = np.abs(positional.rope_scores(query, key, offsets))
    assert (scores <= steps[:, None] * sums.sum(axis=1) + 1e-9).all()
    mean = sums.mean(axis=1)
    assert mean[0] > 1.5 * mean[16:48].mean() > 1.5 * mean[192:].mean() > 0
    assert (scores[:, 200:] > scores[:, 5:6]).any(axis=1).mean() > 0.5


def test_rotation_is_multiplication_by_a_unit_complex_number() -> None:
    x = RANDOM.standard_normal((3, 5, 14))
    places = np.array([-2.0, 0.0, 0.5, 3.0, 1e5])
    turn = np.exp(1j * np.outer(places, 10.0 ** (-np.arange(0, 14, 2) / 14)))
    wanted = (x[..., 0::2] + 1j * x[..., 1::2]) * turn
    found = positional.rope(x, places, base=10.0)
    np.testing.assert_allclose(found[..., 0::2] + 1j * found[..., 1::2], wanted, atol=1e-12)
    order = np.concatenate([np.arange(0, 14, 2), np.arange(1, 14, 2)])
    half = positional.rope(x[..., order], places, base=10.0, layout="half")
    np.testing.assert_allclose(half, found[..., order], atol=1e-14)
    assert np.abs(positional.rope(x, places, base=10.0, layout="half") - found).max() > 0.1


def test_partial_rotation_leaves_the_rest_and_interpolation_divides_positions() -> None:
    x = RANDOM.standard_normal((4, 16))
    places = np.arange(4)
    part = positional.rope(x, places, rotated=6)
    np.testing.assert_array_equal(part[:, 6:], x[:, 6:])
    np.testing.assert_array_equal(part[:, :6], positional.rope(x[:, :6], places))
    np.testing.assert_array_equal(
        positional.rope(x, 8 * places, scale=8.0, layout="half"), positional.rope(x, places, layout="half")
    )
    assert positional.rope(x.astype(np.float32), places).dtype == np.float32
    assert positional.rope(np.ones((1, 2), dtype=int), [0]).dtype == np.float64


def test_a_raised_base_slows_the_slowest_pair_by_the_factor_and_leaves_the_fastest() -> None:
    before = positional.wavelengths(14, 50.0)
    after = positional.wavelengths(14, positional.raised_base(50.0, 14, 8))
    np.testing.assert_allclose(after / before, 8.0 ** (np.arange(7) / 6), rtol=1e-12)
    assert positional.raised_base(50.0, 2, 8) == 50.0


def test_alibi_slopes_are_the_papers() -> None:
    np.testing.assert_array_equal(positional.alibi_slopes(8), 2.0 ** -np.arange(1, 9))
    np.testing.assert_allclose(positional.alibi_slopes(16), 2.0 ** (-np.arange(1, 17) / 2), rtol=1e-15)
    assert positional.alibi_slopes(6).tolist() == [0.25, 0.0625, 0.015625, 0.00390625, 0.5, 0.125]
    assert positional.alibi_slopes(1).tolist() == [2.0**-8]
    bias = positional.alibi(8, np.arange(-4, 1))
    assert bias[1].tolist() == [-1.0, -0.75, -0.5, -0.25, 0.0]


BOTH = {0: 0, 8: 8, 11: 8, 12: 9, 15: 9, 16: 10, 22: 10, 23: 11, 31: 11, 32: 12, 45: 12, 46: 13, 63: 13, 64: 14}
BOTH |= {90: 14, 91: 15, 128: 15, 100_000: 15} | {away: away for away in range(8)}
BACK = {19: 17, 20: 17, 21: 18, 23: 18, 24: 19, 26: 19, 27: 20, 30: 20, 31: 21, 34: 21, 35: 22, 39: 22, 40: 23, 45: 23}
BACK |= {46: 24, 51: 24, 52: 25, 58: 25, 59: 26, 66: 26, 67: 27, 76: 27, 77: 28, 86: 28, 87: 29, 98: 29, 99: 30}
BACK |= {16: 16, 18: 16, 112: 30, 113: 31, 100_000: 31} | {away: away for away in range(16)}


def test_t5_buckets_are_those_of_the_paper() -> None:
    away = np.array(list(BOTH))
    assert positional.t5_bucket(-away).tolist() == list(BOTH.values())
    later = [bucket + 16 if distance else 0 for distance, bucket in BOTH.items()]
    assert positional.t5_bucket(away).tolist() == later
    back = np.array(list(BACK))
    assert positional.t5_bucket(-back, bidirectional=False).tolist() == list(BACK.values())
    assert not positional.t5_bucket(back, bidirectional=False).any()
    assert set(range(32)) - set(positional.t5_bucket(np.arange(-300, 301)).tolist()) == {16}


@pytest.mark.parametrize(
    ("length", "both", "unmet"),
    [
        (32, False, range(22, 32)),
        (32, True, [12, 13, 14, 15, 16, 28, 29, 30, 31]),
        (114, False, []),
        (92, True, [16]),
        (1, False, range(1, 32)),
    ],
)
def test_short_texts_never_meet_the_buckets_of_far_offsets(length: int, both: bool, unmet: list[int]) -> None:
    """By the paper's ranges: 31 back is in the causal bucket 21 (31 to 34) and in the bidirectional 11 (23 to 31)."""
    assert np.flatnonzero(~positional.t5_met(length, both)).tolist() == list(unmet)


def test_t5_biases_are_looked_up_a_head_and_the_example_is_its_formula() -> None:
    table = RANDOM.standard_normal((32, 3))
    offsets = np.array([[-100, -2], [0, 5]])
    found = positional.t5(table, offsets)
    assert found.shape == (3, 2, 2)
    np.testing.assert_array_equal(found[:, 0, 0], table[15])
    np.testing.assert_array_equal(found[:, 1, 1], table[21])
    example = positional.t5_example(4, bidirectional=False)
    np.testing.assert_allclose(example[:, 3], -np.log([*range(1, 18), 20, *_starts()]), rtol=1e-12)
    np.testing.assert_allclose(example[:, 0], example[:, 3] / 4)


def _starts() -> list[int]:
    """1 + the smallest distance of the causal buckets 18 .. 31."""
    return [22, 25, 28, 32, 36, 41, 47, 53, 60, 68, 78, 88, 100, 114]


def test_t5_shares_one_table_over_all_layers_and_does_not_divide_scores() -> None:
    """softmax(q k + b) in both layers of transformers' T5, with the first layer's table and no 1/sqrt(d)."""
    torch = pytest.importorskip("torch")
    from transformers import T5Config, T5EncoderModel

    torch.manual_seed(5)
    config = T5Config(vocab_size=13, d_model=10, d_kv=4, d_ff=6, num_layers=2, num_heads=3, attn_implementation="eager")
    model = T5EncoderModel(config).eval()
    blocks = [block.layer[0] for block in model.encoder.block]
    assert [hasattr(block.SelfAttention, "relative_attention_bias") for block in blocks] == [True, False]
    table = blocks[0].SelfAttention.relative_attention_bias.weight.detach().numpy()
    with torch.no_grad():
        run = model(torch.arange(11)[None], output_attentions=True, output_hidden_states=True)
        for block, states, theirs in zip(blocks, run.hidden_states, run.attentions, strict=False):
            x = block.layer_norm(states[0])
            q, k = (getattr(block.SelfAttention, name)(x).reshape(11, 3, 4).numpy() for name in "qk")
            scores = np.einsum("qhd,khd->hqk", q, k)
            scores += positional.t5(table, np.arange(11)[None] - np.arange(11)[:, None])
            ours = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
            np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-6)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: positional.sinusoidal(3, 5), "width must be even and at least 2 .*, got 5"),
        (lambda: positional.sinusoidal(3, 0), "width must be even and at least 2 .*, got 0"),
        (lambda: positional.sinusoidal(0, 4), "length must be a whole number of at least 1, got 0"),
        (lambda: positional.sinusoidal(2.5, 4), "length must be a whole number of at least 1, got 2.5"),
        (lambda: positional.sinusoidal(3, 4, base=1), "base must be above 1.*, got 1"),
        (lambda: positional.sinusoidal(3, 4, base=float("nan")), "base must be above 1.*, got nan"),
        (lambda: positional.sinusoidal_at([0, np.inf], 4), "positions must be a list of finite numbers"),
        (lambda: positional.sinusoidal_2d(2, 2, 6), "width must be a multiple of 4 .*, got 6"),
        (lambda: positional.rope(np.ones((2, 7)), [0, 1]), "width must be even and at least 2 .*, got 7"),
        (lambda: positional.rope(np.ones(4), [0]), r"x must have positions and features.*, got shape \(4,\)"),
        (lambda: positional.rope(np.ones((2, 4)), [0]), "wanted 2 positions, one a row of x, got 1"),
        (lambda: positional.rope(np.ones((1, 4)), [0], layout="odd"), "layout must be one of .*, got 'odd'"),
        (lambda: positional.rope(np.ones((1, 4)), [0], rotated=6), "rotated must lie in 1..4 features, got 6"),
        (lambda: positional.rope(np.ones((1, 4)), [0], scale=0), "scale must be above 0, got 0"),
        (lambda: positional.raised_base(1e4, 8, 0), "times must be above 0, got 0"),
        (lambda: positional.alibi_slopes(0), "heads must be a whole number of at least 1, got 0"),
        (lambda: positional.alibi_slopes(2.5), "heads must be a whole number of at least 1, got 2.5"),
        (lambda: positional.t5_bucket([0.5]), "offsets must be whole numbers"),
        (lambda: positional.t5_bucket([1], buckets=7), "buckets must be even and at least 4 .*, got 7"),
        (lambda: positional.t5_bucket([1], buckets=1, bidirectional=False), "buckets must be at least 2, got 1"),
        (lambda: positional.t5_bucket([1], max_distance=8), "max_distance must be above 8.*, got 8"),
        (lambda: positional.t5(np.ones(32), [1]), r"a table of biases must be \[buckets, heads\], got shape \(32,\)"),
        (lambda: likeness.by_offset(np.ones((2, 3))), r"must be square, got shape \(2, 3\)"),
    ],
)
def test_bad_settings_get_a_sentence(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()


def test_undefined_products_are_left_out() -> None:
    distance = -np.abs(np.subtract.outer(np.arange(9.0), np.arange(9.0)))
    part = np.where(distance < -5, np.nan, distance)
    assert likeness.unexplained(part) == 0 and likeness.direction(part) == 0
    offsets, mean, low, high = likeness.by_offset(part)
    assert offsets.tolist() == list(range(-5, 6)) and mean.tolist() == (-np.abs(offsets)).tolist()
    assert low.tolist() == high.tolist() == mean.tolist()
    assert np.isnan(likeness.unexplained(np.full((4, 4), np.nan)))
    assert np.isnan(likeness.direction(np.tril(np.ones((4, 4))) + np.triu(np.full((4, 4), np.nan), 1)))


def test_random_codes_are_not_explained_by_the_offset_and_a_constant_has_nothing_to_explain() -> None:
    matrix = likeness.dot(RANDOM.standard_normal((101, 64)))
    assert likeness.unexplained(matrix) == pytest.approx(1 - 2 / 101, abs=0.01)
    assert likeness.direction(matrix) > 0.1
    assert np.isnan(likeness.unexplained(np.ones((5, 5))))
    assert np.isnan(likeness.direction(np.ones((5, 5))))
    assert np.isnan(likeness.unexplained(np.ones((1, 1))))


def test_direction_is_one_for_a_matrix_that_only_tells_before_from_after() -> None:
    assert likeness.direction(np.sign(np.subtract.outer(np.arange(5.0), np.arange(5.0)))) == 1.0


def test_cosine_has_no_value_where_a_code_is_zero() -> None:
    found = likeness.cosine(np.array([[3.0, 4.0], [0.0, 0.0], [4.0, 3.0]]))
    assert found[0, 2] == pytest.approx(24 / 25)
    assert np.isnan(found[1]).all()


def test_transformers_own_code_agrees() -> None:
    """GPT-J turns interleaved pairs, Llama halves; Bloom's slopes up to a constant a row; T5's buckets."""
    torch = pytest.importorskip("torch")
    from transformers.models.bloom.modeling_bloom import build_alibi_tensor
    from transformers.models.gptj import modeling_gptj
    from transformers.models.llama import modeling_llama
    from transformers.models.t5.modeling_t5 import T5Attention

    x = RANDOM.standard_normal((1, 9, 2, 12)).astype(np.float32)
    places = np.arange(9)
    flat = np.moveaxis(x, 1, 2)  # heads before positions
    sines = modeling_gptj.create_sinusoidal_positions(9, 12)
    sine, cosine = sines[None].split(6, dim=-1)
    theirs = modeling_gptj.apply_rotary_pos_emb(torch.tensor(x), sine, cosine).numpy()
    np.testing.assert_allclose(np.moveaxis(positional.rope(flat, places), 2, 1), theirs, atol=2e-6)

    turn = torch.tensor(np.tile(positional.angles(places, 12), 2), dtype=torch.float32)[None]
    both, _ = modeling_llama.apply_rotary_pos_emb(torch.tensor(flat), torch.tensor(flat), turn.cos(), turn.sin())
    np.testing.assert_allclose(positional.rope(flat, places, layout="half"), both.numpy(), atol=2e-6)

    for heads in (1, 5, 8, 12, 16):
        theirs = build_alibi_tensor(torch.ones(1, 7), heads, torch.float32).numpy()[:, 0]
        ours = positional.alibi(heads, np.arange(7) - 6)
        np.testing.assert_allclose(ours - ours[:, :1], theirs, rtol=1e-6)

    offsets = np.arange(-700, 701)
    for settings in ((True, 32, 128), (False, 32, 128), (True, 10, 50), (False, 7, 90)):
        theirs = T5Attention._relative_position_bucket(torch.tensor(offsets), *settings).numpy()
        np.testing.assert_array_equal(positional.t5_bucket(offsets, *settings), theirs)
