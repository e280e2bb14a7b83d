"""What `compile` and `fit` take for several outputs -> one entry an output, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax

from .._core.errors import ConfigError, UnknownNameError
from .._core.registry import did_you_mean
from ..layers.symbolic import is_nested, leaves
from .loss_parts import Part, flat, loss_parts


def placed_losses(
    loss: Any, loss_weights: Any, outputs: Any, names: list[str]
) -> tuple[list[Part | None], list[Part]]:
    """The loss of each output, and those of several together or beside another's.

    Args:
        loss, loss_weights: as passed to `compile`.
        outputs: the outputs' positions in their structure; by default a list.
        names: of the outputs.
    """
    by_name = isinstance(loss, Mapping) and set(loss) <= set(names)
    whole = is_nested(outputs) and isinstance(loss, (Mapping, list, tuple)) and not by_name
    if not whole and not is_nested(loss):
        losses = _per_output(loss, names, "loss")
        weights = _per_output(loss_weights, names, "loss_weights")
        return [
            None if item is None else Part(name, item, weight, position)
            for position, (name, item, weight) in enumerate(
                zip(names, losses, weights, strict=True)
            )
        ], []
    structure = list(range(len(names))) if outputs is None else outputs
    if isinstance(loss, Mapping) and not isinstance(structure, Mapping):  # by the outputs' names
        structure = {name: position for position, name in enumerate(_known(loss, names, "loss"))}
    first: list[Part | None] = [None] * len(names)
    further = []
    for part in loss_parts(loss, loss_weights, structure, names):
        if part.single and first[part.outputs] is None:
            first[part.outputs] = part
        else:
            further.append(part)
    return first, further


def targets_by_losses(y: Any, loss: Any, outputs: Any, names: list[str]) -> list[Any]:
    """`targets_by_output`, for losses as they were passed to `compile`."""
    first, further = placed_losses(loss, None, outputs, names)
    return targets_by_output(y, names, taught(first, further))


def taught(first: list[Any], further: list[Part]) -> list[bool]:
    """Which outputs have a loss, alone or together."""
    found = [part is not None for part in first]
    for part in further:
        for position in jax.tree.leaves(part.outputs):
            found[position] = True
    return found


def targets_by_output(y: Any, names: list[str], taught: list[bool]) -> list[Any]:
    """Targets in the user's structure -> one for each output, or None.

    Args:
        y: None, an array, or arrays in a structure.
        names: of the outputs.
        taught: which outputs have a loss; targets may be given for these alone.
    """
    if y is None or isinstance(y, Mapping) or is_nested(y):
        return by_output(y, names)
    parts = list(y) if isinstance(y, (list, tuple)) else [y]
    if len(parts) < len(names) and len(parts) == sum(taught):
        given = iter(parts)
        return [next(given) if has_loss else None for has_loss in taught]
    return parts if any(taught) else by_output(y, names)


def by_output(value: Any, names: list[str]) -> list[Any]:
    """Targets or weights in the user's structure -> one per output."""
    if value is None:
        return [None] * len(names)
    if is_nested(value):  # as the outputs are, which come in the order of their leaves
        return leaves(value)
    if isinstance(value, dict):
        return [value.get(name) for name in names]
    if isinstance(value, (list, tuple)):
        return list(value)
    return [value] * len(names)


def _per_output(value: Any, names: list[str], what: str) -> list[Any]:
    """A single value, list or dictionary, or a structure like the outputs' -> one per output."""
    if is_nested(value):
        leaves_of = flat(value)
        by_name = isinstance(value, Mapping) and set(value) <= set(names)
        if len(leaves_of) == len(names) and not by_name:
            return leaves_of
        value = _without_lists_of_one(value)
    if isinstance(value, Mapping) and "class_name" not in value:
        return [value.get(name) for name in _known(value, names, what)]
    if isinstance(value, (list, tuple)):
        if len(value) != len(names):
            raise ConfigError(
                f"{what} has {len(value)} entries but the model has {len(names)} outputs.",
                got=f"{len(value)} entries",
                expected=f"one for each of {names}",
                fix=f"pass {what}={{{', '.join(f'{n!r}: ...' for n in names)}}}.",
            )
        return list(value)
    return [value] * len(names)


def _known(value: Mapping[str, Any], names: list[str], what: str) -> list[str]:
    """`names`, once `value` is known to have no other keys."""
    unknown = [key for key in value if key not in names]
    if unknown:
        raise UnknownNameError(
            f"{what} names an output {unknown[0]!r} that the model does not have.",
            got=f"keys {list(value)}",
            expected=f"outputs {names}",
            fix=did_you_mean(str(unknown[0]), names),
        )
    return names


def _without_lists_of_one(value: Any) -> Any:
    def bare(part: Any) -> Any:
        return part[0] if isinstance(part, (list, tuple)) and len(part) == 1 else part

    if isinstance(value, Mapping):
        return {key: bare(part) for key, part in value.items()}
    return [bare(part) for part in value]


def metric_lists(value: Any, names: list[str]) -> list[list[Any]]:
    """Keras's forms of `metrics` -> one list per output."""
    if value is None:
        return [[] for _ in names]
    if isinstance(value, Mapping):
        return [_as_list(value.get(name)) for name in _known(value, names, "metrics")]
    items = _as_list(value)
    if len(names) == 1:
        return [[part for item in items for part in _as_list(item)]]
    if len(items) == len(names) and any(isinstance(item, (list, tuple)) for item in items):
        return [_as_list(item) for item in items]
    if len(items) == len(names):
        return [_as_list(item) for item in items]
    if len(items) == 1:
        return [items for _ in names]
    raise ConfigError(
        f"metrics has {len(items)} entries but the model has {len(names)} outputs.",
        got=repr(value),
        expected=f"one list for each of {names}",
        fix=f"pass metrics={{{names[0]!r}: ['accuracy']}}.",
    )


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]
