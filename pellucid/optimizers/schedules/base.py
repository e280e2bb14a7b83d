"""What a learning-rate schedule is, and the check that one can be compiled."""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp

from ..._core.errors import ConfigError
from ..._core.specs import Configurable, family
from ..limits import NON_NEGATIVE, Limited, check_number


class LearningRateSchedule(Limited, Configurable):
    """Base of learning-rate schedules: override `__call__(self, step)` with `jax.numpy` operations.

    >>> import pellucid.optimizers as optimizers
    >>> class Half(LearningRateSchedule):
    ...     def __init__(self, start, after):
    ...         self.start, self.after = start, after
    ...     def __call__(self, step):
    ...         return jnp.where(step < self.after, self.start, 0.5 * self.start)
    >>> optimizers.SGD(Half(0.1, after=100)).current_learning_rate(100)
    0.05000000074505806
    """

    def __call__(self, step: Any) -> jax.Array:
        """The learning rate at `step`, an int32 scalar."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(self, step).")


def is_supplier(value: Any) -> bool:
    """Whether `value` is a function that gives a learning rate without being told the step.

    >>> is_supplier(lambda: 0.1), is_supplier(lambda step: 0.1), is_supplier(0.1)
    (True, False, False)
    """
    if not callable(value) or isinstance(value, LearningRateSchedule):
        return False
    return _takes_nothing(value)


@lru_cache(maxsize=256)
def _takes_nothing(function: Any) -> bool:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return False
    try:
        signature.bind(0)
    except TypeError:
        pass
    else:
        return False
    try:
        signature.bind()
    except TypeError:
        return False
    return True


def as_schedule(owner: str, value: Any) -> Any:
    """`value`, or the registered function it names, once it is known to compile.

    Args:
        owner: the optimiser's name, for messages.
        value: a callable of the step, or the name of one registered as a "schedule".

    Raises:
        ConfigError: an unknown name, a callable that cannot take one step, one that branches in
            Python on the step's value, or one that does not return a single number.
    """
    if isinstance(value, str):
        registered = family("schedule")
        named = registered.get(value) if value in registered else None
        if named is None or isinstance(named, type):
            raise ConfigError(
                f"{owner}: learning_rate={value!r} is neither a number nor a schedule.",
                got=f"{value!r} ({type(value).__name__})",
                expected="a number, a schedule object, or a callable of the step",
                fix="pass a number such as 0.001, or an object such as "
                "schedules.CosineDecay(0.001, decay_steps=1000).",
            )
        value = named
    if is_supplier(value):
        check_number(owner, "learning_rate", float(value()), NON_NEGATIVE)
        return value
    try:
        result = jax.eval_shape(value, jax.ShapeDtypeStruct((), jnp.int32))
    except (jax.errors.JAXTypeError, jax.errors.JAXIndexError) as error:
        raise ConfigError(
            f"{owner}: the learning-rate schedule {_name(value)} cannot be compiled: it uses the "
            "step as a Python number.",
            got=str(error).strip().split("\n")[0],
            expected="jax.numpy operations on the step",
            fix="write jnp.where(step < n, a, b) for `a if step < n else b` and jnp.cos for "
            "math.cos, or use the LearningRateScheduler callback, which runs in Python.",
        ) from error
    except TypeError as error:
        raise ConfigError(
            f"{owner}: the learning-rate schedule {_name(value)} failed when called with a step.",
            got=str(error),
            expected="a callable that takes one argument, the step",
            fix="write it as `lambda step: ...`; to change the rate by hand, pass a number and "
            "assign optimizer.learning_rate.",
        ) from error
    shape = getattr(result, "shape", None)
    if shape != () or jnp.issubdtype(result.dtype, jnp.complexfloating):
        raise ConfigError(
            f"{owner}: the learning-rate schedule {_name(value)} does not return one number.",
            got=f"{result}",
            expected="a scalar of shape ()",
            fix="return a single number for each step.",
        )
    return value


def _name(schedule: Any) -> str:
    return getattr(schedule, "__name__", None) or repr(schedule)


def as_float(step: Any) -> jax.Array:
    """The step as a float scalar."""
    return jnp.asarray(step).astype(float)
