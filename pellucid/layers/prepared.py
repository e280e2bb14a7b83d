"""`Prepared`: what the host has made of a call's inputs, ready for the device."""

from __future__ import annotations

from typing import Any

import jax


@jax.tree_util.register_pytree_node_class
class Prepared(list):
    """Arrays of numbers that a layer's `on_host` made of text; its `call` goes on from them.

    A list for everything that walks through nested data, and a type of its own so that a layer or
    a model knows that the host's part of its work is done.

    >>> jax.tree.map(lambda a: a + 1, Prepared([1, 2]))
    Prepared([2, 3])
    """

    def tree_flatten(self) -> tuple[tuple[Any, ...], None]:
        return tuple(self), None

    @classmethod
    def tree_unflatten(cls, _: None, children: Any) -> Prepared:
        return cls(children)

    def __repr__(self) -> str:
        return f"Prepared({super().__repr__()})"
