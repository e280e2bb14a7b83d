"""Objects from configurations, Keras's and ours. Nothing that a file says is run or imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import jax.numpy as jnp
import numpy as np

from .._core import settings, specs
from .._core.dtypes import policy_from_config
from .._core.errors import FileFormatError, UnknownNameError
from .._core.registry import Registry, did_you_mean
from ..layers.core import written_functions
from .writer import MODULES

_FAMILIES = {module: family for family, module in MODULES.items()}
_OF_FUNCTIONS = ("activation", "loss", "metric", "initializer", "regularizer", "constraint")
_ONLY_KERAS = ("lora_rank", "lora_alpha", "quantization_config", "gptq_unpacked_column_size")
"""Arguments of Keras's layers for what no layer here does; dropped where they ask for nothing."""

_shared: ContextVar[dict[Any, Any] | None] = ContextVar("objects of one file", default=None)


class UnknownClassError(UnknownNameError, TypeError):
    """A configuration names a class or function that is not known here."""


@contextmanager
def sharing() -> Iterator[None]:
    """Let an object that a file holds twice be one, inside the block."""
    token = _shared.set({})
    try:
        yield
    finally:
        _shared.reset(token)


def read(config: Any) -> Any:
    """The object that a configuration describes, built and compiled where it says so.

    Args:
        config: what `written`, Keras's `serialize_keras_object` or our older forms gave.

    Raises:
        UnknownClassError: a class or function that is not registered here.
        FileFormatError: no configuration.
    """
    if isinstance(config, (list, tuple)):
        return [read(item) for item in config]
    if not isinstance(config, Mapping):
        return config
    if "class_name" not in config or "config" not in config:
        return {key: read(value) for key, value in config.items()}
    plain_form = plain(config)
    if not isinstance(plain_form, dict) or "class_name" not in plain_form:
        return plain_form
    number, shared = config.get("shared_object_id"), _shared.get()
    if shared is not None and number is not None and number in shared:
        return shared[number]
    made = specs.deserialize(plain_form)
    build, compiled = config.get("build_config"), config.get("compile_config")
    if build and hasattr(made, "build_from_config") and not made.built:
        made.build_from_config(dict(plain(build)))
        made.built = True
    if compiled and hasattr(made, "compile_from_config"):
        made.compile_from_config(dict(compiled))
    if shared is not None and number is not None:
        shared[number] = made
    return made


def plain(config: Any) -> Any:
    """A configuration with Keras's names in ours, for `from_config`; functions are looked up."""
    if isinstance(config, (list, tuple)):
        return [plain(item) for item in config]
    if not isinstance(config, Mapping):
        return config
    if "inbound_nodes" in config:  # of a graph, which is read call by call
        return dict(config)
    if "class_name" not in config or "config" not in config:
        return {key: plain(value) for key, value in config.items()}
    name, inner = config["class_name"], config["config"]
    if not isinstance(name, str):
        raise _no_configuration(config)
    if name.startswith("__"):
        return _special(name, inner, config)
    if name == "function":
        return function(inner if isinstance(inner, str) else config.get("registered_name"))
    if name == "DTypePolicy":
        return policy_from_config(dict(config)).name
    if name == "DTypePolicyMap":
        return dict(config)
    kind, known = _find(config)
    inner = plain(inner if inner is not None else {})
    if not isinstance(inner, dict):
        raise _no_configuration(config)
    for argument in _ONLY_KERAS:
        if inner.get(argument, 0) is None:
            del inner[argument]
    return {"class_name": known, "family": kind, "config": inner}


def _special(name: str, inner: Any, config: Mapping[str, Any]) -> Any:
    if name == "__lambda__":
        held = inner.get("value", inner) if isinstance(inner, Mapping) else inner
        as_ours = {"class_name": name, "config": held}
        return written_functions.read("of this file", as_ours, not settings.reads_code())
    if name in ("__numpy__", "__array__", "__tensor__"):
        array = np.asarray(inner["value"], jnp.dtype(inner["dtype"]))
        return jnp.asarray(array) if name == "__tensor__" else array
    if name == "__bytes__":
        return inner["value"].encode()
    if name == "__ellipsis__":
        return Ellipsis
    if name == "__slice__":
        return slice(*(plain(inner[part]) for part in ("start", "stop", "step")))
    if name == "__keras_tensor__":
        return dict(config)
    raise _no_configuration(config)


def _find(config: Mapping[str, Any]) -> tuple[str, str]:
    """Family and name of the class that a configuration means."""
    name, registered = config["class_name"], config.get("registered_name")
    family = config.get("family") or _FAMILIES.get(config.get("module") or "")
    first = [family] if family in specs.FAMILIES else []
    for candidate in (registered, name):
        for kind in [*first, *(kind for kind in list(specs.FAMILIES) if kind not in first)]:
            registry = specs.FAMILIES[kind]
            if candidate and candidate in registry and isinstance(registry.get(candidate), type):
                return kind, candidate
    known = {n for r in specs.FAMILIES.values() for n in _classes(r)}
    raise UnknownClassError(
        f"The file names a class {registered or name!r} that is not known here.",
        got=f"{config.get('module') or 'module unknown'}, class {name!r}",
        fix=f"write @pellucid.saving.register_keras_serializable() above the class and import it, "
        f"or pass custom_objects={{{name!r}: {name}}}; {did_you_mean(name, known)}",
    )


def _classes(registry: Registry) -> list[str]:
    return [name for name, entry in registry.entries().items() if isinstance(entry, type)]


def function(name: Any) -> Any:
    """The function of one's own, or of Pellucid, that files call `name`.

    Raises:
        UnknownClassError: none is registered under it.
    """
    short = str(name)
    for kind in [*_OF_FUNCTIONS, *specs.FAMILIES]:
        registry = specs.FAMILIES.get(kind)
        if registry is not None and short in registry:
            return registry.get(short)
    known = {n for kind in _OF_FUNCTIONS for n in specs.family(kind).primary_names()}
    raise UnknownClassError(
        f"The file names a function {short!r} that is not known here.",
        got=repr(name),
        fix=f"write @pellucid.saving.register_keras_serializable() above it and import it, or pass "
        f"custom_objects={{{short!r}: {short}}}; {did_you_mean(short, known)}",
    )


def _no_configuration(config: Any) -> FileFormatError:
    return FileFormatError(
        "This is not the configuration of an object.",
        got=str(config)[:120],
        expected="what serialize_keras_object returns",
        fix="write it again with serialize_keras_object.",
    )
