"""Each way of mixing positions against its formula, written out one position at a time."""

import pytest
import torch
from torch import Tensor, nn

from models.zoo.convolution import Convolution
from models.zoo.perceptron import FixedMixing
from models.zoo.recurrent import GRU, LSTM, Elman, carried
from models.zoo.transformer import SelfAttention, SinusoidalPositions
from tests.models.tiny import SEVEN, tiny

B, T, D = 2, 7, 5


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def close(first: Tensor, second: Tensor, within: float = 1e-12) -> None:
    torch.testing.assert_close(first, second, rtol=0, atol=within)


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(13)


def test_fixed_mixing_is_a_linear_layer_over_positions() -> None:
    mix = FixedMixing(T).double()
    nn.init.normal_(mix.bias)
    linear = nn.Linear(T, T).double()
    linear.weight, linear.bias = mix.weight, mix.bias
    x = noise(B, T, D)
    close(mix(x, None), linear(x.transpose(1, 2)).transpose(1, 2))


def test_fixed_mixing_counts_places_from_the_end() -> None:
    mix = FixedMixing(11).double()
    nn.init.normal_(mix.bias)
    x = noise(B, T, D)
    laid = torch.cat([torch.zeros(B, 4, D, dtype=torch.float64), x], dim=1)
    whole = torch.stack([(mix.weight[u][None, :, None] * laid).sum(1) + mix.bias[u] for u in range(11)], dim=1)
    close(mix(x, None), whole[:, 4:])


def test_fixed_mixing_weights_are_its_matrix_whatever_the_words() -> None:
    mix = FixedMixing(11)
    first, second = mix.weights(noise(1, T, D)), mix.weights(noise(1, T, D, seed=1))
    assert torch.equal(first, second)
    assert torch.equal(first[0], mix.weight[4:, 4:].abs())


