"""What every loss is: one number per sample from a pure function, reduced in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from pellucid._core import foreign
from pellucid._core.dtypes import floatx, resolve_policy
from pellucid._core.registry import snake_case
from pellucid._core.specs import Configurable, family, resolve

from .ignored import ignored_labels
from .reduction import check_reduction, merge_mask, reduce_values, repeat_valid_rows
from .shapes import align_targets

_NUMBERED = ("classes", "sequences", "groups")  # targets that stay whole numbers


class Named(Configurable):
    """Base of what is called by its class's name, in snake case, unless it is given another."""

    def __init__(self, name: str | None = None):
        self.name = name or snake_case(type(self).__name__)

    def __repr__(self) -> str:
        automatic = f"name={snake_case(type(self).__name__)!r}"
        shown = super().__repr__()
        return shown.replace(f", {automatic}", "").replace(automatic, "").replace("(, ", "(")


class Loss(Named):
    """Base of the losses. To write one, define ``call(y_true, y_pred)`` in plain `jax.numpy`.

    Args:
        name: shown in logs; None for the class's name in snake case.
        reduction: see `pellucid.losses.reduction.reduce_values`.
        dtype: number format of the arithmetic; None for `pellucid.config.floatx()`.

    Raises:
        ConfigError: an unknown reduction.

    >>> class FourthPower(Loss):
    ...     def call(self, y_true, y_pred):
    ...         return jnp.mean((y_true - y_pred) ** 4, axis=-1)
    >>> float(FourthPower()(jnp.zeros((2, 1)), jnp.array([[1.0], [2.0]])))
    8.5
    """

    # What the targets must be, for `align_targets` and `check_targets`: "values" (of the
    # predictions' shape), "binary" (0 to 1), "signs" (-1 to 1), "one_hot", "classes" (integers),
    # "sequences" (of classes), "groups" (any integers), or None where only the function knows.
    traits: ClassVar[frozenset[str] | None] = None
    """What the loss asks for: names of `losses.traits.TRAITS`; None where nobody has said it."""
    targets: ClassVar[str | None] = None
    _dtype: Any = None

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: Any = None,
    ):
        super().__init__(name)
        check_reduction(reduction)
        self.reduction = reduction
        self._dtype = dtype

    def call(self, y_true: Any, y_pred: Any) -> jax.Array:
        """One number per sample: ``(batch, ...)`` without the last axis."""
        raise NotImplementedError(f"{type(self).__name__} does not define call(y_true, y_pred).")

    def target_mask(self, y_true: Any) -> jax.Array | None:
        """False where a target says that it is not to be counted; None where all are."""
        return None

    def batch_values(
        self, y_true: Any, y_pred: Any, valid: Any
    ) -> tuple[jax.Array, jax.Array | None, Any]:
        """`call`, with the mask of its values and which rows of them are real.

        A loss that compares samples with each other overrides it, to keep the rows that only fill
        up the last batch out of the comparison.
        """
        values = self.call(y_true, y_pred)
        if jnp.ndim(values) == 0 and valid is not None:
            values = self.call(repeat_valid_rows(y_true, valid), repeat_valid_rows(y_pred, valid))
        return values, self.target_mask(y_true), valid

    def __call__(
        self,
        y_true: Any,
        y_pred: Any,
        sample_weight: Any = None,
        *,
        mask: Any = None,
        valid: Any = None,
    ) -> jax.Array:
        """The reduced loss of a batch.

        Args:
            y_true: targets, ``(batch, ...)``.
            y_pred: predictions, ``(batch, ...)``.
            sample_weight: ``(batch,)`` or with more of the loss's axes.
            mask: false for the steps that do not count; by default what the layer that gave
                `y_pred` says of them.
            valid: ``(batch,)``, false for the rows that only fill up the last batch. A loss whose
                `call` gives one number for the whole batch cannot leave them out: it is shown the
                valid rows repeated.

        Raises:
            ShapeError: targets and predictions whose shapes do not match.
        """
        if mask is None:  # what a layer called on arrays has left on its output
            mask = getattr(y_pred, "_keras_mask", None)
        y_true, y_pred = foreign.to_numpy(y_true), foreign.to_numpy(y_pred)
        sample_weight = foreign.to_numpy(sample_weight)
        y_pred = jnp.asarray(y_pred).astype(self.compute_dtype)
        y_true = jnp.asarray(y_true)
        if y_pred.ndim == 1 and y_true.ndim == 2 and y_true.shape[1] == 1:
            y_pred = y_pred[:, None]  # one loss a sample, and not one of all together
        y_true = align_targets(y_true, y_pred.shape, self)
        if self.targets not in _NUMBERED:
            y_true = y_true.astype(self.compute_dtype)
        with ignored_labels() as ignored:
            values, counted, valid = self.batch_values(y_true, y_pred, valid)
        if counted is None:
            counted = ignored.mask_of(values)
        if mask is not None and counted is not None:
            counted = jnp.asarray(mask, bool) & counted
        elif counted is None:
            counted = mask
        loss = reduce_values(values, self.reduction, sample_weight, counted, valid)
        return loss if self._dtype is None else loss.astype(self.dtype)

    @property
    def dtype(self) -> str:
        """Number format of the arithmetic and of the result."""
        return resolve_policy(self.__dict__.get("_dtype") or floatx()).compute_dtype

    def _argument(self, name: str) -> Any:
        if name == "dtype":
            return None if self.dtype == floatx() else self.dtype
        return super()._argument(name)

    @property
    def compute_dtype(self) -> str:
        return self.dtype


