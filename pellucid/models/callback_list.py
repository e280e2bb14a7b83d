"""`CallbackList` for programs that call callbacks themselves: it can bring a history and a bar."""

from __future__ import annotations

from typing import Any

from ..training.callbacks import base
from ..training.callbacks.progbar import ProgbarLogger
from .history import History


class CallbackList(base.CallbackList):
    """Several callbacks called as one.

    Args:
        callbacks: `Callback` objects, or one.
        add_history: whether to add a `History`, if there is none.
        add_progbar: whether to add a `ProgbarLogger`, if there is none.
        model: handed to each.
        **params: likewise, as one dictionary.

    Raises:
        ConfigError: something that is no callback.

    >>> seen = CallbackList([], add_history=True)
    >>> seen.on_epoch_end(0, {"loss": 0.5})
    >>> seen.callbacks[0].history
    {'loss': [0.5]}
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ):
        given = base.flat(callbacks)
        for add, kind in ((add_history, History), (add_progbar, ProgbarLogger)):
            if add and not any(isinstance(callback, kind) for callback in given):
                given.append(kind())
        super().__init__(given, model, **params)
