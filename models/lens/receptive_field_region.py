"""Which units of every layer feed one output unit, and what a unit of every layer sees: the pyramid and the box."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.lens.receptive_field_layer import Layer
from models.lens.receptive_field_theory import Field, as_graph, fields

MOST = 200  # layers
FARTHEST = 1_000_000  # input positions of a field or a stride; beyond, no drawing tells anything


@dataclass(frozen=True)
class Level:
    """One map along one axis, the input at level 0.

    length         its units
    first, last    the units that feed the output unit, which may lie in the padding: below 0 or beyond length - 1
    field          what one of its units sees
    unit           the unit in the middle of first ... last
    """

    length: int
    first: int
    last: int
    field: Field

    @property
    def unit(self) -> int:
        return (self.first + self.last) // 2

    @property
    def inside(self) -> tuple[int, int]:
        """first and last cut at the ends of the map."""
        return max(0, self.first), min(self.length - 1, self.last)

    @property
    def box(self) -> tuple[int, int]:
        """The input positions that `unit` sees, padding included."""
        assert self.field.padding is not None
        start = self.unit * self.field.stride - self.field.padding
        return start, start + self.field.size - 1


def levels(layers: Sequence[Layer], size: int, unit: int | None = None) -> list[Level]:
    """Every map of a chain on an input of `size`, from the input up, with what feeds output `unit` (None: middle).

    ValueError for more than MOST layers, a field or stride beyond FARTHEST, or a kernel that does not fit.
    """
    if not 1 <= len(layers) <= MOST:
        raise ValueError(f"a list of 1 to {MOST} layers can be drawn, this one has {len(layers)}")
    if size < 1:
        raise ValueError(f"the input must have at least 1 position, got {size}")
    found = list(fields(as_graph(layers), 0, size).values())
    for at, field in enumerate(found):
        if max(field.size, field.stride) > FARTHEST:
            what = "field" if field.size > FARTHEST else "stride"
            raise ValueError(f"the {what} of layer {at} is beyond {FARTHEST:,} positions, the largest that is drawn")
    lengths, steps = [size], []
    for at, layer in enumerate(layers):
        steps.append(layer.step(0, lengths[-1]))
        length = steps[-1].length(lengths[-1], f"layer {at + 1}")
        assert length is not None
        lengths.append(length)
    if unit is None:
        unit = (lengths[-1] - 1) // 2
    if not 0 <= unit < lengths[-1]:
        raise ValueError(f"the last map has units 0 to {lengths[-1] - 1}, got {unit}")
    spans = [(unit, unit)]
    for step in reversed(steps):
        first, last = spans[-1]
        ahead = step.before or 0
        spans.append((first * step.stride - ahead, last * step.stride - ahead + step.span - 1))
    return [Level(lengths[at], *spans[-1 - at], found[at]) for at in range(len(lengths))]
