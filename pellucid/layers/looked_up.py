"""Arguments that name functions and objects: layers hold what is named, configurations the name."""

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
        layer.__dict__.setdefault("_looked_up", {})[argument] = (given, named)


def as_given(layer: Layer, argument: str) -> Any:
    """What the constructor was given for `argument`, or what was assigned to it since then."""
    held = getattr(layer, argument, None)
    given, named = layer._named().get(argument, (held, held))
    return given if named is held else held
