"""How an activation gets its names, and what it does with tensors that hold no numbers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from pellucid._core import foreign
from pellucid._core.placeholder import Placeholder
from pellucid._core.specs import family

F = TypeVar("F", bound=Callable[..., Any])

OPERATION = "activations."  # how the operations begin that activations become in a graph


def register(*names: str) -> Callable[[F], F]:
    """Decorator: a function of arrays becomes the activation of these names.

    Given a symbolic tensor, or one of TensorFlow or PyTorch, it is the operation of its name.
    """

    def named(function: F) -> F:
        name = OPERATION + function.__name__

        @functools.wraps(function)
        def activation(x: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(x, Placeholder) or (foreign.loaded() and foreign.is_tensor(x)):
                return family("op").get(name)(x, *args, **kwargs)
            return function(x, *args, **kwargs)

        return cast("F", family("activation").register(*names)(activation))

    return named
