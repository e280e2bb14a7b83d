"""Arguments <-> configuration, from the constructor's signature alone.

The rule is scikit-learn's: `__init__` stores every argument untouched under its own name. From that
follow `get_config`, `from_config` and `repr` for every class, with no code in the class.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from functools import lru_cache
from typing import Any, ClassVar, Self

import numpy as np

from .errors import ConfigError
from .live import stays_here
from .registry import Registry

FAMILIES: dict[str, Registry] = {}
_HERE = __name__.partition(".")[0]
# What users may register, each known from its module's first import on.
_OPEN = {
    "layer": "layers",
    "function": "layers",
    "activation": "activations",
    "initializer": "initializers",
    "regularizer": "regularizers",
    "constraint": "constraints",
    "loss": "losses",
    "metric": "metrics",
    "optimizer": "optimizers",
    "schedule": "optimizers",
}


def family(kind: str, home: str | None = None) -> Registry:
    """The registry of one kind of object ("layer", "loss", ...), made on first use.

    Args:
        kind: of the objects.
        home: the module that registers their names, imported when a name is first missing.
    """
    registry = FAMILIES.setdefault(kind, Registry(kind))
    registry.home = home or registry.home
    return registry


def argument_names(cls: Any) -> tuple[str, ...]:
    """Constructor argument names of `cls`; follows `**kwargs` up to the base classes."""
    return _argument_names(cls)


@lru_cache(maxsize=512)
def _argument_names(cls: type) -> tuple[str, ...]:
    names: list[str] = []
    for klass in cls.__mro__:
        init = klass.__dict__.get("__init__")
        if init is None:
            continue
        parameters = list(inspect.signature(init).parameters.values())[1:]
        names += [
            p.name
            for p in parameters
            if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.name not in names
        ]
        if not _hands_on(klass, parameters):
            break
    return tuple(names)


def _hands_on(cls: type, parameters: list[inspect.Parameter]) -> bool:
    """Whether a constructor hands further arguments on to the base class.

    One that takes them only to judge them says so: `keeps_rest = True` in its class.
    """
    rest = any(p.kind is p.VAR_KEYWORD for p in parameters)
    return rest and not cls.__dict__.get("keeps_rest", False)


def argument_defaults(cls: type) -> dict[str, Any]:
    """Constructor defaults of `cls`, the most derived class's where several give one."""
    defaults: dict[str, Any] = {}
    for klass in cls.__mro__:
        init = klass.__dict__.get("__init__")
        if init is None:
            continue
        parameters = list(inspect.signature(init).parameters.values())[1:]
        for p in parameters:
            if p.default is not p.empty:
                defaults.setdefault(p.name, p.default)
        if not _hands_on(klass, parameters):
            break
    return defaults


class Configurable:
    """Mixin: `get_config` / `from_config` / `repr` from the constructor's signature."""

    _unsaved: ClassVar[frozenset[str]] = frozenset()  # arguments that are no part of the config

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments as JSON-ready values; `from_config` takes them back."""
        config = {}
        for name in argument_names(type(self)):
            if name in self._unsaved:
                continue
            if not hasattr(self, name):
                raise ConfigError(
                    f"{type(self).__name__} cannot be saved: its constructor takes {name!r} but "
                    f"the object has no attribute {name!r}.",
                    fix=f"write `self.{name} = {name}` in __init__, or define get_config().",
                )
            config[name] = serialize(getattr(self, name))
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Self:
        """An object from what `get_config` returned.

        Args:
            config: the constructor's arguments as JSON-ready values.
            custom_objects: name -> class or function of your own that they may name.
        """
        from .custom import knowing

        with knowing(custom_objects):
            return cls(**{name: deserialize(value) for name, value in config.items()})

    def _argument(self, name: str) -> Any:
        """The constructor's argument `name` as `repr` shows it."""
        return getattr(self, name, None)

    def __repr__(self) -> str:
        defaults = argument_defaults(type(self))
        shown = []
        for name in argument_names(type(self)):
            if name in self._unshown():
                continue
            value = self._argument(name)
            if name not in defaults or not _same(value, defaults[name]):
                shown.append(f"{name}={_short(value)}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def _unshown(self) -> frozenset[str]:
        """Arguments that `repr` leaves out."""
        return self._unsaved


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(_same, a, b))
    return a is b or (type(a) is type(b) and not hasattr(a, "shape") and a == b)


def _short(value: Any) -> str:
    if hasattr(value, "shape") and getattr(value, "ndim", 0) > 0:
        return f"<array {tuple(value.shape)} {value.dtype}>"
    if callable(value) and hasattr(value, "__name__"):
        return value.__name__
    return repr(value)


