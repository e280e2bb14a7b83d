"""Reading the equation of an `EinsumDense` layer: shapes of its weights from that of its input."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..._core.errors import ConfigError, ShapeError

DOTS = re.escape("...")
FORM = re.compile(
    rf"({DOTS})?([a-zA-Z]+)({DOTS})?,([a-zA-Z]+)->({DOTS})?([a-zA-Z]+)({DOTS})?",
)


@dataclass(frozen=True)
class Equation:
    """``inputs,kernel->outputs``, one letter an axis; on the left or the right, dots for the rest.

    Without dots on the left, the first letter of inputs and outputs is the batch.
    """

    inputs: str
    kernel: str
    outputs: str
    left: bool
    right: bool

    def __str__(self) -> str:
        left, right = "..." * self.left, "..." * self.right
        return f"{left}{self.inputs}{right},{self.kernel}->{left}{self.outputs}{right}"

    @property
    def summed(self) -> str:
        """The kernel's letters that are summed over, in its order."""
        return "".join(letter for letter in self.kernel if letter not in self.outputs)

    @property
    def made(self) -> str:
        """The kernel's letters that the output has, in the kernel's order."""
        return "".join(letter for letter in self.kernel if letter in self.outputs)

    @property
    def is_dense(self) -> bool:
        """Whether it is a matrix product over the last axes, as a dense layer's."""
        kept = self.inputs[: len(self.inputs) - len(self.summed)]
        return (
            not self.right
            and self.kernel == self.summed + self.made
            and self.inputs == kept + self.summed
            and self.outputs == kept + self.made
            and not set(kept) & set(self.kernel)
        )


def parse(layer: Any) -> Equation:
    """The equation of `layer`, or an error that says what is wrong with it."""
    text = layer.equation
    found = FORM.fullmatch(text.replace(" ", "")) if isinstance(text, str) else None
    sides = [bool(found[n]) for n in (1, 3, 5, 7)] if found else []
    if not found or sides[:2] != sides[2:] or all(sides[:2]):
        raise ConfigError(
            f"The equation of EinsumDense {layer.name!r} cannot be read.",
            got=repr(text),
            expected='"ab,bc->ac", "...ab,bc->...ac" or "ab...,bc->ac...": one letter an axis',
            fix='equation="...x,xy->...y" is what a Dense layer computes.',
        )
    equation = Equation(found[2], found[4], found[6], sides[0], sides[1])
    for letter in equation.outputs:
        if letter not in equation.inputs and letter not in equation.kernel:
            _refuse(layer, f"The axis {letter!r} of the output comes from nowhere", "outputs")
    for letter in equation.kernel:
        if letter not in equation.inputs and letter not in equation.outputs:
            _refuse(layer, f"The axis {letter!r} of the kernel has no size", "kernel")
    if not equation.left:
        batch = equation.inputs[0]
        if equation.outputs[0] != batch or batch in equation.kernel:
            _refuse(layer, f"The batch, {batch!r}, must come first on both sides", "outputs")
    if layer.bias_axes is not None and not isinstance(layer.bias_axes, str):
        _refuse(layer, f"bias_axes={layer.bias_axes!r} is no text", "bias")
    for letter in layer.bias_axes or "":
        if letter not in equation.outputs:
            _refuse(layer, f"The axis {letter!r} of the bias is none of the output's", "bias")
    return equation


def _refuse(layer: Any, what: str, part: str) -> None:
    fixes = {
        "outputs": 'every letter after "->" must stand in the inputs or in the kernel: '
        '"abc,cd->abd".',
        "kernel": "every letter of the kernel must stand in the inputs or in the outputs.",
        "bias": 'bias_axes="d" for "abc,cd->abd": letters of the output.',
    }
    raise ConfigError(
        f"{what} in the equation of EinsumDense {layer.name!r}.",
        got=repr(layer.equation),
        fix=fixes[part],
    )


def sizes_of(layer: Any, equation: Equation, input_shape: Any) -> dict[str, int]:
    """The size of every letter, from the input's shape and the layer's `output_shape`.

    Args:
        layer: has `wanted_shape`, the output's sizes without the batch and without what dots stand
            for; None where the size is the input's.
        equation: as parsed.
        input_shape: batch included.
    """
    beyond = len(input_shape) - len(equation.inputs)
    if beyond < (1 if equation.left else 0) or (beyond and not (equation.left or equation.right)):
        raise ShapeError(
            f"EinsumDense {layer.name!r} was given an input of another rank than its equation has.",
            got=f"input {tuple(input_shape)}, equation {layer.equation!r}",
            expected=f"rank {len(equation.inputs)}"
            + (" or more" if equation.right else " + 1 or more" if equation.left else ""),
            fix="change the equation, or reshape the input. Dots stand for any further axes.",
        )
    from_input = input_shape[beyond:] if equation.left else input_shape
    sizes = dict(zip(equation.inputs, from_input, strict=False))
    names = equation.outputs if equation.left else equation.outputs[1:]
    wanted = layer.wanted_shape
    if len(names) != len(wanted):
        raise ConfigError(
            f"The output_shape of EinsumDense {layer.name!r} does not fit its equation.",
            got=f"output_shape={wanted}, equation {layer.equation!r}",
            expected=f"{len(names)} sizes, for {', '.join(names) or 'no axis'}",
            fix="one size for every letter of the output, without the batch.",
        )
    for letter, size in zip(names, wanted, strict=True):
        known = sizes.setdefault(letter, size)
        if size is not None and known is not None and known != size:
            raise ShapeError(
                f"EinsumDense {layer.name!r} cannot change the size of an axis that it keeps.",
                got=f"{letter!r} is {known} in the input {tuple(input_shape)} and {size} in "
                f"output_shape={wanted}",
                fix=f"{known} or None for {letter!r} in output_shape.",
            )
        if known is None and letter in equation.kernel:
            raise ConfigError(
                f"EinsumDense {layer.name!r} cannot make a kernel of unknown size.",
                got=f"output_shape={wanted}: no size for {letter!r}",
                fix="give a number for every axis that the kernel makes.",
            )
    return sizes


def bias_shape(layer: Any, equation: Equation, sizes: dict[str, int], rank: int) -> tuple[int, ...]:
    """Shape of the bias: from its first axis on, 1 where it is the same along an axis."""
    first = min(equation.outputs.index(letter) for letter in layer.bias_axes)
    shape = [sizes[x] if x in layer.bias_axes else 1 for x in equation.outputs[first:]]
    beyond = rank - len(equation.inputs) if equation.right else 0
    return (*shape, *(1,) * beyond)
