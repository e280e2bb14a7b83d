"""Compiled programs shared between models that are alike: the second of a kind starts at once.

A program is traced from a *skeleton*, a copy of the model without weights, so that it keeps no
model and no data alive. Models with code of the user's own get programs of their own.
"""

from __future__ import annotations

import copy
import json
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from .._core.errors import PellucidError
from .._core.ownership import is_known_code, is_ours
from .._core.specs import Configurable, serialize
from ..layers import tree

CAPACITY = 32
"""How many programs are remembered; the one unused for longest goes first."""

_programs: OrderedDict[Hashable, Callable[..., Any]] = OrderedDict()


def forget() -> None:
    """Let go of all remembered programs."""
    _programs.clear()


def signature(model: Any) -> str | None:
    """Text that is equal for models that compute the same; None where that cannot be known."""
    objective = model.objective
    parts = [layer for _, layer in tree.walk(model)]
    if objective is not None:
        parts += [loss for loss in objective.losses if loss is not None]
        parts += [metric for _, metric, _ in objective.metrics]
    if objective is not None and objective.further:
        return None
    # The text of a function says nothing of what it finds outside of itself.
    if any(getattr(part, "holds_code", False) for part in parts):
        return None
    if not all(map(_all_ours, parts)) or model.graph is None:
        return None
    try:
        described = {
            "model": serialize(model),
            "losses": None if objective is None else [serialize(x) for x in objective.losses],
            "weights": None if objective is None else objective.loss_weights,
            "names": None if objective is None else [objective.names, objective.metric_names],
            "metrics": None
            if objective is None
            else [[i, serialize(m), w] for i, m, w in objective.metrics],
            "flags": model.trainable_flags(),
        }
        return json.dumps(described, sort_keys=True)
    except (PellucidError, TypeError, ValueError):
        return None


def _all_ours(part: Any) -> bool:
    """Whether the part, and the functions and objects that its arguments name, are Pellucid's.

    A name does not tell that of the user's own, which may mean another function after a cell of a
    notebook has run again.
    """
    held = (v for v in vars(part).values() if isinstance(v, Configurable) or callable(v))
    return is_ours(part) and all(is_ours(v) or is_known_code(v) for v in held)


def skeleton(model: Any) -> Any:
    """A copy of `model` that has its structure, objective and optimiser, and no weight values."""
    twin = type(model).from_config(json.loads(json.dumps(model.get_config())))
    flags = model.trainable_flags()
    if twin.trainable_flags() != flags:
        return None  # names or freezing that the configuration does not carry
    twin.optimizer = copy.copy(model.optimizer)
    twin.objective = model.objective
    twin.compiled = model.compiled
    return twin


def shared(
    model: Any, key: Hashable, make: Callable[[Any], Callable[..., Any]]
) -> Callable[..., Any]:
    """The program under `key` for models like this one: remembered, or made by `make(owner)`.

    Args:
        model: the model that needs it.
        key: everything beside the model's structure that the program depends on.
        make: from the model to trace, which is `model` itself or its skeleton, to the program.
    """
    text = signature(model)
    if text is None:
        return make(model)
    full_key = (text, key)
    if full_key in _programs:
        _programs.move_to_end(full_key)
        return _programs[full_key]
    owner = skeleton(model)
    if owner is None:
        return make(model)
    program = make(owner)
    _programs[full_key] = program
    while len(_programs) > CAPACITY:
        _programs.popitem(last=False)
    return program
