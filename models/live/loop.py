"""The training loop: all networks take each step on the same batch, in turn, and are looked at now and then."""

import time
from collections.abc import Callable, Iterator
from collections.abc import Sequence as Names
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.live.data import TOLERANCE, Data, draw
from models.live.networks import Dense, Ran, Sequence, build, count
from models.live.record import BINS, GRID, Recorder, Recording, Track, binned, lattice, levels, moments
from models.live.setup import Setup

WATCHED = 256  # training examples whose loss and accuracy are followed
TOO_LARGE = 1000.0  # a loss so many times the first one has diverged
EVERY = 0.2  # seconds between two reports of progress


class Report(Protocol):
    """Notes progress and a recording so far; may raise to end the run, and may wait while it is paused."""

    def __call__(self, fraction: float, text: str = "", partial: Any = None) -> None: ...


@dataclass
class Runner:
    """One network in training."""

    name: str
    network: Dense | Sequence
    optimizer: torch.optim.Optimizer
    recorder: Recorder
    first: float = float("nan")
    spent: float = 0.0
    made: int = 0
    ended: str = ""
    groups: dict[str, list[Tensor]] = field(default_factory=dict)

    def track(self) -> Track:
        return self.recorder.track(self.spent / max(1, self.made), self.ended)


def train(report: Report, setup: Setup, seconds: float, among: Names[str] = ()) -> Recording:
    """Run `setup` for at most `seconds` of its own time; a pause does not count. `among`: see `networks.build`.

    Reports after every recorded moment and at least every 0.2 s. The run ends by itself when every network diverged:
    when its loss is not a number, infinite, or 1,000 times the first one.
    """
    data = draw(setup.checked().data, setup.examples, setup.seed)
    runners = [_runner(name, network, setup) for name, network in build(setup, among).items()]
    marks, passed, told, spent = moments(setup.steps), 0, 0.0, 0.0
    clock = time.perf_counter()
    for step, (x, y) in enumerate(batches(data, setup)):
        last = step == setup.steps or spent > seconds
        marked = last or step == marks[passed]
        for runner in runners:
            if not runner.ended:
                _turn(runner, setup, data, x, y, marked, last)
        passed += marked
        spent, clock = spent + time.perf_counter() - clock, time.perf_counter()
        if last or all(runner.ended for runner in runners):
            ended = "done" if step == setup.steps else "time" if last else "diverged"
            return _recording(setup, runners, spent, ended)
        if marked or spent - told > EVERY:
            told = spent
            now = _recording(setup, runners, spent) if marked else None
            report(max(step / setup.steps, spent / seconds), _said(setup, step, spent, seconds), now)
            clock = time.perf_counter()
    raise AssertionError("the batches ended before the steps")


def batches(data: Data, setup: Setup) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless batches; every epoch goes through all examples in a new order, the same for the same seed."""
    rng = np.random.default_rng([setup.seed, 104_729])
    x, y = _tensors(data.train_x, data.train_y)
    while True:
        order = torch.from_numpy(rng.permutation(setup.examples))
        for part in order.split(setup.batch):
            yield x[part], y[part]


def loss_of(answer: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy, or mean square error where a number is asked for."""
    if y.is_floating_point():
        return nn.functional.mse_loss(answer, y)
    return nn.functional.cross_entropy(answer, y)


def right(answer: Tensor, y: Tensor) -> Tensor:
    """Which answers are right: the largest logit is that of the class, or the number is within 0.04."""
    return (answer - y).abs() < TOLERANCE if y.is_floating_point() else answer.argmax(dim=1) == y


def slopes(network: nn.Module, x: Tensor, y: Tensor) -> tuple[Tensor, Ran, tuple[Tensor, ...]]:
    """Loss, pass, and the gradients of the hidden states followed by those of all weights, none of them stored."""
    ran = network(x)
    if not ran.hidden[0].requires_grad:  # points are no result of a layer
        ran = network(x.clone().requires_grad_())
    loss = loss_of(ran.answer, y)
    return loss, ran, torch.autograd.grad(loss, [*ran.hidden, *network.parameters()])


def _runner(name: str, network: Dense | Sequence, setup: Setup) -> Runner:
    groups = network.groups()
    zero, states = np.zeros(()), len(network.layers if isinstance(network, Dense) else network.blocks)
    plane = setup.task.kind == "plane"
    empty = Track(
        name=name,
        parameters=count(network),
        layers=("input", *(f"layer {at + 1}" for at in range(states))),
        groups=tuple(groups),
        steps=np.zeros((), np.int64),
        loss=zero,
        accuracy=zero,
        states=np.zeros(states + 1),
        weights=np.zeros(len(groups)),
        histogram=np.zeros((len(groups), BINS), np.uint32),
        places=None if plane else np.zeros(draw(setup.data, 4, 0).train_x.shape[1]),
        map=np.zeros((GRID, GRID), np.uint8) if plane else None,
        read=np.zeros(setup.depth) if isinstance(network, Sequence) and network.reads else None,
    )
    recorder = Recorder(empty, len(moments(setup.steps)) + 1)  # one more for the moment of divergence
    return Runner(name, network, optimizer(network, setup), recorder, groups=groups)


