"""The training loop: steps and gradients by hand in NumPy, recordings that repeat, and runs that end as they should."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.live import loop
from models.live.data import FAR, LONGEST, draw
from models.live.lessons import LESSONS, recorded, reference
from models.live.loop import batches, train
from models.live.networks import build, count, inner_widths
from models.live.record import BINS, REACH, Recording, binned, chances, lattice, levels, moments, same
from models.live.setup import MEMORY, MOST_NETWORKS, MOST_RATE, PLANE, Setup
from models.store import from_bytes, to_bytes

POINTS = Setup("moons", ("perceptron", "mlp"), width=5, depth=2, examples=23, batch=7, epochs=3, rate=0.1)
RECALL = Setup("recall", ("rnn", "transformer"), width=8, examples=13, batch=5, epochs=1, rate=0.01, clip=True)


def ran(setup: Setup, seconds: float = 1000.0) -> Recording:
    return train(lambda *_: None, setup, seconds)


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def test_the_perceptrons_run_is_gradient_descent_by_hand() -> None:
    """W <- W - lr (p - y)^T x / B, b <- b - lr mean(p - y): every step of the run, in float64 without autograd."""
    setup = replace(POINTS, networks=("perceptron",), optimizer="sgd", rate=0.3)
    data, (track,) = draw(setup.data, setup.examples, setup.seed), ran(setup).tracks
    start = build(setup)["perceptron"].head
    weight, bias = (p.detach().double().numpy().copy() for p in (start.weight, start.bias))
    feed = batches(data, setup)
    losses = []
    for step in range(setup.steps + 1):
        logits = data.validation_x @ weight.T + bias
        losses.append(-np.log(softmax(logits)[np.arange(256), data.validation_y]).mean())
        x, y = (part.numpy() for part in next(feed))
        error = softmax(x @ weight.T + bias) - np.eye(2)[y]
        slope, slope_b = error.T @ x / len(x), error.mean(axis=0)
        norm = np.sqrt((slope**2).sum() + (slope_b**2).sum())
        assert track.weights[step, 0] == pytest.approx(norm, rel=1e-4)
        assert track.states[step, 0] == pytest.approx(np.sqrt(((error @ weight) ** 2).sum(1).mean()), rel=1e-4)
        weight, bias = weight - 0.3 * slope, bias - 0.3 * slope_b
    assert track.steps.tolist() == list(range(setup.steps + 1))
    assert track.loss[1] == pytest.approx(losses, rel=1e-4)


@pytest.mark.parametrize("name", ["mlp-both", "lstm"])
def test_recorded_gradients_are_autograds(name: str) -> None:
    """Against .backward() with retained gradients, of the first batch, before the first step."""
    base = POINTS if name in PLANE else RECALL
    setup = replace(base, networks=(name,))
    (track,) = ran(replace(setup, epochs=1)).tracks
    network = build(setup)[name]
    x, y = next(batches(draw(setup.data, setup.examples, setup.seed), setup))
    if x.is_floating_point():
        x = x.requires_grad_()
    result = network(x)
    for state in result.hidden:
        state.retain_grad()
    torch.nn.functional.cross_entropy(result.answer, y, reduction="sum").backward()  # one gradient an example
    each = [state.grad.flatten(1).norm(dim=1).square().mean().sqrt().item() for state in result.hidden]
    assert track.states[0] == pytest.approx(each, rel=1e-4)
    flat = {group: torch.cat([p.grad.flatten() for p in parts]) / len(y) for group, parts in network.groups().items()}
    assert track.weights[0] == pytest.approx([slope.norm().item() for slope in flat.values()], rel=1e-4)
    assert {id(p) for parts in network.groups().values() for p in parts} == {id(p) for p in network.parameters()}
    if track.places is not None:
        by_place = result.hidden[0].grad.norm(dim=2).square().mean(dim=0).sqrt()
        assert track.places[0] == pytest.approx(by_place.numpy(), rel=1e-4)


def test_a_run_repeats_itself_and_another_seed_does_not() -> None:
    one, again, other = ran(RECALL), ran(RECALL), ran(replace(RECALL, seed=1))
    assert all(same(a, b) for a, b in zip(one.tracks, again.tracks, strict=True))
    assert not any(same(a, b) for a, b in zip(one.tracks, other.tracks, strict=True))


def test_networks_do_not_disturb_each_other() -> None:
    """A network trained beside others is the network trained alone."""
    beside = ran(POINTS).tracks[0]
    (alone,) = ran(replace(POINTS, networks=("perceptron",))).tracks
    assert same(beside, alone)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_perceptron_never_has_more_than_three_corners_of_xor(seed: int) -> None:
    setup = Setup("xor", ("perceptron", "mlp"), width=8, examples=80, batch=10, epochs=25, rate=0.05, seed=seed)
    line, hidden = ran(setup).tracks
    assert line.accuracy.max() <= 0.75
    assert hidden.accuracy[1, -1] > 0.95


@pytest.mark.parametrize("data", ["and", "or"])
def test_a_perceptron_learns_and_and_or(data: str) -> None:
    (track,) = ran(Setup(data, ("perceptron",), examples=80, batch=10, epochs=40, rate=0.1)).tracks
    assert track.accuracy[1, -1] == 1.0


def test_nothing_moves_at_rate_zero() -> None:
    (track,) = ran(replace(POINTS, networks=("mlp",), rate=0.0)).tracks
    assert np.ptp(track.loss[1]) == 0
    assert (track.histogram == track.histogram[0]).all()
    assert (track.map == track.map[0]).all()


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
def test_a_run_that_diverges_is_named_recorded_and_stops_by_itself(optimizer: str) -> None:
    found = ran(replace(POINTS, rate=1e6, epochs=1000, optimizer=optimizer))
    assert found.ended == "diverged"
    assert found.done < 100
    for track in found.tracks:
        assert track.ended.startswith(f"diverged at step {track.steps[-1]}: the loss")
        assert not track.loss[1, -1] <= 100


def test_one_network_that_diverges_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    real = loop.optimizer

    def wild(network: torch.nn.Module, setup: Setup) -> torch.optim.Optimizer:
        made = real(network, setup)
        if count(network) > 10:
            made.param_groups[0]["lr"] = 1e6
        return made

    monkeypatch.setattr(loop, "optimizer", wild)
    found = ran(POINTS)
    calm, lost = found.tracks
    assert found.ended == "done"
    assert (calm.ended, calm.steps[-1]) == ("", POINTS.steps)
    assert lost.ended
    assert lost.moments < calm.moments


def test_a_loss_that_is_no_number_is_named() -> None:
    assert loop._named(float("nan"), 1.0) == "the loss is not a number"
    assert loop._named(float("inf"), 1.0) == "the loss is infinite"


class Clock:
    """A clock that moves a hundredth of a second each time it is read."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        self.now += 0.01
        return self.now


