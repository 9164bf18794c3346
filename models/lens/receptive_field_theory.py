"""How far a unit can see by its wiring: chains and graphs of convolution and pooling layers, one or two axes.

Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019. Unit u of a layer sees
the input positions u S + a ... u S + b. Through a layer with kernel k, stride s, padding p before it, dilation d:

    a <- a - p S        b <- b + (d (k - 1) - p) S        S <- s S        size r = b - a + 1, padding P = -a

Where paths join, all must have one stride and one centre; the field is then the envelope of their intervals. The size
is what CAN be seen; how much of it is used is another matter (`effective`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.lens.receptive_field_layer import Extent, Layer, Pair, Step, on_axis

INPUT = "input"


@dataclass(frozen=True)
class Node:
    """A layer in a graph (None: only a join, by addition or concatenation) and the names of what it reads."""

    layer: Layer | None
    inputs: tuple[str, ...] = (INPUT,)


Graph = Mapping[str, Node]


@dataclass(frozen=True)
class Field:
    """size r, stride S and padding P along one axis, in input pixels or words; P is None where it is undetermined."""

    size: int
    stride: int
    padding: int | None

    def centre(self, unit: int) -> float:
        """Input position in the middle of what output unit i sees: -P + i S + (r - 1) / 2."""
        if self.padding is None:
            raise ValueError('the centre is undetermined: "same" padding depends on the size of the input, give it')
        return -self.padding + unit * self.stride + (self.size - 1) / 2


@dataclass(frozen=True)
class Plane:
    """The fields along rows and columns; every value is a pair (rows, columns)."""

    rows: Field
    columns: Field

    @property
    def size(self) -> Pair:
        return self.rows.size, self.columns.size

    @property
    def stride(self) -> Pair:
        return self.rows.stride, self.columns.stride

    @property
    def padding(self) -> tuple[int | None, int | None]:
        return self.rows.padding, self.columns.padding

    def centre(self, unit: Pair) -> tuple[float, float]:
        return self.rows.centre(unit[0]), self.columns.centre(unit[1])


def theoretical(
    layers: Sequence[Layer] | Graph, size: Extent | None = None, output: str | None = None
) -> Field | Plane:
    """The field of a chain, or of a graph {name: Node} whose nodes read earlier ones or "input".

    A Plane where any layer or `size` is a pair, else a Field. `size` is the input's: "same" padding needs it, and
    kernels that do not fit are refused. `output` names a node, else the one that no other reads. ValueError where
    paths are misaligned.
    """
    nodes = as_graph(layers).values()
    if isinstance(size, tuple) or any(node.layer is not None and node.layer.axes == 2 for node in nodes):
        return Plane(along(layers, 0, size, output), along(layers, 1, size, output))
    return along(layers, 0, size, output)


def along(
    layers: Sequence[Layer] | Graph, axis: int = 0, size: Extent | None = None, output: str | None = None
) -> Field:
    """The field along one axis: 0 rows, 1 columns."""
    graph = as_graph(layers)
    return fields(graph, axis, size)[output or sink(graph)]


def fields(graph: Graph, axis: int = 0, size: Extent | None = None) -> dict[str, Field]:
    """The field of every node along one axis, "input" included."""
    return {name: field for name, (field, _) in _walk(graph, axis, size).items()}


def widest(graph: Graph, axis: int = 0, size: Extent | None = None, output: str | None = None) -> list[Layer]:
    """The layers of a path with the largest field along one axis; with `size`, all paddings are numbers."""
    return list(route(graph, axis, size, output).values())


def route(graph: Graph, axis: int = 0, size: Extent | None = None, output: str | None = None) -> dict[str, Layer]:
    """As `widest`, by the names of the nodes."""
    found, path = _walk(graph, axis, size), list[tuple[str, Layer]]()
    at = output or sink(graph)
    while at != INPUT:
        node = graph[at]
        source = max(node.inputs, key=lambda name: found[name][0].size)
        if node.layer is not None:
            path.append((at, node.layer.line(axis, found[source][1])))
        at = source
    return dict(path[::-1])


def paths(graph: Graph, join: str, axis: int = 0, size: Extent | None = None) -> dict[str, Field]:
    """What each path into a join sees, by the name of its last node; misaligned ones too."""
    names = list(graph)
    below = {name: graph[name] for name in names[: names.index(join)]}
    found = fields(below, axis, size)
    return {source: found[source] for source in graph[join].inputs}


def as_graph(layers: Sequence[Layer] | Graph) -> Graph:
    """A chain as a graph with the names "layer 1", "layer 2", ...; a graph is checked."""
    if not isinstance(layers, Mapping):
        names = [INPUT, *(f"layer {at + 1}" for at in range(len(layers)))]
        return {names[at + 1]: Node(layer, (names[at],)) for at, layer in enumerate(layers)}
    known = {INPUT}
    for name, node in layers.items():
        if not node.inputs or not known.issuperset(node.inputs):
            raise ValueError(f"{name} must read earlier nodes or {INPUT!r}, got {', '.join(node.inputs) or 'nothing'}")
        known.add(name)
    return layers


def sink(graph: Graph) -> str:
    """The node that no other reads; "input" for an empty graph."""
    read = {source for node in graph.values() for source in node.inputs}
    ends = [name for name in graph if name not in read]
    if len(ends) > 1:
        raise ValueError(f"wanted one output, got {', '.join(ends)}: name one of them")
    return ends[0] if ends else INPUT


def _walk(graph: Graph, axis: int, size: Extent | None) -> dict[str, tuple[Field, int | None]]:
    """Field and number of units of every node along one axis."""
    found: dict[str, tuple[Field, int | None]] = {
        INPUT: (Field(1, 1, 0), None if size is None else on_axis(size, axis))
    }
    for name, node in graph.items():
        field = _join(name, [found[source][0] for source in node.inputs])
        length = _one(name, [found[source][1] for source in node.inputs])
        if node.layer is not None:
            step = node.layer.step(axis, length)
            field, length = _through(step, field), step.length(length, name)
        found[name] = field, length
    return found


def _join(name: str, parts: list[Field]) -> Field:
    """The envelope of what a node reads; without one stride and one centre no field is defined."""
    strides = sorted({part.stride for part in parts})
    if len(strides) > 1:
        raise ValueError(f"{name} joins misaligned paths: their strides are {' and '.join(map(str, strides))}")
    # twice the centre is a whole number: floats are never compared
    centres = sorted({part.size - 1 - 2 * part.padding for part in parts if part.padding is not None})
    if len(centres) > 1:
        middles = " and ".join(f"{centre / 2:g}" for centre in centres)
        raise ValueError(f"{name} joins misaligned paths: the centres of what unit 0 sees lie at {middles}")
    largest = max(parts, key=lambda part: part.size)
    return largest if all(part.padding is not None for part in parts) else Field(largest.size, largest.stride, None)


def _one(name: str, lengths: list[int | None]) -> int | None:
    """The length that all inputs of a join share."""
    known = sorted({length for length in lengths if length is not None})
    if len(known) > 1:
        raise ValueError(f"{name} joins maps of different sizes: {' and '.join(map(str, known))}")
    return known[0] if known and None not in lengths else None


def _through(step: Step, field: Field) -> Field:
    open_ended = step.before is None or field.padding is None
    padding = None if open_ended else (field.padding or 0) + (step.before or 0) * field.stride
    return Field(field.size + (step.span - 1) * field.stride, field.stride * step.stride, padding)
