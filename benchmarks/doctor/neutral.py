"""Networks and settings from neutral descriptions in Keras's words. What is unknown is refused."""

from __future__ import annotations

import inspect
import re
from typing import Any


class UnknownCaseError(Exception):
    """The description has something that this loader or this machine does not have."""


INITIALIZERS = {
    "uniform": "RandomUniform",
    "random_uniform_initializer": "RandomUniform",
    "normal": "RandomNormal",
    "random_normal_initializer": "RandomNormal",
    "truncated_normal": "TruncatedNormal",
    "zero": "Zeros",
    "one": "Ones",
}
SKIPPED = {"input_shape", "input_dim", "batch_input_shape", "input_length", "dtype", "batch_size"}


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[_\s]+", name))


def _part(module: Any, given: Any, names: dict[str, str] | None = None) -> Any:
    """An initializer, regularizer or constraint from a name or a dictionary."""
    if given is None:
        return None
    if isinstance(given, str):
        given = {"type": given}
    config = dict(given)
    kind = str(config.pop("type", None) or config.pop("class_name", ""))
    config = dict(config.pop("config", config))
    positional = config.pop("args", [])
    config = {**config, **config.pop("kwargs", {}), **config.pop("params", {})}
    kind = (names or {}).get(kind.lower(), kind)
    found = getattr(module, kind, None) or getattr(module, _camel(kind), None)
    if found is None or not inspect.isclass(found):
        raise UnknownCaseError(f"unknown {module.__name__.rpartition('.')[2][:-1]} {kind!r}")
    known = inspect.signature(found).parameters
    config = {key: value for key, value in config.items() if key in known and key != "dtype"}
    return found(*positional, **config)


def make_layer(kind: str, params: dict[str, Any]) -> Any:
    """One layer."""
    from pellucid import constraints, initializers, layers, regularizers

    found = getattr(layers, kind, None)
    if found is None:
        raise UnknownCaseError(f"unknown layer {kind!r}")
    options: dict[str, Any] = {}
    for name, value in params.items():
        if name in SKIPPED or name in ("args", "name") or (name == "trainable" and value is True):
            continue
        if name.endswith("initializer"):
            value = _part(initializers, value, INITIALIZERS)
        elif name.endswith("regularizer"):
            value = _part(regularizers, value)
        elif name.endswith("constraint"):
            value = _part(constraints, value)
        elif isinstance(value, list):
            value = tuple(value)
        elif isinstance(value, dict):
            value = value.get("type") or value.get("class_name")
        options[name] = value
    try:
        return found(**options)
    except TypeError as error:
        raise UnknownCaseError(f"layer {kind!r}: {error}") from error


def make_model(case: dict[str, Any], shape: tuple[int, ...]) -> Any:
    """A stack of layers on inputs of `shape`."""
    from pellucid import Input, Sequential, layers

    declared = None
    stack = []
    for entry in case["layers"]:
        kind, params = entry["type"], dict(entry.get("params") or {})
        for name in ("input_shape", "batch_input_shape", "input_dim", "shape"):
            if params.get(name) is not None and declared is None:
                given = params[name]
                given = [given] if isinstance(given, int) else list(given)
                declared = tuple(given[1:] if name == "batch_input_shape" else given)
        if kind in ("Input", "InputLayer"):
            continue
        stack.append(make_layer(kind, params))
    words = bool(stack) and isinstance(stack[0], layers.Embedding)
    start = Input(declared or shape, dtype="int32" if words else None)
    return Sequential([start, *stack])


def make_optimizer(given: Any) -> Any:
    """An optimiser; a decay of old Keras becomes a falling rate."""
    from pellucid import optimizers

    if isinstance(given, str):
        given = {"name": given, "params": {}}
    names = {n.lower(): n for n in dir(optimizers) if n[:1].isupper()}
    kind = names.get(str(given.get("name") or given.get("type")).lower())
    if kind is None:
        raise UnknownCaseError(f"unknown optimiser {given.get('name')!r}")
    params = dict(given.get("params") or {})
    if "lr" in params:
        params["learning_rate"] = params.pop("lr")
    decay = params.pop("decay", 0.0) or 0.0
    if decay >= 1e-5 and "learning_rate" in params:
        params["learning_rate"] = optimizers.schedules.InverseTimeDecay(
            params["learning_rate"], decay_steps=1, decay_rate=decay
        )
    found = getattr(optimizers, kind)
    known = inspect.signature(found).parameters
    unknown = [name for name in params if name not in known]
    if unknown:
        raise UnknownCaseError(f"unknown argument {unknown} of {kind}")
    return found(**{name: value for name, value in params.items() if value is not None})


def make_loss(text: str) -> Any:
    """A loss from its name; ``"... (from_logits)"`` takes logits."""
    from pellucid import losses

    name = re.split(r"[\s(]", text.strip())[0]
    name = {"mse": "mean_squared_error", "mae": "mean_absolute_error"}.get(name.lower(), name)
    if "from_logits" in text and "fault" not in text:
        return getattr(losses, _camel(name))(from_logits=True)
    if not hasattr(losses, name) and not hasattr(losses, _camel(name)):
        raise UnknownCaseError(f"unknown loss {text!r}")
    return name