def test_the_limit_of_time_ends_a_run_and_its_last_moment_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "time", Clock())
    found = ran(replace(POINTS, epochs=3000), 1.0)
    assert found.ended == "time"
    assert 5 < found.done < 50
    assert all(track.steps[-1] == found.done for track in found.tracks)
    assert found.seconds == pytest.approx(1.0, abs=0.2)


def test_a_pause_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(loop, "time", clock)

    def pausing(*_: object) -> None:
        clock.now += 100.0

    found = train(pausing, POINTS, 5.0)
    assert found.ended == "done"
    assert found.seconds < 5


def test_what_is_published_grows_and_is_never_rewritten() -> None:
    seen: list[Recording] = []
    train(lambda fraction, text="", partial=None: seen.append(partial) if partial else None, POINTS, 1000)
    counts = [found.tracks[1].moments for found in seen]
    assert counts == list(range(1, len(counts) + 1))
    last = seen[-1].tracks[1]
    for found in seen:
        track = found.tracks[1]
        assert np.array_equal(track.histogram, last.histogram[: track.moments])
        assert np.array_equal(track.loss, last.loss[:, : track.moments])
    with pytest.raises(ValueError, match="read-only"):
        last.loss[0, 0] = 1


def test_progress_says_the_step_and_rises() -> None:
    told: list[tuple[float, str]] = []
    train(lambda fraction, text="", partial=None: told.append((fraction, text)), POINTS, 1000)
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    assert told[-1][1].startswith(f"Step {POINTS.steps - 1} of {POINTS.steps}")


