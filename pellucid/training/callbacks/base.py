"""Callbacks: Keras's hooks, and what each costs."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

from ..._core.errors import ConfigError


class Callback:
    """Something that looks on, or acts, while a model trains. Override the hooks you need.

    Epoch hooks cost nothing. A batch hook (`on_train_batch_begin`, `on_train_batch_end`) must be
    called between steps, so it makes every step a program call of its own; set `batch_interval`, or
    `compile(steps_per_execution=...)` for all callbacks, to be called only every so many steps.

    Attributes:
        model: the model in training.
        params: ``{"epochs", "initial_epoch", "steps", "verbose", "validation"}``; `validation` says
            whether `fit` was given validation data.
        batch_interval: steps between two calls of the batch hooks, where they are overridden.
        remembers: names of the attributes that change in a run and that a resumed run needs.

    >>> class Shout(Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         print(f"epoch {epoch}: {sorted(logs)}")
    """

    batch_interval: int = 1
    remembers: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self._model: Any = None
        self.params: dict[str, Any] = {}

    @property
    def model(self) -> Any:
        """The model in training; None before."""
        return self.__dict__.get("_model")

    @model.setter
    def model(self, model: Any) -> None:
        self._model = model

    def get_state(self) -> dict[str, Any]:
        """What a checkpoint keeps of this callback: numbers, text, arrays, lists of them."""
        return {name: getattr(self, name) for name in self.remembers}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from what `get_state` gave; called after `on_train_begin`."""
        for name, value in state.items():
            setattr(self, name, value)

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params

    def set_model(self, model: Any) -> None:
        self._model = model

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None: ...
    def on_train_end(self, logs: dict[str, Any] | None = None) -> None: ...
    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None: ...
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None: ...

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.on_batch_end(batch, logs)

    def on_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Keras's older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Keras's older name of `on_train_batch_end`."""

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None: ...
    def on_test_end(self, logs: dict[str, Any] | None = None) -> None: ...
    def on_test_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None: ...
    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None: ...
    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None: ...
    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None: ...
    def on_predict_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None: ...
    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None: ...

    def on_chunk_end(self, phase: str, done: int, total: int | None, logs: dict[str, Any]) -> None:
        """After each compiled chunk of steps: free, and as often as the engine sees fit.

        Args:
            phase: ``"train"``, ``"test"`` or ``"predict"``.
            done, total: steps of this epoch; `total` is None where it is not known.
            logs: means so far in this epoch.
        """

    def on_compile(self, phase: str, seconds: float | None) -> None:
        """A program is about to be compiled (`seconds` None), or has been, in so many seconds."""


_BATCH_HOOKS = {
    "train": ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end"),
    "test": ("on_test_batch_begin", "on_test_batch_end"),
    "predict": ("on_predict_batch_begin", "on_predict_batch_end"),
}


class CallbackList(Callback):
    """Several callbacks called as one.

    Args:
        callbacks: `Callback` objects, or one.
        model: handed to each.
        **params: likewise, as one dictionary.

    Raises:
        ConfigError: something that is no callback.

    >>> len(CallbackList([Callback(), [Callback()]]).callbacks)
    2
    """

    def __init__(self, callbacks: Any = None, model: Any = None, **params: Any):
        super().__init__()
        self.callbacks = flat(callbacks)
        for callback in self.callbacks:
            if isinstance(callback, type) or not hasattr(callback, "on_epoch_end"):
                name = getattr(callback, "__name__", type(callback).__name__)
                raise ConfigError(
                    "callbacks takes Callback objects.",
                    got=repr(callback),
                    expected="objects of subclasses of pellucid.callbacks.Callback",
                    fix=f"write {name}()." if isinstance(callback, type) else "subclass Callback.",
                )
        if params:
            self.set_params(params)
        if model is not None:
            self.set_model(model)
        for callback in self.callbacks:
            if hasattr(callback, "set_callbacks"):  # the progress display looks at the others
                callback.set_callbacks(self)

    def append(self, callback: Any) -> None:
        """Add one more callback at the end."""
        self.callbacks.append(callback)

    def set_params(self, params: dict[str, Any]) -> None:
        super().set_params(params)
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: Any) -> None:
        super().set_model(model)
        for callback in self.callbacks:
            callback.set_model(model)

    def call(self, hook: str, *args: Any) -> None:
        """Call one hook of every callback, in order."""
        for callback in self.callbacks:
            method = getattr(callback, hook, None)
            if method is not None:
                method(*args)

    def steps_between(self, phase: str) -> int | None:
        """Steps a chunk may have because of batch hooks; None where nobody asks for them."""
        return min((steps for _, steps in self.batch_callers(phase)), default=None)

    @property
    def steps_per_execution(self) -> int:
        """Steps between two calls of batch hooks as `compile` was told."""
        return getattr(self.model, "steps_per_execution", 1)

    def batch_callers(self, phase: str) -> list[tuple[Any, int]]:
        """The callbacks that override a batch hook, each with the steps between two calls: those
        of an execution, or of as many as its `batch_interval` takes."""
        whole = self.steps_per_execution
        return [
            (callback, -(-max(1, int(getattr(callback, "batch_interval", 1))) // whole) * whole)
            for callback in self.callbacks
            if _wants_batches(callback, phase)
        ]


def flat(callbacks: Any) -> list[Any]:
    """The callbacks among nested lists."""
    if isinstance(callbacks, (list, tuple)):
        return [one for callback in callbacks for one in flat(callback)]
    return [] if callbacks is None else [callbacks]


def _passed_on(hook: str) -> Any:
    """A hook of `CallbackList` that calls it for every callback."""

    @functools.wraps(getattr(Callback, hook))
    def method(self: CallbackList, *args: Any, **kwargs: Any) -> None:
        for callback in self.callbacks:
            function = getattr(callback, hook, None)
            if function is not None:
                function(*args, **kwargs)

    return method


for _hook in [name for name in vars(Callback) if name.startswith("on_")]:
    setattr(CallbackList, _hook, _passed_on(_hook))


def _wants_batches(callback: Any, phase: str) -> bool:
    for name in _BATCH_HOOKS[phase]:
        method = getattr(callback, name, None)
        original = getattr(Callback, name, None)
        if method is not None and getattr(method, "__func__", method) is not original:
            return True
    return False