@pytest.mark.parametrize(
    ("kernel", "dilation", "causal"),
    [(3, 1, False), (3, 2, False), (5, 1, False), (3, 1, True), (3, 3, True), (2, 2, True)],
)
def test_convolution_is_its_sum(kernel: int, dilation: int, causal: bool) -> None:
    mix = Convolution(D, kernel, dilation, causal).double()
    x, weight = noise(B, T, D), mix.convolution.weight
    wanted = torch.zeros(B, T, D, dtype=torch.float64) + mix.convolution.bias
    for u in range(T):
        for tap in range(kernel):
            t = u + (tap - (kernel - 1 if causal else kernel // 2)) * dilation
            if 0 <= t < T:
                wanted[:, u] += x[:, t] @ weight[:, :, tap].T
    close(mix(x, None), wanted)


@pytest.mark.parametrize(("dilation", "causal"), [(1, False), (2, False), (1, True), (3, True)])
def test_convolution_weights_are_the_norms_of_its_taps(dilation: int, causal: bool) -> None:
    mix = Convolution(D, 3, dilation, causal).double()
    wired = mix.weights(noise(1, T, D))[0].detach()
    for u in range(T):
        for t in range(T):
            taps = [j for j in range(3) if u + (j - (2 if causal else 1)) * dilation == t]
            wanted = mix.convolution.weight.detach()[:, :, taps[0]].square().sum().sqrt() if taps else 0.0
            assert float(wired[u, t]) == pytest.approx(float(wanted), abs=1e-12)


def test_a_centred_kernel_must_be_odd() -> None:
    with pytest.raises(ValueError, match="must be odd, got 4"):
        Convolution(D, 4)


def test_elman_is_its_recurrence() -> None:
    mix = Elman(D).double()
    cell, x = mix.cell, noise(B, T, D)
    state, bias = torch.zeros(B, D, dtype=torch.float64), cell.bias_ih_l0 + cell.bias_hh_l0
    for t in range(T):
        state = torch.tanh(x[:, t] @ cell.weight_ih_l0.T + state @ cell.weight_hh_l0.T + bias)
        close(mix(x, None)[:, t], state)


def test_recurrences_with_an_orthogonal_start_keep_lengths() -> None:
    elman, gru = Elman(D), GRU(D)
    close(elman.cell.weight_hh_l0 @ elman.cell.weight_hh_l0.T, torch.eye(D), 1e-5)
    close(gru.cell.weight_hh_l0.T @ gru.cell.weight_hh_l0, torch.eye(D), 1e-5)


def test_elman_weights_are_the_norms_of_powers() -> None:
    mix = Elman(D).double()
    nn.init.normal_(mix.cell.weight_hh_l0, std=0.3)
    wired = mix.weights(noise(1, T, D))[0].detach()
    for u in range(T):
        for t in range(T):
            power = torch.linalg.matrix_power(mix.cell.weight_hh_l0, max(u - t, 0)) @ mix.cell.weight_ih_l0
            wanted = torch.linalg.matrix_norm(power) if t <= u else torch.tensor(0.0)
            assert float(wired[u, t].detach()) == pytest.approx(float(wanted.detach()), rel=1e-12, abs=0)


def test_elman_weights_do_not_overflow() -> None:
    """3^127 is beyond float32."""
    mix = Elman(D)
    with torch.no_grad():
        mix.cell.weight_hh_l0.copy_(3 * torch.eye(D))
    wired = mix.weights(torch.zeros(1, 128, D))[0].detach()
    assert float(wired[127, 0] / wired[1, 1]) == pytest.approx(3.0**127, rel=1e-6)


def test_lstm_gates_follow_the_paper() -> None:
    mix = LSTM(D).double()
    cell, x = mix.cell, noise(B, T, D)
    inward, inner = cell.weight_ih_l0.view(4, D, D), cell.weight_hh_l0.view(4, D, D)
    bias = (cell.bias_ih_l0 + cell.bias_hh_l0).view(4, D)
    h = c = torch.zeros(B, D, dtype=torch.float64)
    seen, states = mix.look(x), mix(x, None)
    for t in range(T):
        i, f, g, o = (x[:, t] @ inward[k].T + h @ inner[k].T + bias[k] for k in range(4))
        i, f, o = (1 / (1 + torch.exp(-gate)) for gate in (i, f, o))
        c = f * c + i * torch.tanh(g)
        h = o * torch.tanh(c)
        for name, wanted in {"input": i, "forget": f, "output": o, "cell": c}.items():
            close(seen[name][:, t], wanted)
        close(states[:, t], h)
    _, (last_h, last_c) = cell(x)
    close(last_h[0], h)
    close(last_c[0], seen["cell"][:, -1])


@pytest.mark.parametrize("bias", [1.0, 4.0])
def test_forget_bias_stands_in_the_forget_gate_alone(bias: float) -> None:
    cell = LSTM(D, forget_bias=bias).cell
    total = (cell.bias_ih_l0 + cell.bias_hh_l0).view(4, D)
    assert torch.equal(total[1], torch.full((D,), bias))
    assert (total[[0, 2, 3]].abs() <= 2 * D**-0.5).all()


def test_gru_gates_follow_the_paper() -> None:
    mix = GRU(D).double()
    cell, x = mix.cell, noise(B, T, D)
    inward, inner = cell.weight_ih_l0.view(3, D, D), cell.weight_hh_l0.view(3, D, D)
    first, second = cell.bias_ih_l0.view(3, D), cell.bias_hh_l0.view(3, D)
    h = torch.zeros(B, D, dtype=torch.float64)
    seen, states = mix.look(x), mix(x, None)
    for t in range(T):
        drive = [x[:, t] @ inward[k].T + first[k] for k in range(3)]
        carry = [h @ inner[k].T + second[k] for k in range(3)]
        r, z = (1 / (1 + torch.exp(-drive[k] - carry[k])) for k in (0, 1))
        h = (1 - z) * torch.tanh(drive[2] + r * carry[2]) + z * h
        close(seen["reset"][:, t], r)
        close(seen["update"][:, t], z)
        close(states[:, t], h)
    close(cell(x)[1][0], h)


def test_carried_is_the_product_of_what_was_kept() -> None:
    keep, write = noise(B, T, D).sigmoid(), noise(B, T, D, seed=1).sigmoid()
    keep[0, 3, 2] = 0.0
    found = carried(keep, write)
    for u in range(T):
        for t in range(T):
            kept = write[:, t].clone()
            for s in range(t + 1, u + 1):
                kept = kept * keep[:, s]
            close(found[:, u, t], kept.mean(-1) if t <= u else torch.zeros(B, dtype=torch.float64))


def test_gated_weights_come_from_the_gates() -> None:
    x = noise(B, T, D)
    lstm, gru = LSTM(D).double(), GRU(D).double()
    gates = lstm.look(x)
    close(lstm.weights(x), carried(gates["forget"], gates["input"]))
    update = gru.look(x)["update"]
    close(gru.weights(x), carried(update, 1 - update))
    assert float((lstm.weights(x) - lstm.weights(noise(B, T, D, seed=9))).detach().abs().max()) > 1e-3


@pytest.mark.parametrize("masked", [False, True])
def test_attention_is_softmax_of_scaled_products(masked: bool) -> None:
    mix = SelfAttention(6, heads=3).double()
    x = noise(B, T, 6)
    mask = torch.tensor([[True] * 7, [True] * 5 + [False] * 2])
    rows = mix.project.weight @ x.transpose(1, 2) + mix.project.bias[:, None]
    query, key, value = rows.view(B, 3, 3, 2, T).unbind(1)
    scores = torch.einsum("bhdu,bhdt->bhut", query, key) / 2**0.5
    if masked:
        scores = scores.masked_fill(~mask[:, None, None, :], float("-inf"))
    weight = scores.exp() / scores.exp().sum(-1, keepdim=True)
    heads = torch.einsum("bhut,bhdt->buhd", weight, value).reshape(B, T, 6)
    close(mix(x, mask if masked else None), heads @ mix.out.weight.T + mix.out.bias)
    if not masked:
        close(mix.weights(x), weight.mean(1))


def test_the_heads_share_the_width() -> None:
    with pytest.raises(ValueError, match="multiple of heads, got 7 and 2"):
        SelfAttention(7, heads=2)


@pytest.mark.parametrize(("name", "depths"), [("transformer", (0, 1)), ("hybrid", (2, 3))])
def test_the_trace_rebuilds_torchs_own_attention(name: str, depths: tuple[int, int]) -> None:
    model = tiny(name)
    trace = model.trace(SEVEN)
    assert trace.attention is not None
    assert trace.attention.kinds == ("encoder",)
    assert tuple(layer.index for layer in trace.attention.of()) == depths
    for layer, depth in enumerate(depths):
        block = model.network.blocks[depth]
        before = torch.from_numpy(trace.hidden[depth])[None]
        query, key, value = block.mix.split(block.before_mix(before))
        mixed = nn.functional.scaled_dot_product_attention(query, key, value)[0]
        for head in range(4):
            found = torch.from_numpy(trace.attention.map(layer, head))
            wanted = torch.softmax(query[0, head] @ key[0, head].T / 16**0.5, dim=-1)
            close(found, wanted, 1e-6)
            close(found @ value[0, head], mixed[head], 1e-5)
            close(found.sum(-1), torch.ones(7), 1e-6)


@pytest.mark.parametrize(
    ("name", "gates"),
    [
        ("lstm", {"input", "forget", "output", "cell"}),
        ("lstm-bias4", {"input", "forget", "output", "cell"}),
        ("gru", {"reset", "update"}),
        ("rnn", None),
        ("mlp", None),
        ("cnn", None),
        ("transformer", None),
        ("hybrid", None),
    ],
)
def test_a_trace_has_the_gates_of_its_recurrence_and_no_others(name: str, gates: set[str] | None) -> None:
    model = tiny(name)
    trace = model.trace(SEVEN)
    assert (trace.attention is not None) == (name in ("transformer", "hybrid"))
    assert (None if trace.gates is None else set(trace.gates)) == gates
    for key in gates or ():
        values = torch.from_numpy(trace.gates[key])
        for layer, block in enumerate(model.network.blocks):
            before = block.before_mix(torch.from_numpy(trace.hidden[layer])[None])
            close(values[layer], block.mix.look(before)[key][0], 1e-6)


def test_sinusoidal_positions_are_the_published_rows() -> None:
    codes = SinusoidalPositions()(torch.zeros(1, 3, 4, dtype=torch.float64))[0] * 4**0.5
    rows = [[0, 1, 0, 1], [0.841471, 0.540302, 0.01, 0.99995], [0.909297, -0.416147, 0.019999, 0.9998]]
    close(codes, torch.tensor(rows, dtype=torch.float64), 6e-7)


def test_sinusoidal_positions_have_the_published_products() -> None:
    """Products at offsets 0, 1, 2, 5, 10, 50, 100 and D = 512; every code is as long as sqrt(1 / 2)."""
    codes = SinusoidalPositions()(torch.zeros(1, 101, 512, dtype=torch.float64))[0]
    dots = codes @ codes.T * 512
    wanted = {0: 256, 1: 249.102098, 2: 231.733620, 5: 189.596668, 10: 173.789725, 50: 131.090761, 100: 111.950209}
    assert {k: float(dots[0, k]) for k in wanted} == pytest.approx(wanted, abs=1e-6)
    close(codes.norm(dim=-1), torch.full((101,), 0.5**0.5, dtype=torch.float64))


def test_positions_shift_together_and_only_while_training() -> None:
    positions = SinusoidalPositions(shift=3)
    still = positions.eval()(torch.zeros(1, T + 3, 8))[0]
    assert torch.equal(still[:T], positions(torch.zeros(17, T, 8))[11])
    moved = positions.train()(torch.zeros(17, T, 8))
    found = {next(s for s in range(4) if torch.allclose(row, still[s : s + T], atol=1e-6)) for row in moved}
    assert found == {0, 1, 2, 3}
