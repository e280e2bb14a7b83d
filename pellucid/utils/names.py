"""Classes and functions of your own, known by name, so that configurations can hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

from .. import constraints, initializers, layers, losses, metrics, optimizers, regularizers
from .._core import specs
from .._core.errors import ConfigError
from .._core.settings import reading_code
from .._core.specs import family
from ..network.reader import read
from ..network.writer import written

T = TypeVar("T")

# A class is looked up where its base class is; a function may be meant as any of these.
_KINDS: dict[str, type] = {
    "layer": layers.Layer,
    "loss": losses.Loss,
    "metric": metrics.Metric,
    "optimizer": optimizers.Optimizer,
    "schedule": optimizers.schedules.LearningRateSchedule,
    "initializer": initializers.Initializer,
    "regularizer": regularizers.Regularizer,
    "constraint": constraints.Constraint,
}
_OF_FUNCTIONS = (
    "function",
    "activation",
    "loss",
    "metric",
    "initializer",
    "regularizer",
    "constraint",
)
_OF_OTHERS = "object"

_own: dict[str, Any] = {}


def _families(thing: Any) -> tuple[str, ...]:
    if not isinstance(thing, type):
        return _OF_FUNCTIONS
    fitting = [kind for kind, base in _KINDS.items() if issubclass(thing, base)]
    return tuple(fitting) or (_OF_OTHERS,)


def _register(thing: Any, names: tuple[str, ...]) -> None:
    for kind in _families(thing):
        registry = family(kind)
        # A name of Pellucid's own keeps its meaning; the longer one is free.
        registry.register(names[0], *(name for name in names[1:] if name not in registry))(thing)


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[T], T]:
    """Decorator: make a class or function known by name; the kind is told by its base class.

    Args:
        package: goes before the name, ``"package>name"``, so that names of several authors do not
            meet.
        name: its own by default.

    `pellucid.register("layer")` does the same where the kind is to be said.

    >>> @register_keras_serializable(package="lab")
    ... class Doubled(layers.Layer):
    ...     def call(self, x):
    ...         return 2 * x
    >>> get_registered_name(Doubled)
    'lab>Doubled'
    >>> type(deserialize_keras_object(serialize_keras_object(Doubled()))).__name__
    'Doubled'
    """

    def decorate(thing: T) -> T:
        if isinstance(thing, type) and not hasattr(thing, "get_config"):
            raise ConfigError(
                f"The class {thing.__name__} cannot be saved: it has no get_config.",
                fix="define get_config(self) that returns the constructor's arguments.",
            )
        short: Any = name or getattr(thing, "__name__", None)
        full = f"{package}>{short}"
        _register(thing, (full, short))
        _own[full] = thing
        return thing

    return decorate


def get_custom_objects() -> dict[str, Any]:
    """What `register_keras_serializable` has made known: name -> class or function."""
    return _own


def get_registered_name(obj: Any) -> str:
    """The name that configurations hold for a class or function; its own where it has none.

    >>> get_registered_name(layers.Dense), get_registered_name(print)
    ('Dense', 'print')
    """
    for registry in specs.FAMILIES.values():
        known = registry.name_of(obj)
        if known is not None:
            return known
    return obj.__name__


def get_registered_object(
    name: str,
    custom_objects: Mapping[str, Any] | None = None,
    module_objects: Mapping[str, Any] | None = None,
) -> Any:
    """The class or function registered as `name`; None where there is none.

    Args:
        name: for example ``"Custom>MyLayer"``.
        custom_objects: looked at first.
        module_objects: looked at last.
    """
    for known in (custom_objects or {}, _own, module_objects or {}):
        if name in known:
            return known[name]
    for registry in specs.FAMILIES.values():
        if name in registry:
            return registry.get(name)
    return None


@contextmanager
def custom_object_scope(custom_objects: Mapping[str, Any] | None) -> Iterator[None]:
    """Know classes and functions by name inside a `with` block, and there alone.

    Args:
        custom_objects: name -> class or function; None for none.

    >>> with custom_object_scope({"twice": lambda x: 2 * x}):
    ...     layers.Dense(1, activation="twice").name
    'dense'
    """
    custom_objects = {} if custom_objects is None else custom_objects
    if not isinstance(custom_objects, Mapping):
        raise ConfigError(
            "custom_object_scope takes a dictionary from names to classes and functions.",
            got=type(custom_objects).__name__,
            fix="custom_object_scope({'MyLayer': MyLayer}).",
        )
    with ExitStack() as stack:
        for kind in {k for thing in custom_objects.values() for k in _families(thing)}:
            stack.enter_context(family(kind).borrowed())
        for name, thing in custom_objects.items():
            for kind in _families(thing):
                family(kind).register(name)(thing)
        yield


CustomObjectScope = custom_object_scope


def serialize_keras_object(obj: Any) -> Any:
    """An object as plain JSON types, in Keras's form: ``{"module", "class_name", "config", ...}``.

    >>> serialize_keras_object(layers.Dense(3))["module"]
    'keras.layers'
    """
    return written(obj)


def deserialize_keras_object(
    config: Any, custom_objects: Mapping[str, Any] | None = None, safe_mode: bool = True
) -> Any:
    """The object that `serialize_keras_object` wrote down, here or in Keras.

    Args:
        config: what it returned.
        custom_objects: name -> class or function that it may name.
        safe_mode: False reads the code of lambdas, which can do anything.

    Raises:
        UnknownClassError: a class or function that is not known here.
        ConfigError: the code of a lambda in safe mode.
    """
    with custom_object_scope(custom_objects or {}), reading_code(not safe_mode):
        return read(config)
