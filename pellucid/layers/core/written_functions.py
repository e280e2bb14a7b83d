"""Functions as plain configurations: named ones by their name, lambdas by their code."""

from __future__ import annotations

import base64
import binascii
import marshal
import types
from typing import Any

from ..._core import settings
from ..._core.errors import ConfigError
from ..._core.specs import family

FUNCTIONS = family("function")
_LAMBDA = "<lambda>"


def write(function: Any) -> Any:
    """A function as JSON-ready values, as Keras writes it.

    Args:
        function: registered or named; or a lambda, whose code is written down.
    """
    registered = FUNCTIONS.name_of(function)
    if registered is not None:
        return registered
    name = getattr(function, "__name__", type(function).__name__)
    if name == _LAMBDA and isinstance(function, types.FunctionType):
        cells = [cell.cell_contents for cell in function.__closure__ or ()]
        return {
            "class_name": "__lambda__",
            "config": {
                "code": base64.encodebytes(marshal.dumps(function.__code__)).decode("ascii"),
                "defaults": list(function.__defaults__) if function.__defaults__ else None,
                "closure": cells or None,
            },
        }
    return {
        "module": "builtins",
        "class_name": "function",
        "config": name,
        "registered_name": "function",
    }


def is_written(value: Any) -> bool:
    """Whether `value` is what `write` makes of a function that is not registered."""
    return isinstance(value, dict) and value.get("class_name") in ("__lambda__", "function")


def read(layer: str, value: Any, safe: bool) -> Any:
    """The function that `write` wrote down.

    Args:
        layer: the name of the layer it is for.
        value: what `write` returned; anything else comes back as it is.
        safe: refuse code.

    Raises:
        ConfigError: code where `safe` is set, code of another Python, a name nobody knows.
    """
    if not is_written(value):
        return value
    config = value["config"]
    if value["class_name"] == "function":
        if config not in FUNCTIONS:
            raise ConfigError(
                f"Lambda {layer!r} was written with a function {config!r} that is not known here.",
                got=repr(config),
                fix=f"pass custom_objects={{{config!r}: {config}}}, or write "
                "@pellucid.register('function') above it.",
            )
        return FUNCTIONS.get(config)
    if safe:
        raise ConfigError(
            f"Lambda {layer!r} was written with the code of a lambda, and code from a file can do "
            "anything.",
            got="a lambda",
            fix="Lambda.from_config(config, safe_mode=False) where you trust its origin, or "
            "config.enable_unsafe_deserialization(); better, a named function in custom_objects.",
        )
    try:
        code = marshal.loads(base64.decodebytes(config["code"].encode("ascii")))
    except (ValueError, EOFError, TypeError, binascii.Error) as error:
        raise ConfigError(
            f"The code of Lambda {layer!r} cannot be read: {error}.",
            fix="it was written by another version of Python, or is damaged; make the layer anew.",
        ) from None
    cells = tuple(types.CellType(held) for held in config["closure"] or ())
    # Like Keras's, the function finds Python's own names and no module: those of the program that
    # wrote it are not here.
    return types.FunctionType(code, {}, _LAMBDA, tuple(config["defaults"] or ()) or None, cells)


def code_is_refused(safe_mode: bool | None) -> bool:
    """Whether code may not be read, by the argument or by what was set for the program."""
    return not settings.reads_code() if safe_mode is None else bool(safe_mode)
