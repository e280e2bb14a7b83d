"""Dynamic loss scaling: the scale that small gradients need in float16, found while training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .._core.errors import ConfigError
from .._core.registry import did_you_mean
from .._core.specs import argument_defaults, argument_names, family
from .base import Optimizer
from .limits import POSITIVE
from .memory import StateVariable
from .settings import Settings
from .transforms import scalar_beside


class _Inner:
    """The inner optimiser as a part of files by itself; what is read is the outer one's copy."""

    def __init__(self, outer: LossScaleOptimizer):
        self._outer = outer

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        for number, variable in enumerate(self._outer._inner_in_files()):
            store[str(number)] = np.asarray(variable)

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        pass


@family("optimizer").register("LossScaleOptimizer", "lossscaleoptimizer", "loss_scale_optimizer")
class LossScaleOptimizer(Optimizer):
    """Another optimiser, for a loss multiplied by a scale that adapts.

    A step whose gradients are not all finite is skipped and halves the scale; after
    `dynamic_growth_steps` good steps in a row the scale doubles. Clipping, weight decay, averages
    and accumulation are the inner optimiser's.

    Args:
        inner_optimizer: the optimiser that moves the weights. Its own `loss_scale_factor` becomes
            None.
        initial_scale: the scale to start from; a high one is found out in a few steps.
        dynamic_growth_steps: good steps until the scale doubles.
        name: a label.
        older: what older configurations hold: ``dynamic=True``, and settings of the inner
            optimiser at their defaults.

    Raises:
        ConfigError: something else than an optimiser, numbers out of range.

    Micikevicius et al., "Mixed Precision Training", 2018, https://arxiv.org/abs/1710.03740

    >>> from pellucid.optimizers import SGD
    >>> optimizer = LossScaleOptimizer(SGD(0.1), initial_scale=8.0)
    >>> weights = {"w": jnp.array([1.0])}
    >>> state = optimizer.init(weights)
    >>> gradients = {"w": jnp.array([8.0])}  # of 8 times the loss
    >>> updates, _ = optimizer.update(gradients, state, weights, optimizer.hyper())
    >>> round(float(updates["w"][0]), 6)
    -0.1
    """

    limits = {"initial_scale": POSITIVE}
    keeps_rest = True

    def __init__(
        self,
        inner_optimizer: Any,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **older: Any,
    ):
        _check_older(older)
        if not isinstance(inner_optimizer, Optimizer) or isinstance(inner_optimizer, type(self)):
            raise ConfigError(
                "LossScaleOptimizer wraps an optimiser.",
                got=repr(inner_optimizer),
                fix="LossScaleOptimizer(optimizers.Adam(1e-3)).",
            )
        steps = dynamic_growth_steps
        if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
            raise ConfigError(
                "LossScaleOptimizer: dynamic_growth_steps is a whole number of steps.",
                got=repr(steps),
                fix="dynamic_growth_steps=2000, or leave it out.",
            )
        inner_optimizer.loss_scale_factor = None
        self.inner_optimizer = inner_optimizer
        self.initial_scale = initial_scale
        self.dynamic_growth_steps = dynamic_growth_steps
        self.name = self.usual_name() if name is None else name
        self._undecayed = ((), ())
        self.iterations = 0
        inner_optimizer._counted_by(self)

    # --- the inner optimiser's settings

    @property
    def learning_rate(self) -> Any:
        """The inner optimiser's learning rate."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    @property
    def schedule(self) -> Any:
        return self.inner_optimizer.schedule

    def current_learning_rate(self, step: int) -> float:
        return self.inner_optimizer.current_learning_rate(step)

    def exclude_from_weight_decay(self, var_list: Any = None, var_names: Any = None) -> None:
        self.inner_optimizer.exclude_from_weight_decay(var_list, var_names)

    def settle(self, variables: Mapping[str, Any]) -> None:
        self.inner_optimizer.settle(variables)

    @property
    def rated(self) -> list[Optimizer]:
        return self.inner_optimizer.rated

    def hyper(self) -> dict[str, float]:
        numbers = self.inner_optimizer.hyper()
        numbers.pop("loss_scale_factor", None)
        return numbers

    def structure(self) -> tuple[Any, ...]:
        own = (self.initial_scale, self.dynamic_growth_steps)
        return (type(self), *own, self.inner_optimizer.structure())

    def _stored(self, name: str) -> Any:
        return getattr(self, name)

    # --- files

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Write every variable into `store`, in Keras's order: the inner optimiser's come last."""
        for number, variable in enumerate(self._own_in_files() + self._inner_in_files()):
            store[str(number)] = np.asarray(variable)

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Take every variable from a store that `save_own_variables` filled."""
        for number, variable in enumerate(self._own_in_files() + self._inner_in_files()):
            if isinstance(variable, StateVariable):
                variable.assign(np.asarray(store[str(number)]))

    def saved_variables(self) -> list[Any]:
        """As many values as files hold."""
        return self._own_in_files() + self._inner_in_files()

    def saved_before_training(self) -> int:
        return 2 + super().saved_before_training()

    def saved_attributes(self) -> Iterator[tuple[str, Any]]:
        """Keras's files hold the inner optimiser a second time."""
        yield "inner_optimizer", _Inner(self)

    def _own_in_files(self) -> list[Any]:
        iteration, *rest = self.variables
        own = {variable.name: variable for variable in rest}
        unused_rate = np.float32(0)
        return [iteration, unused_rate, *(own[n] for n in ("good_steps", "scale") if n in own)]

    def _inner_in_files(self) -> list[Any]:
        iteration, *rest = self.variables
        inner = [v for v in rest if v.name not in ("good_steps", "scale", "step")]
        return [next((v for v in rest if v.name == "step"), iteration), *inner]

    # --- the update

    def init(self, params: Any) -> dict[str, Any]:
        slots = {
            "scale": scalar_beside(params, np.float32(self.initial_scale)),
            "good_steps": scalar_beside(params, np.int32(0)),
            "inner": self.inner_optimizer.init(params),
        }
        return {"step": scalar_beside(params, np.int32(0)), "slots": slots}

    def update(
        self, grads: Any, opt_state: dict[str, Any], params: Any, hyper: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        slots = opt_state["slots"]
        scale, good, inner = slots["scale"], slots["good_steps"], slots["inner"]
        finite = jnp.array(True)
        for gradient in jax.tree.leaves(grads):
            finite &= jnp.all(jnp.isfinite(gradient))
        true_grads = jax.tree.map(lambda g: (g / scale).astype(g.dtype), grads)
        updates, moved = self.inner_optimizer.update(true_grads, inner, params, hyper)
        updates = jax.tree.map(lambda u: jnp.where(finite, u, 0).astype(u.dtype), updates)
        inner = jax.tree.map(lambda new, old: jnp.where(finite, new, old), moved, inner)
        grows = finite & (good == self.dynamic_growth_steps - 1)
        factor = jnp.where(grows, 2.0, jnp.where(finite, 1.0, 0.5))
        slots = {
            "scale": (scale * factor).astype(scale.dtype),
            "good_steps": jnp.where(finite & ~grows, good + 1, 0),
            "inner": inner,
        }
        return updates, {"step": opt_state["step"] + 1, "slots": slots}

    def scale_loss(
        self, loss: Any, opt_state: Any = None, hyper: Mapping[str, Any] | None = None
    ) -> Any:
        if opt_state is None:
            memory = self.memory
            scale = self.initial_scale if memory is None else memory.state["slots"]["scale"]
            return jax.tree.map(lambda part: part * scale, loss)
        return loss * opt_state["slots"]["scale"]

    def averages(self, opt_state: Any) -> Any:
        return self.inner_optimizer.averages(opt_state["slots"]["inner"])


def scaled(optimizer: Any, present: Any = None) -> Any:
    """`optimizer` for a loss that is scaled.

    Args:
        optimizer: None and one that scales already stay as they are.
        present: a wrapped one from before, which is kept where it wraps the same optimiser.

    >>> from pellucid.optimizers import SGD
    >>> wrapped = scaled(SGD())
    >>> type(wrapped).__name__, scaled(wrapped.inner_optimizer, wrapped) is wrapped
    ('LossScaleOptimizer', True)
    """
    if optimizer is None or isinstance(optimizer, LossScaleOptimizer):
        return optimizer
    if isinstance(present, LossScaleOptimizer) and present.inner_optimizer is optimizer:
        return present
    return LossScaleOptimizer(optimizer)


_OLDER = {"dynamic": True, **argument_defaults(Settings)}


def _check_older(older: Mapping[str, Any]) -> None:
    """Refuse settings that belong to the inner optimiser, unless they say nothing."""
    for name, value in older.items():
        if name not in _OLDER or name == "name":
            raise ConfigError(
                f"LossScaleOptimizer has no argument {name!r}.",
                got=f"{name}={value!r}",
                fix=did_you_mean(name, argument_names(LossScaleOptimizer)),
            )
        if value != _OLDER[name]:
            raise ConfigError(
                f"LossScaleOptimizer takes no {name!r}: the inner optimiser has it.",
                got=f"{name}={value!r}",
                fix="to keep the scale fixed give the inner optimiser a loss_scale_factor."
                if name == "dynamic"
                else f"LossScaleOptimizer(Adam({name}={value!r})).",
            )