class FunctionLoss(Loss):
    """A loss whose arithmetic is the function `fn`: to add one, name the function.

    Args:
        reduction: see `Loss`.
        name: shown in logs; None for the class's name in snake case.
        dtype: see `Loss`.
    """

    fn: ClassVar[Callable[..., jax.Array]]
    settings: ClassVar[tuple[str, ...]] = ()  # the attributes that `fn` is called with

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true, y_pred):
        settings = {name: getattr(self, name) for name in self.settings}
        return type(self).fn(y_true, y_pred, **settings)


class LossFunctionWrapper(Loss):
    """Any function ``(y_true, y_pred) -> one number per sample``, as a loss.

    Args:
        fn: the function, or the name it is registered under.
        reduction: see `Loss`.
        name: shown in logs; None for the function's name.
        dtype: see `Loss`.

    >>> absolute = LossFunctionWrapper(lambda t, p: jnp.abs(t - p).mean(axis=-1), name="absolute")
    >>> float(absolute(jnp.zeros((2, 1)), jnp.array([[1.0], [2.0]])))
    1.5
    """

    def __init__(
        self,
        fn: Callable[[Any, Any], Any] | str,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ):
        given = fn if isinstance(fn, str) else getattr(fn, "__name__", type(fn).__name__)
        super().__init__(name=name or snake_case(given), reduction=reduction, dtype=dtype)
        self.fn = fn

    def call(self, y_true, y_pred):
        return _function(self.fn)(y_true, y_pred)


def _function(fn: Callable[[Any, Any], Any] | str) -> Callable[[Any, Any], Any]:
    if not isinstance(fn, str):
        return fn
    functions = family("loss_function")
    if fn in functions:
        return functions.get(fn)
    found = resolve("loss", fn)
    return found.call if isinstance(found, Loss) else found


def batch_loss(
    loss: Any, y_true: Any, y_pred: Any, sample_weight: Any, mask: Any, valid: Any
) -> Any:
    """The loss of a batch in training: of ours, and of one whose `__call__` a subclass wrote.

    Such a one is called as Keras calls it; a mask then comes as weights, where there are any.

    >>> class Largest(Loss):
    ...     def __call__(self, y_true, y_pred, sample_weight=None):
    ...         return jnp.max(jnp.abs(y_true - y_pred))
    >>> float(batch_loss(Largest(), jnp.zeros(2), jnp.array([1.0, 3.0]), None, None, None))
    3.0
    """
    if type(loss).__call__ is Loss.__call__:
        return loss(y_true, y_pred, sample_weight, mask=mask, valid=valid)
    weights = merge_mask(sample_weight, mask)
    return loss(y_true, y_pred) if weights is None else loss(y_true, y_pred, weights)
