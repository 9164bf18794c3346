"""One convolution or pooling layer as receptive fields need it: along one axis or two, with TensorFlow's "same"."""

from __future__ import annotations

from dataclasses import dataclass

Pair = tuple[int, int]
Extent = int | Pair
SAME = "same"


@dataclass(frozen=True)
class Step:
    """A layer along one axis, all numbers: unit u reads positions u stride - before ... + span - 1.

    `before` and `after` are zeros at the ends, None where "same" leaves them open until the input's size is known.
    """

    span: int
    stride: int
    before: int | None
    after: int | None

    def length(self, length: int | None, name: str = "the layer") -> int | None:
        """Units that the layer makes of `length` positions; ValueError where its kernel does not fit."""
        if length is None or self.before is None or self.after is None:
            return None
        padded = length + self.before + self.after
        if self.span > padded:
            padding = f" and {padded - length} of padding" if padded > length else ""
            raise ValueError(
                f"{name} does not fit: its kernel spans {self.span} positions, and {length}{padding} are left there"
            )
        return (padded - self.span) // self.stride + 1


@dataclass(frozen=True)
class Layer:
    """One convolution or pooling layer; a pair is (rows, columns).

    padding: zeros before the first position and, unless `after` says otherwise, as many behind the last; "same" is
    TensorFlow's rule, ceil(n / s) units, whose zeros before the first depend on the input's size n.
    """

    kernel: Extent
    stride: Extent = 1
    padding: Extent | str = 0
    dilation: Extent = 1
    after: Extent | None = None

    def __post_init__(self) -> None:
        for name in ("kernel", "stride", "dilation"):
            _least(name, getattr(self, name), 1)
        if not isinstance(self.padding, str):
            _least("padding", self.padding, 0)
        elif self.padding != SAME:
            raise ValueError(f"padding must be a number or {SAME!r}, got {self.padding!r}")
        if self.after is not None:
            _least("padding after", self.after, 0)

    @property
    def axes(self) -> int:
        """2 where any value is a pair, else 1."""
        values = (self.kernel, self.stride, self.padding, self.dilation, self.after)
        return 2 if any(isinstance(value, tuple) for value in values) else 1

    def step(self, axis: int = 0, length: int | None = None) -> Step:
        """The layer along one axis of `length` positions."""
        stride = on_axis(self.stride, axis)
        span = on_axis(self.dilation, axis) * (on_axis(self.kernel, axis) - 1) + 1
        if not isinstance(self.padding, str):
            ahead = on_axis(self.padding, axis)
            return Step(span, stride, ahead, ahead if self.after is None else on_axis(self.after, axis))
        if stride > 1 and span > 1 and length is None:
            return Step(span, stride, None, None)
        units = 0 if length is None or stride == 1 else -(-length // stride)
        total = span - 1 if length is None or stride == 1 else max(0, (units - 1) * stride + span - length)
        return Step(span, stride, total // 2, total - total // 2)

    def line(self, axis: int = 0, length: int | None = None) -> Layer:
        """The layer along one axis with all values numbers, "same" resolved where `length` settles it."""
        step = self.step(axis, length)
        kernel, stride, dilation = (on_axis(each, axis) for each in (self.kernel, self.stride, self.dilation))
        if step.before is None:
            return Layer(kernel, stride, self.padding, dilation)
        return Layer(kernel, stride, step.before, dilation, None if step.after == step.before else step.after)


def on_axis(value: Extent, axis: int) -> int:
    """One of a pair, or the number that both axes share."""
    return value[axis] if isinstance(value, tuple) else value


def _least(name: str, value: Extent, least: int) -> None:
    for part in value if isinstance(value, tuple) else (value,):
        if part < least:
            raise ValueError(f"{name} must be at least {least}, got {part}")
