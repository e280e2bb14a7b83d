"""`LambdaCallback`: a callback from functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..._core.errors import ConfigError, UnknownNameError
from ..._core.registry import did_you_mean
from .base import Callback

HOOKS = tuple(name for name in vars(Callback) if name.startswith("on_"))

Hook = Callable[..., Any] | None


class LambdaCallback(Callback):
    """Functions called at the given moments. Only those that are given cost anything.

    Args:
        on_epoch_begin, on_epoch_end: ``f(epoch, logs)``.
        on_train_begin, on_train_end: ``f(logs)``.
        on_train_batch_begin, on_train_batch_end: ``f(batch, logs)``; they make every step a
            program call of its own.
        **hooks: any other hook of `Callback`, such as ``on_test_end=f``.

    Raises:
        UnknownNameError: there is no such hook.

    >>> seen = []
    >>> callback = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs["loss"]))
    >>> callback.on_epoch_end(0, {"loss": 0.5})
    >>> seen
    [0.5]
    """

    def __init__(
        self,
        on_epoch_begin: Hook = None,
        on_epoch_end: Hook = None,
        on_train_begin: Hook = None,
        on_train_end: Hook = None,
        on_train_batch_begin: Hook = None,
        on_train_batch_end: Hook = None,
        **hooks: Hook,
    ):
        super().__init__()
        given = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **hooks,
        }
        for name, function in given.items():
            if name not in HOOKS:
                raise UnknownNameError(
                    f"Callbacks have no hook called {name!r}.",
                    got=repr(name),
                    expected=f"one of {', '.join(HOOKS)}",
                    fix=did_you_mean(name, HOOKS),
                )
            if function is None:
                continue
            if not callable(function):
                raise ConfigError(
                    f"LambdaCallback: {name} must be a function.",
                    got=repr(function),
                    fix=f"{name}=lambda *arguments: print(arguments).",
                )
            # On the object, not the class: a hook that was not given counts as not overridden.
            setattr(self, name, function)