def optimizer(network: nn.Module, setup: Setup) -> torch.optim.Optimizer:
    """torch's, with its usual settings; momentum .9, AdamW's decay .01."""
    made: dict[str, Callable[..., torch.optim.Optimizer]] = {
        "sgd": torch.optim.SGD,
        "momentum": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9),
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
    }
    return made[setup.optimizer](network.parameters(), lr=setup.rate)


def _turn(runner: Runner, setup: Setup, data: Data, x: Tensor, y: Tensor, marked: bool, last: bool) -> None:
    """One network's step, recorded before it where that is asked for; the moment after the last step has none."""
    started = time.perf_counter()
    weights = list(runner.network.parameters())
    if marked:
        value, found = look(runner, data, x, y)
    else:
        loss = loss_of(runner.network(x).answer, y)
        value, found = float(loss.detach()), torch.autograd.grad(loss, weights)
    runner.first = runner.first if runner.made else value
    if not np.isfinite(value) or value > TOO_LARGE * max(runner.first, 1e-3):
        runner.ended = f"diverged at step {runner.made:,}: {_named(value, runner.first)}"
        if not marked:
            look(runner, data, x, y)
    elif not last:
        for weight, slope in zip(weights, found, strict=True):
            weight.grad = slope
        if setup.clip:
            nn.utils.clip_grad_norm_(weights, 1.0)
        runner.optimizer.step()
        runner.made += 1
    runner.spent += time.perf_counter() - started


def _named(value: float, first: float) -> str:
    if np.isnan(value):
        return "the loss is not a number"
    return "the loss is infinite" if np.isinf(value) else f"the loss rose from {first:.2g} to {value:.2g}"


def look(runner: Runner, data: Data, x: Tensor, y: Tensor) -> tuple[float, tuple[Tensor, ...]]:
    """Record one moment of one network; its next batch's loss, and the gradients of its weights, are given back."""
    network = runner.network
    loss, ran, found = slopes(network, x, y)
    states, by_weight = found[: len(ran.hidden)], found[len(ran.hidden) :]
    named = dict(zip(network.parameters(), by_weight, strict=True))
    root = len(x) ** 0.5
    with torch.no_grad():
        train = _asked(network, *_tensors(data.train_x[:WATCHED], data.train_y[:WATCHED]))
        held = _asked(network, *_tensors(data.validation_x, data.validation_y))
        runner.recorder.add(
            steps=runner.made,
            loss=(train[0], held[0]),
            accuracy=(train[1], held[1]),
            states=[root * float(slope.double().norm()) for slope in states],
            weights=[_norm([named[p] for p in group]) for group in runner.groups.values()],
            histogram=[binned(_flat(group)) for group in runner.groups.values()],
            places=root * states[0].double().norm(dim=(0, 2)).numpy() if states[0].dim() == 3 else None,
            map=_mapped(network) if isinstance(network, Dense) else None,
            read=network.read(ran.hidden) if isinstance(network, Sequence) and network.reads else None,
        )
    return float(loss.detach()), by_weight


def _asked(network: nn.Module, x: Tensor, y: Tensor) -> tuple[float, float]:
    """Loss and accuracy on examples."""
    answer = network(x).answer
    return float(loss_of(answer, y)), float(right(answer, y).double().mean())


def _norm(parts: list[Tensor]) -> float:
    return float(torch.stack([part.double().norm() for part in parts]).norm())


def _flat(parts: list[Tensor]) -> NDArray:
    return torch.cat([part.flatten() for part in parts]).numpy()


def _mapped(network: Dense) -> NDArray[np.uint8]:
    """Probability of class 1 over the plane, as the levels of `record.levels`."""
    chance = network(torch.from_numpy(lattice())).answer.softmax(dim=1)[:, 1].reshape(GRID, GRID)
    return levels(chance.numpy())


def _tensors(x: NDArray, y: NDArray) -> tuple[Tensor, Tensor]:
    answers = torch.from_numpy(y)
    return torch.from_numpy(x), answers.float() if answers.is_floating_point() else answers


def _recording(setup: Setup, runners: list[Runner], spent: float, ended: str = "") -> Recording:
    return Recording(setup, tuple(runner.track() for runner in runners), spent, ended)


def _said(setup: Setup, step: int, spent: float, seconds: float) -> str:
    """Progress in words: the step, and the time left to the last step or to the limit."""
    left = spent * (setup.steps - step) / max(1, step)
    if spent + left > seconds and spent > 1:
        reached = round(step * seconds / spent, -1)
        return f"Step {step:,} of {setup.steps:,}; the limit of {seconds:g} s comes at about step {reached:,.0f}"
    return f"Step {step:,} of {setup.steps:,}" + (f", {max(1, round(left))} s left" if spent > 0.5 else "")
