"""A package's names, each loaded when it is first used, from one table."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from .errors import NotHereError


class LazyNames(NamedTuple):
    """What `attach` gives a package: assign the three to the names that Python looks for."""

    getattr: Callable[[str], Any]
    dir: Callable[[], list[str]]
    all: list[str]


def attach(
    package: str,
    names: Mapping[str, str],
    modules: Iterable[str] = (),
    absent: Mapping[str, str] | None = None,
) -> LazyNames:
    """The functions that let a package load its names late.

    Args:
        package: its ``__name__``.
        names: public name -> the module that defines it, relative to the package without the first
            dot (``"page"``, ``".treatment"``).
        modules: public modules of the package.
        absent: names that other libraries have here and we do not -> the reason, a sentence.

    >>> lazy = attach("pellucid.report", {"render": "page"})
    >>> lazy.getattr("render").__name__, lazy.all
    ('render', ['render'])
    """
    known, reasons = [*modules, *names], absent or {}

    def find(name: str) -> Any:
        if name in names:
            return getattr(importlib.import_module(f".{names[name]}", package), name)
        if name in known:
            return importlib.import_module(f"{package}.{name}")
        if name in reasons:
            raise NotHereError(f"{package}.{name} is not here: {reasons[name]}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    def listed() -> list[str]:
        return sorted({*vars(sys.modules[package]), *known})

    return LazyNames(find, listed, known)
