"""What every metric is: pure init, update and compute, with Keras's stateful calls on top."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp

from pellucid._core import foreign
from pellucid._core.dtypes import floatx, resolve_policy
from pellucid._core.errors import ConfigError, StateError
from pellucid._core.traces import infers_shapes, tracing
from pellucid.losses.base import Named

from .stateless import StatelessCalls
from .variable import MetricVariable, starting_value

State = dict[str, Any]  # of arrays

# Keras's call that keeps a state on the object -> the pure function that does the same
_COUNTERPARTS = {"update_state": "update", "result": "compute", "reset_state": "init_state"}


class Metric(StatelessCalls, Named):
    """Base of the metrics. Write one in either of two ways; both run in the compiled loop.

    As in Keras: make variables with `add_variable`, assign to them in `update_state`, and compute
    the value in `result`. Or define the pure functions `init_state`, `update` and `compute`. Each
    triple is defined by the other where you do not write it.

    Args:
        dtype: number format of `result`; None for float32. States are float32 unless a variable
            is made with another format.
        name: shown in logs; None for the class's name in snake case.

    >>> class Hits(Metric):
    ...     def __init__(self, name="hits", **kwargs):
    ...         super().__init__(name=name, **kwargs)
    ...         self.hits = self.add_variable(shape=(), initializer="zeros", name="hits")
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         self.hits.assign(self.hits + jnp.sum(y_true == jnp.round(y_pred)))
    ...     def result(self):
    ...         return self.hits
    >>> float(Hits()(jnp.array([0.0, 1.0]), jnp.array([0.1, 0.2])))
    1.0

    >>> class Largest(Metric):
    ...     def init_state(self):
    ...         return {"largest": jnp.float32(-jnp.inf)}
    ...     def update(self, state, y_true, y_pred, sample_weight=None):
    ...         return {"largest": jnp.maximum(state["largest"], jnp.max(y_pred))}
    ...     def compute(self, state):
    ...         return state["largest"]
    >>> float(Largest()([0.0, 0.0], [1.0, 3.0]))
    3.0
    """

    _state: State | None = None
    is_bound = False
    """Whether the sums are for now those of a compiled step."""
    _made_in_a_trace = False
    _dtype: Any = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = vars(cls)
        for stateful, pure in _COUNTERPARTS.items():
            # Whichever of the two a class writes, its other one follows from that.
            if stateful in own and pure not in own:
                setattr(cls, pure, vars(Metric)[pure])
            elif pure in own and stateful not in own:
                setattr(cls, stateful, vars(Metric)[stateful])
        if own.keys() & _COUNTERPARTS.keys() and "init_state" not in own:
            cls.init_state = vars(Metric)["init_state"]  # type: ignore[method-assign]

    def __init__(self, dtype: Any = None, name: str | None = None):
        super().__init__(name)
        self._dtype = dtype
        if tracing():
            self._made_in_a_trace = True

    @property
    def dtype(self) -> str:
        """Number format of `result`."""
        return resolve_policy(self.__dict__.get("_dtype") or floatx()).compute_dtype

    def _argument(self, name: str) -> Any:
        if name == "dtype":
            return None if self.dtype == floatx() else self.dtype
        return super()._argument(name)

    # --- variables, for metrics written in Keras's way

    def add_variable(
        self,
        shape: Any = (),
        initializer: Any = None,
        dtype: Any = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> MetricVariable:
        """Make an array that lasts from batch to batch: `self.total = self.add_variable(())`.

        Args:
            shape: of the array.
            initializer: name or object; zeros by default. `reset_state` goes back to its value.
            dtype: number format; float32 by default.
            aggregation: accepted for Keras's programs; a state lives in one place.
            name: the key in `init_state()`.
        """
        variables = self.__dict__.setdefault("_variables", {})
        name = name or f"variable_{len(variables)}"
        if name in variables:
            raise StateError(
                f"Metric {self.name!r} has two variables called {name!r}.",
                fix="give each add_variable a name of its own.",
            )
        variable = MetricVariable(self, name, starting_value(shape, initializer, dtype))
        variables[name] = variable
        return variable

    def add_weight(
        self, shape: Any = (), initializer: Any = None, dtype: Any = None, name: str | None = None
    ) -> MetricVariable:
        """Keras's older name of `add_variable`."""
        return self.add_variable(shape, initializer, dtype, name=name)

    @property
    def variables(self) -> list[MetricVariable]:
        """What is kept between batches, in order; that of metrics inside included.

        Empty for a metric that still has to see how wide the predictions are.
        """
        inner = [v for metric in self._inner_metrics().values() for v in metric.variables]
        own = {**self._state_variables(), **self.__dict__.get("_variables", {})}
        return [*own.values(), *inner]

    def _state_variables(self) -> dict[str, MetricVariable]:
        """The arrays of a pure `init_state` as variables, by name."""
        pure = self._written("init_state")
        known = self.__dict__.get("_own_state", {})
        if pure is None or known:
            return known
        try:
            start = pure()
        except ConfigError:  # its width is still to be seen
            return {}
        known = {key: MetricVariable(self, key, part) for key, part in start.items()}
        self.__dict__["_own_state"] = known
        return known

    def __getattr__(self, name: str) -> Any:
        # Only called for names that are not ordinary attributes.
        if not name.startswith("_") and name in (known := self._state_variables()):
            return known[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _inner_metrics(self) -> dict[str, Metric]:
        """Metrics that this one keeps in its attributes, by attribute."""
        found: dict[str, Metric] = {}
        for name, value in vars(self).items():
            if isinstance(value, Metric):
                found[name] = value
            elif isinstance(value, (list, tuple)):
                found |= {f"{name}.{i}": m for i, m in enumerate(value) if isinstance(m, Metric)}
            elif isinstance(value, dict):
                found |= {f"{name}.{k}": m for k, m in value.items() if isinstance(m, Metric)}
        return found

    # --- the pure functions; here, what follows from the calls that keep a state

    def build(self, y_pred_shape: Sequence[int | None]) -> None:
        """Learn the width of the output, where the state's shape depends on it."""
        for metric in self._inner_metrics().values():
            metric.build(y_pred_shape)

    def init_state(self) -> State:
        """The state before the first sample: a dictionary of arrays."""
        state = self._empty_state()
        if type(self).reset_state is not Metric.reset_state:
            with self.bound(state) as read:
                self.reset_state()
                state = read()
        return state

    def _empty_state(self) -> State:
        inherited = self._written("init_state")
        state: State = {} if inherited is None else dict(inherited())
        state |= {name: v.start for name, v in self.__dict__.get("_variables", {}).items()}
        for name, metric in self._inner_metrics().items():
            state |= {f"{name}/{key}": part for key, part in metric.init_state().items()}
        return state

    def update(self, state: State, y_true: Any, y_pred: Any, sample_weight: Any = None) -> State:
        """`state` with one more batch in it; can be traced.

        Args:
            state: from `init_state` or `update`.
            y_true: targets, ``(batch, ...)``.
            y_pred: predictions, ``(batch, ...)``.
            sample_weight: ``(batch,)`` or with more axes. Rows of weight 0 leave no trace, so
                that a batch filled up to full size counts as the smaller one.
        """
        if type(self).update_state is Metric.update_state:
            raise self._undefined("update_state")
        # A metric that knows no weights need not name the argument.
        more = {} if sample_weight is None else {"sample_weight": sample_weight}
        before = dict(vars(self))
        with self.bound(state) as read:
            self.update_state(y_true, y_pred, **more)
            self._check_attributes(before)
            return read()

    def compute(self, state: State) -> Any:
        """The metric's value for `state`; can be traced."""
        if type(self).result is Metric.result:
            raise self._undefined("result")
        with self.bound(state):
            value = self.result()
        if isinstance(value, dict):  # as in Keras each of them has its place in the logs
            return {name: _array(part) for name, part in value.items()}
        return _array(value)

    # --- Keras's calls, which keep a state on the object; here, what follows from the pure ones

    def current_state(self) -> State:
        """The state kept on this object, of the batches since `reset_state`."""
        if self._state is None:
            self._state = self.init_state()
        return self._state

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add one batch to the state kept on this object."""
        y_true, y_pred = foreign.to_numpy(y_true), jnp.asarray(foreign.to_numpy(y_pred))
        if self._state is None:
            self.build(y_pred.shape)
        self._take_batch(jnp.asarray(y_true), y_pred, foreign.to_numpy(sample_weight))

    def _take_batch(self, *batch: Any) -> None:
        update = self._written("update")
        if update is None:
            raise self._undefined("update_state")
        # Merged: a class derived from this metric may keep variables of its own beside its state.
        state = {**self.current_state(), **update(self.current_state(), *batch)}
        if self.keeps(*state.values()):
            self._state = state

    def keeps(self, *values: Any) -> bool:
        """Whether these values may be kept: those of a pass that only infers shapes are not.

        Raises:
            StateError: they are of a compiled step, and this metric was made outside of it.
        """
        if self.is_bound or self._made_in_a_trace:
            return True
        if any(isinstance(value, jax.core.Tracer) for value in values):
            if infers_shapes():
                return False
            raise StateError(
                f"Metric {self.name!r} was updated in a compiled step that does not know of it.",
                fix="keep it as an attribute of the model or of a layer (self.seen = Mean()) and "
                "update it in call or compute_loss; or pass it to compile(metrics=[...]).",
            )
        return True

    def result(self) -> Any:
        """The value over all batches since the last `reset_state`."""
        compute = self._written("compute")
        if compute is None:
            raise self._undefined("result")
        value = compute(self.init_state() if self._state is None else self._state)
        return value if self._dtype is None else value.astype(self.dtype)

    def take_state(self, state: State) -> None:
        """Let this object, and the metrics inside, hold `state`."""
        inner = self._inner_metrics()
        self._state = {key: v for key, v in state.items() if key.split("/")[0] not in inner}
        for name, metric in inner.items():
            prefix = f"{name}/"
            metric._state = {
                k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)
            }

    def fresh_state(self) -> State:
        """The state that an epoch begins with: an empty one, unless `reset_state` keeps more."""
        if type(self).reset_state is Metric.reset_state:
            return self.init_state()
        with self.bound(self.current_state()) as read:
            self.reset_state()
            return read()

    def reset_state(self) -> None:
        """Forget all batches."""
        self._state = self._empty_state() if self.is_bound else None
        for metric in self._inner_metrics().values():
            metric.reset_state()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.update_state(*args, **kwargs)
        value = self.result()
        return value if isinstance(value, dict) else _array(value)

    # --- from the one to the other

    def _written(self, pure: str) -> Callable[..., Any] | None:
        """The pure method of that name that a class of this metric wrote itself; None for none."""
        for cls in type(self).__mro__:
            method = vars(cls).get(pure)
            if method is not None and method is not vars(Metric)[pure]:
                return method.__get__(self)
        return None

    def _undefined(self, method: str) -> StateError:
        return StateError(
            f"Metric {type(self).__name__} does not say what it measures: it has no {method}.",
            fix=f"write `def {method}(self, ...)` as in Keras, or the pure functions init_state, "
            "update and compute.",
        )

    def _check_attributes(self, before: dict[str, Any]) -> None:
        """Refuse sums kept in plain attributes: they would not leave the compiled loop."""
        for name, value in vars(self).items():
            if isinstance(value, jax.core.Tracer):
                if name in before:
                    self.__dict__[name] = before[name]
                else:
                    del self.__dict__[name]
                raise StateError(
                    f"Metric {self.name!r} keeps its sum in the plain attribute {name!r}.",
                    fix=f"write `self.{name} = self.add_variable(shape=(), name={name!r})` in "
                    f"__init__ and `self.{name}.assign(...)` in update_state.",
                )

    @contextmanager
    def bound(self, state: State) -> Iterator[Callable[[], State]]:
        """Let the variables, and the metrics inside, read and write `state` for a while.

        Yields a function that reads the state as it has become.
        """
        inner = self._inner_metrics()
        everyone = [self, *inner.values()]
        before = [(metric, metric._state, metric.is_bound) for metric in everyone]
        for metric in everyone:
            metric.is_bound = True
        self.take_state(state)

        def read() -> State:
            now = dict(self.current_state())
            for name, metric in inner.items():
                now |= {f"{name}/{key}": value for key, value in metric.current_state().items()}
            return now

        try:
            yield read
        except (TypeError, ValueError) as error:
            if "__jax_array__" not in str(error):
                raise
            raise StateError(
                f"Metric {self.name!r} hands a variable itself to a function of jax.numpy.",
                fix="hand on its array: write `self.total.value` in place of `self.total`.",
            ) from None
        finally:
            for metric, held, was_bound in before:
                metric._state, metric.is_bound = held, was_bound


def match_last_axis(y_true: Any, y_pred: Any) -> tuple[jax.Array, jax.Array]:
    """Both as arrays, with a trailing axis of length 1 that only one of them has added or dropped.

    >>> [x.shape for x in match_last_axis(jnp.zeros(4), jnp.zeros((4, 1)))]
    [(4, 1), (4, 1)]
    """
    y_true, y_pred = jnp.asarray(y_true), jnp.asarray(y_pred)
    if y_true.ndim + 1 == y_pred.ndim and y_pred.shape[-1] == 1:
        y_true = y_true[..., None]
    elif y_true.ndim == y_pred.ndim + 1 and y_true.shape[-1] == 1:
        y_true = y_true[..., 0]
    return y_true, y_pred


def _array(value: Any) -> jax.Array:
    return jnp.asarray(value.value if isinstance(value, MetricVariable) else value)
