"""Objects as the plain values of Keras's configurations: module, class_name, config and more."""

from __future__ import annotations

import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from .._core import specs
from .._core.arraylike import ArrayLike
from .._core.dtypes import DTypePolicy
from .._core.errors import ConfigError, PellucidWarning
from .._core.live import staying_here
from .._core.ownership import is_our_class
from ..layers.core import written_functions

_USUAL = (("activity_regularizer", None), ("autocast", True))
Write = Callable[[Any], Any]
"""What an object is handed to write the values of its configuration with."""

MODULES = {
    "layer": "keras.layers",
    "activation": "keras.activations",
    "initializer": "keras.initializers",
    "regularizer": "keras.regularizers",
    "constraint": "keras.constraints",
    "loss": "keras.losses",
    "metric": "keras.metrics",
    "optimizer": "keras.optimizers",
    "schedule": "keras.optimizers.schedules",
    "seed_generator": "keras.random",
}
"""Where Keras has the objects of each family."""


class Entry(Protocol):
    """An object that has a place of its own in Keras's files."""

    def file_entry(self, write: Write) -> dict[str, Any] | None: ...


_shared: ContextVar[dict[int, tuple[Any, dict[str, Any]]] | None] = ContextVar(
    "objects written into one file", default=None
)


@contextmanager
def sharing() -> Iterator[None]:
    """Let an object that is written twice inside the block be known as one."""
    token = _shared.set({})
    try:
        yield
    finally:
        _shared.reset(token)


def written(value: Any) -> Any:
    """`value` as JSON-ready values, in Keras's form.

    Args:
        value: numbers, text, arrays, functions, objects with `get_config`; lists and dictionaries.

    Raises:
        ConfigError: something that cannot be written down.

    >>> from pellucid.initializers import HeNormal
    >>> written([1, HeNormal(seed=3)])[1]["module"]
    'keras.initializers'
    """
    with staying_here():  # functions arrive as they are, to be written below
        return _written(value)


def _written(value: Any) -> Any:
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (bool, int, float)):
        return float(value) if isinstance(value, float) else int(value)
    if isinstance(value, (list, tuple)):
        return [_written(item) for item in value]
    if isinstance(value, dict):
        return _written_dict(value)
    special = _special(value)
    if special is not None:
        return special
    if isinstance(value, (types.FunctionType, types.BuiltinFunctionType)) or (
        callable(value) and not hasattr(value, "get_config")
    ):
        return _function(value)
    return _object(value)


def _written_dict(value: dict[Any, Any]) -> dict[str, Any]:
    if "class_name" in value and "config" in value and "registered_name" not in value:
        return _of_spec(value)
    return {str(key): _written(item) for key, item in value.items()}


def _of_spec(spec: dict[str, Any]) -> Any:
    """An object that was written in our own short form already."""
    name, config = spec["class_name"], spec["config"]
    if name == "__array__":
        return {"class_name": "__numpy__", "config": config}
    if name.startswith("__"):
        return spec
    family = spec.get("family")
    known = family in specs.FAMILIES and name in specs.FAMILIES[family]
    cls = specs.FAMILIES[family].get(name) if known and family is not None else None
    if cls is None:
        head = {"module": spec.get("module"), "class_name": name, "registered_name": name}
    else:
        head = _head(cls)
        if is_our_class(cls):
            return {**head, "config": {k: _as_list(_written(v)) for k, v in config.items()}}
    return {**head, "config": _written(config)}


def _special(value: Any) -> Any:
    if isinstance(value, DTypePolicy):
        return {
            "module": "keras",
            "class_name": "DTypePolicy",
            "config": {"name": value.name},
            "registered_name": None,
        }
    if isinstance(value, bytes):
        return {"class_name": "__bytes__", "config": {"value": value.decode()}}
    if value is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if isinstance(value, slice):
        parts = {name: _written(getattr(value, name)) for name in ("start", "stop", "step")}
        return {"class_name": "__slice__", "config": parts}
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        return value.item()
    if isinstance(value, (np.dtype, type)) and not hasattr(value, "get_config"):
        try:
            return jnp.dtype(value).name
        except TypeError:
            return None
    if isinstance(value, (np.ndarray, jax.Array, ArrayLike)):
        array = np.asarray(value)
        kind = "__numpy__" if isinstance(value, np.ndarray) else "__tensor__"
        return {
            "class_name": kind,
            "config": {"value": array.tolist(), "dtype": jnp.dtype(array.dtype).name},
        }
    return None


