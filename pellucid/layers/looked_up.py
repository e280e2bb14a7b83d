"""Arguments that layers hold in another form than they were given: what a name stands for, a size
along every axis. Names go into configurations as they were given, sizes as they are held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import activations, constraints, initializers, regularizers

if TYPE_CHECKING:
    from .base import Layer

_GET = {
    "activation": activations.get,
    "initializer": initializers.get,
    "regularizer": regularizers.get,
    "constraint": constraints.get,
}


def hold(layer: Layer, kind: str, argument: str, given: Any) -> None:
    """Set the attribute `argument` of `layer` to what `given` names among the family `kind`."""
    named = _GET[kind](given)
    setattr(layer, argument, named)
    if named is not given:
        layer.__dict__["_looked_up"][argument] = (given, named)


def hold_sizes(layer: Layer, argument: str, sizes: tuple[int, ...]) -> None:
    """Set the attribute `argument` of `layer` to `sizes`, one for each axis."""
    given = getattr(layer, argument)
    setattr(layer, argument, sizes)
    layer.__dict__["_looked_up"][argument] = (given, sizes)


def held_sizes(layer: Layer) -> dict[str, tuple[int, ...]]:
    """The arguments of `layer` that `hold_sizes` has set, as tuples."""
    named = ((argument, held) for argument, (_, held) in layer._named().items())
    return {n: held for n, held in named if type(held) is tuple and getattr(layer, n) is held}


def as_given(layer: Layer, argument: str) -> Any:
    """What the constructor was given for `argument`, or what was assigned to it since then."""
    held = getattr(layer, argument, None)
    given, named = layer._named().get(argument, (held, held))
    return given if named is held else held
