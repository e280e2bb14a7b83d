"""What a layer is, as its class says it: for the record, the doctor, treatments and generation.

A class that takes its `call` from another has what that one declared; a class with a `call` of its
own declares its own traits, or is unknown.
"""

from __future__ import annotations

from typing import Any, ClassVar

from .._core.registry import snake_case
from .._core.specs import family

TRAITS: dict[str, str] = {
    "product": "one matrix product and a bias; then perhaps an activation",
    "einsum": "a product of tensors that is not one matrix product",
    "linear": "a linear function of its input stays one, whatever its weights",
    "keeps_values": "numbers are passed on or left out, none is changed in a prediction",
    "same_shape": "what comes out has the shape of what goes in, where that has one",
    "per_step": "each step of a sequence is treated by itself",
    "remembers_steps": "steps can be given one after the other: what was before is remembered",
    "activation": "nothing but an activation",
    "dropout": "numbers are left out in training, the share `rate` of them",
    "normalizes": "brings numbers to a usual scale",
    "batch_statistics": "normalizes by the batch in training, by moving averages in a prediction",
    "scales": "brings inputs to a usual scale by numbers that are not trained",
    "looks_up": "whole numbers or words choose what comes out",
    "recurrent": "the steps of a sequence are computed one after the other",
    "recurrent_cell": "one step of a recurrent layer",
    "opaque": "does whatever it was given to do: nothing can be said of it",
    "operation": "a function on tensors of a graph: Keras counts it not among the layers",
}


def traits_of(cls: type) -> frozenset[str] | None:
    """The traits of a class of layers; None where nobody has declared any for its `call`.

    >>> from pellucid import layers
    >>> sorted(traits_of(layers.Dense)), traits_of(layers.Layer)
    (['per_step', 'product'], None)
    """
    for base in cls.__mro__:
        if base.__dict__.get("traits") is not None:
            return base.__dict__["traits"]
        if "call" in base.__dict__:
            return None
    return None


def has(layer: Any, *traits: str) -> bool:
    """Whether a layer has one of `traits`."""
    return not (traits_of(type(layer)) or frozenset()).isdisjoint(traits)


def class_named(name: str, module: str | None = None) -> type | None:
    """The class of layers that a configuration calls `name`; None for one of somebody's own.

    Args:
        module: where the configuration says that the class is; None where it does not say.
    """
    if module is not None and module.split(".")[0] not in ("keras", "tf_keras", "tensorflow"):
        return None
    known = family("layer")
    found = known.get(name) if name in known else None
    return found if isinstance(found, type) else None


def written_traits(cls: type | None, config: dict[str, Any]) -> list[str] | None:
    """The traits of a layer as they lie in a record; those of a wrapped one as ``"wraps ..."``."""
    known = None if cls is None else traits_of(cls)
    if cls is None or known is None:
        return None
    inner = config.get(getattr(cls, "wraps", None) or "")
    wrapped = class_named(str(inner.get("class_name"))) if isinstance(inner, dict) else None
    more = (traits_of(wrapped) or ()) if wrapped is not None else ()
    return sorted([*known, *(f"wraps {trait}" for trait in more)])


def activation_of(cls: type | None, config: dict[str, Any]) -> str | None:
    """Lower-case name of the activation that a layer's output has passed last.

    Args:
        cls: class of the layer; None for one that is not known.
        config: its configuration, as Pellucid or Keras writes it.

    Returns:
        ``"linear"`` where there is none, None where it cannot be said.

    >>> from pellucid import layers
    >>> activation_of(layers.Dense, {"activation": "ReLU"}), activation_of(layers.LeakyReLU, {})
    ('relu', 'leaky_relu')
    >>> activation_of(layers.Dense, {"activation": None}), activation_of(layers.Lambda, {})
    ('linear', None)
    """
    if cls is not None and issubclass(cls, Traits) and traits_of(cls) is not None:
        return cls.last_activation(config)
    return _name(config["activation"]) if "activation" in config else None


def activation_in(written: dict[str, Any]) -> str | None:
    """`activation_of` for a layer written down as its class's name and its configuration."""
    cls = class_named(str(written.get("class_name")))
    return activation_of(cls, written.get("config") or {})


class Traits:
    """The part of `Layer` in which a class says what it is."""

    traits: ClassVar[frozenset[str] | None] = None
    """Names of `TRAITS`; empty where none holds, None where nobody has said anything."""
    activates: ClassVar[str | None] = None
    """Name of the activation that the layer is."""
    wraps: ClassVar[str | None] = None
    """Argument that holds the layer whose output is this one's."""
    batch_safe: ClassVar[bool] = False
    """Whether rows added to fill a batch can never change what the other rows produce."""
    takes_integers: ClassVar[bool] = False
    """Whether the input is looked up rather than computed with, so must stay whole numbers."""
    each_value_alone: bool = False
    """Whether every value becomes one by itself, so that ragged rows stay what they are."""
    answers_in_kind: ClassVar[bool] = False
    """Whether a tensor of TensorFlow with numbers gives a tensor of TensorFlow, not JAX's array."""
    two_cores_from: ClassVar[int | None] = None
    """Products of numbers in one way forward of a batch from which two cores, with half of the rows
    each, were faster than one; None where one device shares the work between its cores itself."""

    def numbers_inside(self, sample: tuple[int, ...]) -> int:
        """About how many numbers a call keeps beside its output, for one sample.

        What looks at a network takes fewer samples where there are many.

        Args:
            sample: shape of one sample of the input with the most steps.
        """
        return 0

    @classmethod
    def last_activation(cls, config: dict[str, Any]) -> str | None:
        """The activation that the output has passed last, read off a configuration."""
        if cls.activates is not None:
            return cls.activates
        if cls.wraps is not None and isinstance(inner := config.get(cls.wraps), dict):
            return activation_in(inner)
        if "activation" in config:
            return _name(config["activation"])
        return None if "opaque" in (traits_of(cls) or ()) else "linear"


def _name(value: Any) -> str | None:
    """The name that stands for an activation in a configuration."""
    if value is None:
        return "linear"
    if isinstance(value, str):
        lower = value if value.islower() else snake_case(value)
        return {"swish": "silu", "re_lu": "relu"}.get(lower, lower)
    if isinstance(value, dict):
        inner = value.get("config")
        name = str(value.get("class_name", ""))
        if name == "function" and isinstance(inner, str):  # Keras's form of a function
            return _name(inner)
        cls = class_named(name)
        return cls.activates if cls is not None and issubclass(cls, Traits) else None
    return None