@pytest.mark.parametrize("data", ["recall", "digits", "adding"])
@pytest.mark.parametrize(("width", "depth"), [(1, 1), (7, 2), (24, 1), (32, 2)])
def test_sizes_match(data: str, width: int, depth: int) -> None:
    """Within half of what one inner unit more costs, of the largest."""
    setup = Setup(data, MEMORY[:4], width=width, depth=depth, examples=20, batch=5)
    for networks in (MEMORY[:4], MEMORY[4:8], MEMORY[8:]):
        chosen = replace(setup, networks=networks)
        sizes = [count(network) for network in build(chosen, MEMORY).values()]
        assert max(sizes) - min(sizes) <= depth * (2 * width + 1)
        assert min(inner_widths(chosen, MEMORY).values()) >= 1


@pytest.mark.parametrize(("width", "depth"), [(1, 1), (8, 1), (16, 16)])
def test_networks_of_points_have_one_size(width: int, depth: int) -> None:
    """(2 w + w) + (depth - 1) (w^2 + w) + (2 w + 2), with or without norm and residual path; a line has 6."""
    networks = build(Setup("xor", PLANE, width=width, depth=depth))
    wanted = 3 * width + (depth - 1) * (width**2 + width) + 2 * width + 2
    assert {name: count(network) for name, network in networks.items()} == {
        "perceptron": 6,
        **dict.fromkeys(("mlp", "mlp-norm", "mlp-residual", "mlp-both"), wanted),
    }


def test_a_norm_stands_between_the_sums_and_tanh() -> None:
    network = build(replace(POINTS, networks=("mlp-norm",), depth=1))["mlp-norm"]
    x = torch.tensor([[0.3, -0.7]])
    z = (network.layers[0].weight @ x[0] + network.layers[0].bias).detach().double().numpy()
    z = (z - z.mean()) / np.sqrt(z.var() + 1e-5)
    assert network(x).hidden[1][0].detach().numpy() == pytest.approx(np.tanh(z), abs=1e-6)


@pytest.mark.parametrize("name", MEMORY)
def test_every_network_takes_width_one(name: str) -> None:
    found = ran(replace(RECALL, networks=(name,), width=1))
    assert found.ended == "done"
    assert np.isfinite(found.tracks[0].loss).all()


