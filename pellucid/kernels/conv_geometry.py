"""Sizes in a convolution: windows, paddings, and where each kernel position reads."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

Pairs = tuple[tuple[int, int], ...]


class Geometry(NamedTuple):
    """How a kernel moves over its input; one entry per spatial axis.

    Output position `o` and kernel position `p` meet at ``o * stride + p * dilation`` of the padded
    input. Negative padding cuts off.
    """

    strides: tuple[int, ...]
    padding: Pairs
    dilation: tuple[int, ...]
    groups: int = 1

    def output_sizes(self, sizes: Sequence[int], kernel: Sequence[int]) -> tuple[int, ...]:
        """Output positions of an input of the given sizes."""
        return tuple(
            (size + sum(pads) - window(k, d)) // stride + 1
            for size, pads, k, d, stride in zip(
                sizes, self.padding, kernel, self.dilation, self.strides, strict=True
            )
        )


def window(kernel: int, dilation: int) -> int:
    """How many input positions a kernel spans.

    >>> window(3, 2)
    5
    """
    return (kernel - 1) * dilation + 1


def positions(kernel: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every position within a kernel of the given sizes, last axis fastest."""
    return itertools.product(*map(range, kernel))


def per_axis(value: Any, rank: int) -> tuple[int, ...]:
    """A number for every axis, or one per axis -> one per axis.

    >>> per_axis(2, 3), per_axis([1, 2], 2)
    ((2, 2, 2), (1, 2))
    """
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * rank


def paddings(
    padding: Any,
    sizes: Sequence[int],
    kernel: Sequence[int],
    strides: Sequence[int],
    dilation: Sequence[int],
) -> Pairs:
    """Zeros before and after each axis, for a name or as given.

    ``"same"`` keeps as many outputs as ``ceil(size / stride)``, the odd zero behind; ``"causal"``
    puts all zeros in front, so that no output sees what follows it.

    >>> paddings("same", (5,), (4,), (1,), (1,)), paddings("causal", (5,), (4,), (1,), (1,))
    (((1, 2),), ((3, 0),))
    """
    if not isinstance(padding, str):
        return tuple((low, high) for low, high in padding)
    spans = [window(k, d) for k, d in zip(kernel, dilation, strict=True)]
    if padding == "valid":
        return ((0, 0),) * len(spans)
    if padding == "causal":
        return tuple((span - 1, 0) for span in spans)
    pairs = []
    for size, span, stride in zip(sizes, spans, strides, strict=True):
        total = max((-(-size // stride) - 1) * stride + span - size, 0)
        pairs.append((total // 2, total - total // 2))
    return tuple(pairs)


def transposed(
    padding: str,
    output_padding: Any,
    sizes: Sequence[int],
    kernel: Sequence[int],
    strides: Sequence[int],
    dilation: Sequence[int],
) -> tuple[tuple[int, ...], Pairs]:
    """Output sizes of a transposed convolution, and the padding of the convolution it reverses.

    Without `output_padding`, ``"same"`` gives ``size * stride`` outputs, and ``"valid"`` as many as
    any window touches, at least ``size * stride``; with it, the outputs are counted from the least
    number that a convolution would take to `sizes`.

    >>> transposed("same", None, (4,), (3,), (2,), (1,))
    ((8,), ((0, 1),))
    >>> transposed("valid", 1, (4,), (3,), (2,), (1,))
    ((10,), ((0, -1),))
    """
    extra = (None,) * len(sizes) if output_padding is None else per_axis(output_padding, len(sizes))
    outputs, pairs = [], []
    for size, k, stride, d, more in zip(sizes, kernel, strides, dilation, extra, strict=True):
        span = window(k, d)
        touched = (size - 1) * stride + span
        if padding == "valid":
            low, output = 0, touched + (max(stride - span, 0) if more is None else more)
        else:
            output = size * stride if more is None else (size - 1) * stride + span % 2 + more
            pad = output - touched + 2 * (span - 1)  # in all, of the input with strides filled in
            low = span - 1 - min(pad - pad // 2, span - 1)
        outputs.append(output)
        pairs.append((low, touched - low - output))
    return tuple(outputs), tuple(pairs)
