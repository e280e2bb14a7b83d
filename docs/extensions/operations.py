"""For the documentation site: operations that are made from a table are shown as functions.

``sin = _unary("sin", jnp.sin, ...)`` is an attribute to a reader of the source; the running package
knows its arguments and its documentation.
"""

from __future__ import annotations

import importlib
import inspect
from typing import Any

from griffe import Docstring, Extension, Function, Module, Parameter, ParameterKind, Parameters


class TableOperations(Extension):
    """Replaces such attributes of `pellucid.ops` by functions."""

    def on_module_members(self, *, mod: Module, **kwargs: Any) -> None:
        if not mod.path.startswith("pellucid.ops.") or mod.is_init_module:
            return
        running = importlib.import_module(mod.path)
        for name, member in list(mod.members.items()):
            value = getattr(running, name, None)
            if not member.is_alias and member.is_attribute and hasattr(value, "op"):
                mod.set_member(name, _function(name, value, member.lineno))


def _function(name: str, value: Any, line: int | None) -> Function:
    parameters = [
        Parameter(
            p.name,
            annotation=None if p.annotation is p.empty else str(p.annotation),
            kind=ParameterKind.positional_or_keyword,
            default=None if p.default is p.empty else repr(p.default),
        )
        for p in inspect.signature(value).parameters.values()
    ]
    function = Function(name, parameters=Parameters(*parameters), lineno=line, endlineno=line)
    function.docstring = Docstring(inspect.getdoc(value) or "", parent=function)
    return function
