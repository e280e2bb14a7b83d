"""Names that configurations may use for a moment: the `custom_objects` of Keras's functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from . import specs
from .errors import ArgumentTypeError


@contextmanager
def knowing(custom_objects: Mapping[str, Any] | None) -> Iterator[None]:
    """Let every family know some classes and functions by name, inside the block alone.

    Args:
        custom_objects: name -> class or function, or None.

    Raises:
        ArgumentTypeError: something else than a mapping.
    """
    if not custom_objects:
        yield
        return
    if not isinstance(custom_objects, Mapping):
        raise ArgumentTypeError(
            "custom_objects is a dictionary from names to classes and functions.",
            got=type(custom_objects).__name__,
            fix="custom_objects={'MyLayer': MyLayer}.",
        )
    with ExitStack() as stack:
        for registry in list(specs.FAMILIES.values()):  # completing one may make another
            stack.enter_context(registry.borrowed())
            for name, thing in custom_objects.items():
                registry.register(name)(thing)
        yield
