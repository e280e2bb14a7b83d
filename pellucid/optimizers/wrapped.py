"""Any optax transformation as an optimiser."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import jax
import numpy as np

from .._core.errors import ConfigError, StateError
from .._core.specs import family
from .base import Optimizer
from .limits import NON_NEGATIVE, check_number

if TYPE_CHECKING:
    import optax


def is_optax(thing: Any) -> bool:
    """Whether `thing` is an `optax.GradientTransformation`; does not load Optax to find out."""
    optax = sys.modules.get("optax")
    return optax is not None and isinstance(thing, optax.GradientTransformation)


@family("optimizer").register("OptaxOptimizer")
class OptaxOptimizer(Optimizer):
    """An `optax.GradientTransformation`, used as it is.

    Its learning rate is inside it and cannot be read or changed, unless the outermost
    transformation comes from `optax.inject_hyperparams`.

    Args:
        tx: the transformation; its updates are added to the weights.
        name: a label.

    Raises:
        ConfigError: something else than an optax transformation.

    >>> import optax
    >>> optimizer = OptaxOptimizer(optax.inject_hyperparams(optax.adam)(learning_rate=0.01))
    >>> optimizer.learning_rate = 0.001
    >>> optimizer.hyper()["learning_rate"]
    0.001
    """

    def __init__(self, tx: optax.GradientTransformation, name: str = "optax"):
        if not is_optax(tx):
            raise ConfigError(
                "OptaxOptimizer takes an optax transformation.",
                got=type(tx).__name__,
                expected="optax.GradientTransformation",
                fix="pass for example optax.adam(1e-3), called, or an optimiser's name.",
            )
        self.tx = tx
        self.name = name
        self.iterations = 0
        self._undecayed = ((), ())
        self._injected = _injected_numbers(tx)

    @property
    def learning_rate(self) -> Any:
        """The learning rate that `optax.inject_hyperparams` exposes."""
        return self._assignable_rate(self.current_learning_rate(0))

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if "learning_rate" not in self._injected:
            self._no_learning_rate()
        check_number("OptaxOptimizer", "learning_rate", value, NON_NEGATIVE)
        self._injected["learning_rate"] = float(value)

    def _no_learning_rate(self) -> NoReturn:
        raise StateError(
            "This optax transformation keeps its learning rate to itself.",
            fix="wrap its factory: optax.inject_hyperparams(optax.adam)(learning_rate=0.001), "
            "or use pellucid.optimizers.",
        )

    @property
    def schedule(self) -> None:
        return None

    def current_learning_rate(self, step: int) -> float:
        if "learning_rate" not in self._injected:
            self._no_learning_rate()
        return self._injected["learning_rate"]

    def hyper(self) -> dict[str, float]:
        return dict(self._injected)

    def structure(self) -> tuple[Any, ...]:
        return (type(self), self.tx, tuple(self._injected))

    def transformation(self, hyper: Mapping[str, Any]) -> optax.GradientTransformation:
        return self.tx

    def update(
        self, grads: Any, opt_state: dict[str, Any], params: Any, hyper: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        slots = opt_state["slots"]
        if hyper:
            numbers = {
                name: jax.numpy.asarray(hyper.get(name, old)).astype(jax.numpy.result_type(old))
                for name, old in slots.hyperparams.items()
            }
            slots = slots._replace(hyperparams=numbers)
        updates, slots = self.tx.update(grads, slots, params)
        return updates, {"step": opt_state["step"] + 1, "slots": slots}

    def exclude_from_weight_decay(self, var_list: Any = None, var_names: Any = None) -> None:
        raise ConfigError(
            "An optax transformation decays the weights that it was made to decay.",
            fix="give optax's `mask` argument, for example optax.adamw(1e-3, mask=...).",
        )

    def get_config(self) -> dict[str, Any]:
        raise ConfigError(
            "An optax transformation is made of functions and cannot be saved.",
            got=f"OptaxOptimizer(name={self.name!r})",
            fix="save the weights, and compile the loaded model with the same transformation; or "
            "use an optimiser from pellucid.optimizers.",
        )

    def __repr__(self) -> str:
        return f"OptaxOptimizer({self.name!r})"


def _injected_numbers(tx: optax.GradientTransformation) -> dict[str, float]:
    """The plain numbers that the outermost `inject_hyperparams` exposes; none without one."""
    try:
        state: Any = tx.init({})
    except Exception:  # a transformation that needs real weights to start is not an injection
        return {}
    if not hasattr(state, "hyperparams"):
        return {}
    scheduled = getattr(state, "hyperparams_states", {})
    return {
        name: float(value)
        for name, value in state.hyperparams.items()
        if name not in scheduled and np.ndim(value) == 0 and value is not None
    }