def test_the_histogram_counts_every_weight_once() -> None:
    found = ran(POINTS).tracks[1]
    assert (found.histogram.sum(axis=(1, 2)) == found.parameters).all()
    values = np.array([-9.0, -REACH, -0.001, 0.001, REACH, 9.0, np.nan, np.inf], dtype=np.float32)
    counts = binned(values)
    assert counts.sum() == 6
    assert (counts[0], counts[BINS // 2 - 1], counts[BINS // 2], counts[-1]) == (2, 1, 1, 2)


def test_the_map_is_the_networks_answer_over_the_plane() -> None:
    setup = replace(POINTS, networks=("perceptron",), rate=0.0)
    (track,) = ran(setup).tracks
    head = build(setup)["perceptron"].head
    weight, bias = head.weight.detach().numpy(), head.bias.detach().numpy()
    chance = softmax(lattice() @ weight.T + bias)[:, 1]
    assert np.abs(chances(track.map[0]).ravel() - chance).max() < 0.6 / 254
    corner = lattice()[[0, 40, 41 * 40]]
    assert np.allclose(corner, [[-1.8, -1.8], [1.8, -1.8], [-1.8, 1.8]])


def test_a_map_without_numbers_is_not_a_certain_one() -> None:
    chance = np.array([[0.0, 1.0, 0.5], [np.nan, np.inf, 0.25]])
    found = chances(levels(chance))
    assert found[0] == pytest.approx([0, 1, 0.5])
    assert np.isnan(found[1, :2]).all()
    assert found[1, 2] == pytest.approx(0.25, abs=0.5 / 254)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
@pytest.mark.parametrize("clip", [False, True])
def test_the_largest_rate_diverges_and_raises_nothing(optimizer: str, clip: bool) -> None:
    for base in (POINTS, RECALL):
        found = ran(replace(base, rate=MOST_RATE, optimizer=optimizer, clip=clip, epochs=9))
        assert found.ended == "diverged"
    with pytest.raises(ValueError, match=r"at most 1e\+30; got 1e\+39"):
        replace(POINTS, rate=1e39).checked()


def test_moments_hold_start_and_end_and_no_step_twice() -> None:
    assert moments(5).tolist() == [0, 1, 2, 3, 4, 5]
    many = moments(1000)
    assert (many[0], many[-1], len(many)) == (0, 1000, 49)
    assert len(set(many.tolist())) == 49


def test_wide_heads_differ_only_in_the_division_and_start_with_scores_of_variance_d() -> None:
    setup = Setup("digits", ("transformer-wide", "transformer-unscaled"), width=64, examples=20, batch=5)
    divided, whole = (network.blocks[0].mix for network in build(setup).values())
    x = torch.randn(7, 16, 64, generator=torch.Generator().manual_seed(0))
    query, key, value = divided.split(x)
    scores = query @ key.transpose(-1, -2)
    assert float(scores.detach().var()) == pytest.approx(64, rel=0.25)
    for mix, factor in ((divided, 1 / 8), (whole, 1.0)):
        wanted = mix.out(((scores * factor).softmax(dim=-1) @ value).transpose(1, 2).flatten(2))
        torch.testing.assert_close(mix(x, None), wanted)


def test_what_a_wide_head_reads_from_goes_from_all_places_to_one() -> None:
    """Uniform weights read from all sixteen, scores without bound from one; between, exp of the entropy."""
    setup = Setup("digits", ("transformer-wide",), width=7, depth=2, examples=20, batch=5)
    network = build(setup)["transformer-wide"]
    head = network.blocks[0].mix
    x = torch.randn(3, 16, 7, generator=torch.Generator().manual_seed(0))
    query, key, _ = head.split(x)
    scores = (query @ key.transpose(-1, -2))[:, 0].detach().double().numpy() / 7**0.5
    weights = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    wanted = np.exp(-(weights * np.log(weights)).sum(axis=-1)).mean()
    assert head.read(x) == pytest.approx(wanted)
    head.scale = 0.0
    assert head.read(x) == pytest.approx(16)
    head.scale = 1e9
    assert head.read(x) == pytest.approx(1)


def test_what_is_read_is_recorded_for_wide_heads_only() -> None:
    setup = Setup("digits", ("transformer-wide", "transformer"), width=8, depth=2, examples=20, batch=5, epochs=1)
    wide, usual = ran(setup).tracks
    assert usual.read is None
    network = build(setup)["transformer-wide"]
    x, _ = next(batches(draw(setup.data, setup.examples, setup.seed), setup))
    first = network.enter(x) + network.positions
    second = network.blocks[0](first, None)
    wanted = [block.mix.read(block.before_mix(x)) for block, x in zip(network.blocks, (first, second), strict=True)]
    assert wide.read is not None
    assert wide.read[0] == pytest.approx(wanted)


def test_a_far_symbol_is_out_of_reach_of_one_convolution() -> None:
    """Two taps back is all that a kernel of three sees: the gradient at the symbol is exactly zero."""
    (track,) = ran(replace(RECALL, data="recall-far", networks=("cnn",))).tracks
    back = track.places[:, ::-1]
    assert (back[:, 3:] == 0).all()
    assert (back[:, FAR : LONGEST + 1] == 0).all()
    assert (back[:, 0] > 0).all()


def test_a_recording_is_stored_and_read_back() -> None:
    found = ran(RECALL)
    again = from_bytes(to_bytes(found))
    assert again.setup == found.setup
    assert all(same(a, b) for a, b in zip(found.tracks, again.tracks, strict=True))


@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_can_be_run(name: str) -> None:
    setup = LESSONS[name].setup
    assert setup.checked() is setup
    assert 2 <= len(setup.networks) <= MOST_NETWORKS


def test_far_memories_has_every_network_of_the_reference_run() -> None:
    """Elman, GRU and both LSTMs beside attention, on far examples alone and with near ones."""
    for name in ("Far memories", "Near examples help"):
        assert set(LESSONS[name].setup.networks) == set(reference()["runs"]["recall-far"])
        stored = recorded(LESSONS[name].setup)
        assert stored is not None
        assert {track.name for track in stored.tracks} == set(LESSONS[name].setup.networks)
