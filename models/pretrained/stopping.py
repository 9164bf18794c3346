"""Whether what runs in this thread is still wanted: asked between files, layers and tokens. Knows no torch."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

Stop = Callable[[], bool] | None

_stop: ContextVar[Stop] = ContextVar("sightlines_stop", default=None)


class Cancelled(Exception):
    """The run was no longer wanted."""


@contextmanager
def asking(stop: Stop) -> Iterator[None]:
    """Inside the block `stop` is asked; without one, whatever is asked already."""
    token = _stop.set(stop or _stop.get())
    try:
        yield
    finally:
        _stop.reset(token)


def ask() -> None:
    """Raise `Cancelled` when this thread's stop returns true."""
    asker()()


def asker() -> Callable[[], None]:
    """`ask` for another thread that works for this one."""
    stop = _stop.get()

    def asked() -> None:
        if stop is not None and stop():
            raise Cancelled

    return asked


def before_each_layer(network: Any) -> None:
    """Ask before each layer of a network, in whichever thread runs it; once, before anyone shares the network."""
    from torch.nn import ModuleList

    for stack in network.modules():
        for layer in stack if isinstance(stack, ModuleList) else ():
            if _before not in layer._forward_pre_hooks.values():
                layer.register_forward_pre_hook(_before)


def _before(layer: Any, given: Any) -> None:
    ask()
