"""What a user passed to a functional model -> one array per input, or None for an optional one."""

from __future__ import annotations

import warnings
from typing import Any

import jax

from .._core.errors import PellucidWarning, ShapeError, UnknownNameError
from .._core.registry import did_you_mean
from ..layers.symbolic import SymbolicTensor


def leaves_and_gaps(tree: Any) -> list[Any]:
    """The leaves of a structure, a None among them."""
    return jax.tree.leaves(tree, is_leaf=lambda a: a is None or isinstance(a, SymbolicTensor))


def by_name(model: str, structure: Any, input_names: list[str], given: dict[str, Any]) -> list[Any]:
    """The arrays of a dictionary in the order of the model's inputs.

    Args:
        model: its name, for messages.
        structure: the inputs as the model was made with them; the keys of a dictionary count, else
            the inputs' names.
        input_names: the inputs' names.
        given: the arrays.
    """
    keyed = isinstance(structure, dict)
    names = sorted(structure) if keyed else input_names  # leaves come in key order
    missing = [name for name in names if name not in given]
    if missing:
        raise UnknownNameError(
            f"{model!r} was not given its input {missing[0]!r}.",
            got=f"keys {sorted(given)}",
            expected=f"keys {names}",
            fix=did_you_mean(missing[0], given),
        )
    further = [name for name in given if name not in names]
    if keyed and further:
        warnings.warn(
            f"{model!r} has no input called {further[0]!r}: what was given for it is not used.\n"
            f"  fix: pass the keys {names} only.",
            PellucidWarning,
            stacklevel=2,
        )
    return leaves_and_gaps([given[name] for name in names])


def raise_without_names(model: str, names: list[str], given: Any) -> None:
    """Refuse arrays without names where the model was made with a dictionary of inputs.

    Which array is for which input cannot be told: a list has an order, a dictionary has none.

    Raises:
        ShapeError: always.
    """
    what = f"a {type(given).__name__}"
    raise ShapeError(
        f"{model!r} was made with a dictionary of inputs, so it takes a dictionary of arrays.",
        got=f"{what} of {len(given)}" if isinstance(given, (list, tuple)) else what,
        expected=f"keys {names}",
        fix="pass {" + ", ".join(f"{name!r}: ..." for name in names) + "}.",
    )


def check_gap(model: str, tensor: SymbolicTensor) -> None:
    """None in place of an input: only where it is optional."""
    if tensor.node is None or not getattr(tensor.node.layer, "optional", False):
        raise ShapeError(
            f"The input {tensor.name!r} of {model!r} is not optional, but was given None.",
            expected=f"shape {tensor.shape}",
            fix="give an array, or make it with Input(..., optional=True).",
        )