def _function(function: Any) -> dict[str, Any]:
    name = getattr(function, "__name__", type(function).__name__)
    for registry in specs.FAMILIES.values():
        known = registry.name_of(function)
        if known is not None:
            own = ">" in known
            return {
                "module": function.__module__ if own else "builtins",
                "class_name": "function",
                "config": known,
                "registered_name": known if own else "function",
            }
    if name == "<lambda>":
        warnings.warn(
            "A lambda is written into the file as code, which is read only with safe_mode=False, "
            "and by this version of Python.\n  fix: write a named function, and register it with "
            "@pellucid.saving.register_keras_serializable().",
            PellucidWarning,
            stacklevel=2,
        )
        return written_functions.write(function)
    return {
        "module": getattr(function, "__module__", None),
        "class_name": "function",
        "config": name,
        "registered_name": name,
    }


def _object(value: Any) -> Any:
    shared = _shared.get()
    if shared is not None and id(value) in shared:
        first = shared[id(value)][1]
        first.setdefault("shared_object_id", id(value))
        return {k: item for k, item in first.items() if k not in ("name", "inbound_nodes")}
    own = getattr(value, "file_entry", None)
    entry = own(_written) if own is not None and not isinstance(value, type) else None
    if entry is None:
        if isinstance(value, type) or not hasattr(value, "get_config"):
            raise ConfigError(
                f"{value!r} cannot be written into a file.",
                got=type(value).__name__,
                expected="numbers, text, lists, arrays, functions, or objects with get_config()",
                fix="define get_config(self) that returns the constructor's arguments.",
            )
        entry = entry_of(value, _written(value.get_config()))
    for part in ("build", "compile"):
        give = getattr(value, f"get_{part}_config", None)
        try:
            config = give() if give is not None else None
        except ConfigError as error:
            warnings.warn(
                f"What {type(value).__name__} was told by compile is not in the file: {error.what}",
                PellucidWarning,
                stacklevel=3,
            )
            continue
        if config:
            entry[f"{part}_config"] = _written(config)
    if shared is not None:
        shared[id(value)] = value, entry
    return entry


def entry_of(value: Any, config: dict[str, Any]) -> dict[str, Any]:
    """The entry of an object of a registered class, or of one of the user's.

    Args:
        value: the object.
        config: its configuration, written.
    """
    head = _head(type(value))
    registered = head.pop("registered_name")
    # Not every layer of Keras's takes what each of ours does: it goes without saying.
    unsaid = getattr(type(value), "not_in_files", ())
    config = {k: v for k, v in config.items() if (k, v) not in _USUAL and k not in unsaid}
    if is_our_class(type(value)):
        config = {key: _as_list(item) for key, item in config.items()}
    return {**head, "config": config, "registered_name": registered}


def _as_list(value: Any) -> Any:
    """An array among the arguments of a layer as a list, which is all that Keras's layers read."""
    array = isinstance(value, dict) and value.get("class_name") == "__numpy__"
    return value["config"]["value"] if array else value


def _head(cls: type) -> dict[str, Any]:
    named = ((family, registry.name_of(cls)) for family, registry in specs.FAMILIES.items())
    family, name = next(((f, n) for f, n in named if n is not None), ("", None))
    if name is not None and is_our_class(cls) and family in MODULES:
        return {"module": MODULES[family], "class_name": name, "registered_name": None}
    return {
        "module": None if cls.__module__ == "__main__" else cls.__module__,
        "class_name": cls.__name__,
        "registered_name": name or cls.__name__,
    }