def serialize(value: Any) -> Any:
    """`value` as plain JSON types; objects become `{"class_name", "config"}`."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        return [serialize(item) for item in value]
    if isinstance(value, dict):
        return {str(key): serialize(item) for key, item in value.items()}
    for kind, registry in FAMILIES.items():
        name = registry.name_of(value)
        if name is not None:
            return name
        name = registry.name_of(type(value))
        if name is not None:
            return {"class_name": name, "family": kind, "config": value.get_config()}
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        array = np.asarray(value)
        return {
            "class_name": "__array__",
            "config": {"value": array.tolist(), "dtype": array.dtype.name},
        }
    if hasattr(value, "get_config"):
        found = {
            "class_name": type(value).__name__,
            "module": type(value).__module__,
            "config": value.get_config(),
        }
        return {**found, "class": type(value)} if stays_here() else found
    if callable(value) and stays_here():
        return value
    raise ConfigError(
        f"{value!r} cannot be written into a configuration.",
        got=type(value).__name__,
        expected="numbers, text, lists, dictionaries, arrays, or registered functions and classes",
        fix="name the function and register it with @pellucid.register('kind').",
    )


def deserialize(value: Any) -> Any:
    """The inverse of `serialize`, except that tuples come back as lists."""
    if isinstance(value, list):
        return [deserialize(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "class_name" not in value or "config" not in value:
        return {key: deserialize(item) for key, item in value.items()}
    if value["class_name"] == "__array__":
        return np.asarray(value["config"]["value"], dtype=value["config"]["dtype"])
    return find_class(value).from_config(value["config"])


def find_class(value: dict[str, Any]) -> Any:
    """The class that a serialised `{"class_name", "family", "config"}` names.

    One of the user's own that is not registered is the class of that name in its module, never
    another one that happens to be called the same.
    """
    name, module = value["class_name"], value.get("module")
    if isinstance(value.get("class"), type):  # a configuration that stays in this program
        return value["class"]
    kind = value.get("family")
    registries = [FAMILIES[kind]] if kind in FAMILIES else list(FAMILIES.values())
    found = next((registry.get(name) for registry in registries if name in registry), None)
    if found is not None and (_from_library(module) or not _from_library(found.__module__)):
        return found
    known = getattr(sys.modules.get(str(module)), name, None)
    if isinstance(known, type):
        return known
    raise ConfigError(
        f"The configuration names a class {name!r} that is not registered here.",
        got=repr(name),
        fix=f"import the module that defines {name}, with @pellucid.register above the class.",
    )


def _from_library(module: Any) -> bool:
    """Whether a module (None where it is not told) may mean one of the library's own classes."""
    return module is None or str(module).partition(".")[0] in (_HERE, "keras", "builtins")


def resolve(kind: str, identifier: Any) -> Any:
    """A name, configuration, class or object -> an object of the family `kind`.

    A string gives the registered function, or an instance of the registered class with its
    defaults; a `{"class_name", "config"}` dictionary an instance; a class an instance; any other
    callable, or None, itself.
    """
    registry = family(kind)
    if isinstance(identifier, str):
        identifier = registry.get(identifier)
    elif isinstance(identifier, dict) and "class_name" in identifier:
        return find_class({"family": kind, "config": {}, **identifier}).from_config(
            identifier.get("config", {})
        )
    if isinstance(identifier, type):
        return with_defaults(identifier)
    if identifier is None or callable(identifier) or isinstance(identifier, Configurable):
        return identifier
    raise ConfigError(
        f"{identifier!r} cannot be used as {registry._article()} {kind}.",
        got=type(identifier).__name__,
        expected=f"a name, a {kind} object, or a callable",
        fix=f"pass one of the names: {', '.join(registry.primary_names())}.",
    )


def with_defaults(cls: Any) -> Any:
    """An object of `cls` with its defaults; raises `ConfigError` where an argument has none."""
    try:
        defaults = argument_defaults(cls)
        needed = [name for name in argument_names(cls) if name not in defaults]
    except ValueError:  # a class of another library that does not show its signature
        needed = []
    if needed:
        raise ConfigError(
            f"{cls.__name__} cannot be made from its name alone.",
            got=cls.__name__,
            expected=f"a value for {', '.join(needed)}",
            fix=f"pass an object: {cls.__name__}({', '.join(f'{n}=...' for n in needed)}).",
        )
    return cls()


def register(kind: str, *names: str) -> Any:
    """Decorator: make a class or function of your own known by name, so that it can be saved.

    Args:
        kind: ``"layer"``, ``"loss"``, ``"metric"``, ``"activation"``, ``"initializer"``, ...
        names: names for it; its own by default.

    Raises:
        ConfigError: there is no such kind of object.

    >>> from pellucid import activations
    >>> @register("activation")
    ... def swoosh(x):
    ...     return x * x
    >>> activations.get("swoosh") is swoosh
    True
    """
    if kind not in _OPEN:
        raise ConfigError(
            f"There is no kind of object called {kind!r}.",
            got=repr(kind),
            expected=f"one of {', '.join(sorted(_OPEN))}",
            fix="pass the kind as text, for example @register('layer').",
        )
    importlib.import_module(f"{__package__.rpartition('.')[0]}.{_OPEN[kind]}")
    return FAMILIES[kind].register(*names)
