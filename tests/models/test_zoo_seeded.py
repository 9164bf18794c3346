"""Start weights depend on their seed alone, whatever other threads draw at the same time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Thread

import pytest
import torch
from torch import nn

from models import cards
from models.live.networks import build as build_live
from models.live.setup import Setup
from models.zoo import build
from models.zoo.pictures import build_pictures
from models.zoo.seeded import Seeded

SEEDS = tuple(range(23))


def sentence_network(seed: int) -> nn.Module:
    return build(next(card.settings for card in cards("agreement") if card.family == "rnn"), seed)


def picture_network(seed: int) -> nn.Module:
    return build_pictures(next(card.settings for card in cards("fashion") if card.family == "vit"), seed)


def trained_on_the_page(seed: int) -> nn.Module:
    return build_live(Setup("recall", ("transformer",), width=13, seed=seed))["transformer"]


@contextmanager
def someone_else_draws() -> Iterator[None]:
    """Another thread sets and uses torch's global generator all the while."""
    stop = Event()

    def draws() -> None:
        while not stop.is_set():
            torch.manual_seed(3)
            nn.Linear(17, 17)

    other = Thread(target=draws)
    other.start()
    try:
        yield
    finally:
        stop.set()
        other.join()


@pytest.mark.parametrize("make", [sentence_network, picture_network, trained_on_the_page])
def test_two_threads_start_from_their_own_seeds(make: Callable[[int], nn.Module]) -> None:
    wanted = {seed: make(seed).state_dict() for seed in SEEDS}
    with someone_else_draws(), ThreadPoolExecutor(2) as pool:
        drawn = dict(zip(SEEDS, pool.map(lambda seed: make(seed).state_dict(), SEEDS), strict=True))
    wrong = [
        seed for seed in SEEDS if any(not torch.equal(value, drawn[seed][name]) for name, value in wanted[seed].items())
    ]
    assert wrong == []


def test_the_draws_are_those_of_the_global_generator_at_this_seed() -> None:
    def drawn() -> list[torch.Tensor]:
        layers = [nn.Linear(3, 5), nn.Conv2d(2, 3, 5), nn.LSTM(3, 5), nn.Embedding(7, 3)]
        nn.init.orthogonal_(layers[2].weight_hh_l0)
        nn.init.trunc_normal_(layers[3].weight)
        with torch.no_grad():
            layers[0].bias.normal_(std=0.2)
        return [torch.randn(5, 3), *(one.detach() for layer in layers for one in layer.parameters())]

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(11)
        wanted = drawn()
    before = torch.get_rng_state()
    with Seeded(11):
        got = drawn()
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(one, other) for one, other in zip(got, wanted, strict=True))


def test_no_seed_is_a_start_too_and_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    with Seeded(None):
        assert float(torch.randn(101).std()) > 0.5
    assert torch.equal(torch.get_rng_state(), before)
