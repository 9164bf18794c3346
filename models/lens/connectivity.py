"""How many steps join two positions: breadth-first search on the wiring of a stack of layers.

Maximum path length of Vaswani et al. 2017, table 1, and of the text below it. A step is a layer that moves information
from one position to another, or one hop of a recurrent state along the sequence; staying in place (a residual
connection, a layer applied where it stands) costs nothing. Fewer steps do not mean that the path is used.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.zoo import Network

Sources = Callable[[int], Sequence[int]]


@dataclass(frozen=True)
class Wiring:
    """One layer: `reads(u)` are the positions that u takes from in one step; `chained`: u's own state too, one hop
    back, so that a recurrence can be walked along inside its layer."""

    reads: Sources
    chained: bool = False


@dataclass(frozen=True)
class Hop:
    """One step of a path: from (layer, position) to (layer, position); layer 0 is the input."""

    start: tuple[int, int]
    end: tuple[int, int]


def full(length: int, causal: bool = False) -> Wiring:
    """Attention, or one fully connected matrix over positions."""
    return Wiring(lambda u: range(u + 1 if causal else length))


def convolution(length: int, kernel: int, dilation: int = 1, causal: bool = False) -> Wiring:
    """The taps of a convolution that lie within the sequence."""
    first = (kernel - 1) * dilation if causal else (kernel - 1) // 2 * dilation

    def reads(u: int) -> list[int]:
        return [at for at in range(u - first, u - first + kernel * dilation, dilation) if 0 <= at < length]

    return Wiring(reads)


def recurrence() -> Wiring:
    """A state that is handed from each position to the next."""
    return Wiring(lambda u: (u,), chained=True)


def of_network(network: Network, length: int) -> list[Wiring]:
    """The wiring of a bundled network's layers, read from its modules."""
    from models.zoo.convolution import Convolution
    from models.zoo.recurrent import Recurrence

    found = []
    for block in network.blocks:
        mix = block.mix
        if isinstance(mix, Recurrence):
            found.append(recurrence())
        elif isinstance(mix, Convolution):
            kernel, dilation = mix.convolution.kernel_size[0], mix.convolution.dilation[0]
            found.append(convolution(length, kernel, dilation, mix.causal))
        else:
            found.append(full(length))
    return found


def path(layers: Sequence[Wiring], start: int, end: int) -> list[Hop] | None:
    """A shortest path from position `start` of the input to `end` after the last layer, its moves in order.

    None where no path exists. 0-1 breadth-first search, backwards from the output.
    """
    goal, top = (0, start), (len(layers), end)
    cost: dict[tuple[int, int], int] = {top: 0}
    after: dict[tuple[int, int], tuple[int, int]] = {}
    queue = deque([top])
    while queue:
        node = queue.popleft()
        if node == goal:
            return _walk(after, goal, top)
        for source, price in _sources(layers, node):
            if cost[node] + price < cost.get(source, len(cost) + 10**9):
                cost[source], after[source] = cost[node] + price, node
                (queue.append if price else queue.appendleft)(source)
    return None


def steps(layers: Sequence[Wiring], start: int, end: int) -> int | None:
    """The number of moves of a shortest path, None where there is none."""
    found = path(layers, start, end)
    return None if found is None else len(found)


def layers_needed(one: Callable[[int], Wiring], start: int, end: int, most: int) -> int | None:
    """How many layers one(0), one(1), ... must be stacked before a path exists; None beyond `most`."""
    stack: list[Wiring] = []
    for depth in range(most + 1):
        if path(stack, start, end) is not None:
            return depth
        stack.append(one(depth))
    return None


def _sources(layers: Sequence[Wiring], node: tuple[int, int]) -> list[tuple[tuple[int, int], int]]:
    """What a node takes from, and whether that is a move."""
    layer, position = node
    if layer == 0:
        return []
    wiring = layers[layer - 1]
    found = [((layer - 1, source), int(source != position)) for source in wiring.reads(position)]
    if (layer - 1, position) not in [source for source, _ in found]:
        found.append(((layer - 1, position), 0))
    if wiring.chained and position > 0:
        found.append(((layer, position - 1), 1))
    return found


def _walk(after: dict[tuple[int, int], tuple[int, int]], goal: tuple[int, int], top: tuple[int, int]) -> list[Hop]:
    hops, at = [], goal
    while at != top:
        if after[at][1] != at[1]:
            hops.append(Hop(at, after[at]))
        at = after[at]
    return hops
